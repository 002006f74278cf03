// Reading values; see parameter_values.hpp.
#include "tools/flushtrace/whatif/parameter_values.hpp"

#include "runtime/config/value_readers.hpp"
#include "runtime/formats/duration.hpp"

#include <charconv>

namespace flushtrace::parameter_values {

namespace {

using apm::errc;
using apm::error;
using std::chrono::milliseconds;

const auto done = boost::outcome_v2::success();

/// What a factor may be at most: more means another world.
constexpr double factor_max = 1e6;

apm::result<double> read_factor(std::string_view text) {
  double x = 0;
  const auto* end = text.data() + text.size();
  const auto [at, failure] = std::from_chars(text.data(), end, x);
  if (failure != std::errc{} || at != end || !(x > 0) || x > factor_max)
    return error{errc::bad_value, "is no factor above 0"};
  return x;
}

apm::result<int64_t> read_ns(std::string_view text) {
  const auto read = apm::parse_go_duration(text);
  // No setting is longer either.
  if (!read || read.value() > apm::duration_max)
    return error{errc::bad_value, "is no duration such as 1.5s, up to a day"};
  return int64_t{read.value().count()};
}

apm::result<uint64_t> read_number(std::string_view text, uint64_t most) {
  uint64_t x = 0;
  const auto* end = text.data() + text.size();
  const auto [at, failure] = std::from_chars(text.data(), end, x);
  if (failure != std::errc{} || at != end || x > most)
    return error{errc::bad_value,
                 "is no whole number up to " + std::to_string(most)};
  return x;
}

apm::result<stated_answer> read_answer(std::string_view text) {
  if (text == "hang")
    return stated_answer{0, apm::http_failure::timeout};
  if (text == "refused")
    return stated_answer{0, apm::http_failure::connect};
  if (text == "closed")
    return stated_answer{0, apm::http_failure::closed};
  constexpr uint64_t least = 200;
  constexpr uint64_t most = 599;
  const auto status = read_number(text, most);
  if (!status || status.value() < least)
    return error{errc::bad_value,
                 '\'' + std::string{text} + "' is no status of an answer"};
  return stated_answer{static_cast<uint16_t>(status.value()),
                       apm::http_failure::none};
}

/// Calls `take` with each part between commas. @returns its first error
template <class F>
apm::result<void> for_each_part(std::string_view text, F take) {
  while (true) {
    const auto comma = text.find(',');
    auto taken = take(text.substr(0, comma));
    if (!taken || comma == std::string_view::npos)
      return taken;
    text.remove_prefix(comma + 1);
  }
}

} // namespace

apm::result<void> read_change(time_change& to, std::string_view text) {
  time_change x;
  if (!text.empty() && text.front() == 'x') {
    const auto factor = read_factor(text.substr(1));
    if (!factor)
      return factor.error();
    x.factor = factor.value();
  } else {
    const bool is_more = !text.empty() && text.front() == '+';
    const auto ns = read_ns(text.substr(is_more ? 1 : 0));
    if (!ns)
      return ns.error();
    if (is_more)
      x.added_ns = ns.value();
    else
      x.fixed_ns = ns.value();
  }
  to = x;
  return done;
}

apm::shipping_policy& shipping_of(alteration& to) {
  if (!to.shipping)
    to.shipping.emplace();
  return *to.shipping;
}

apm::result<void> set_time(std::chrono::milliseconds& to,
                           std::string_view text) {
  const auto ns = read_ns(text);
  if (!ns)
    return ns.error();
  to = std::chrono::duration_cast<milliseconds>(
      std::chrono::nanoseconds{ns.value()});
  return done;
}

apm::result<void> set_retries(alteration& to, std::string_view text) {
  constexpr uint64_t most = 10; // each pause is twice the one before
  const auto x = read_number(text, most);
  if (!x)
    return x.error();
  shipping_of(to).shutdown_retries = static_cast<uint32_t>(x.value());
  return done;
}

apm::result<void> set_ship_bytes(alteration& to, std::string_view text) {
  constexpr uint64_t most = 1024 * 1024 * 1024; // the buffer's bound
  const auto x = read_number(text, most);
  if (!x)
    return x.error();
  shipping_of(to).ship_bytes = x.value();
  return done;
}

apm::result<void> set_breaker(alteration& to, std::string_view text) {
  if (text != "on" && text != "off")
    return error{errc::bad_value, "is neither"};
  shipping_of(to).has_breaker = text == "on";
  return done;
}

apm::result<void> set_latency(alteration& to, std::string_view text) {
  if (text != "drawn")
    return read_change(to.server_latency, text);
  to.draws_server_latency = true;
  return done;
}

apm::result<void> set_seed(alteration& to, std::string_view text) {
  const auto x = read_number(text, UINT64_MAX);
  if (!x)
    return x.error();
  to.seed = x.value();
  return done;
}

apm::result<void> set_status(alteration& to, std::string_view text) {
  std::vector<stated_answer> answers;
  auto read = for_each_part(text, [&](auto part) -> apm::result<void> {
    const auto x = read_answer(part);
    if (!x)
      return x.error();
    answers.push_back(x.value());
    return done;
  });
  if (read)
    to.server_answers = std::move(answers);
  return read;
}

apm::result<void> set_signals(alteration& to, std::string_view text) {
  signal_set x{false, false, false};
  auto read = for_each_part(text, [&](auto part) -> apm::result<void> {
    if (part == "agent")
      x.agent_flushed = true;
    else if (part == "runtime")
      x.runtime_done = true;
    else if (part == "deadline")
      x.deadline = true;
    else if (part != "none")
      return error{errc::bad_value,
                   '\'' + std::string{part} + "' is no signal"};
    return done;
  });
  if (read)
    to.signals = x;
  return read;
}

apm::result<void> set_agent_delay(alteration& to, std::string_view text) {
  const auto ns = read_ns(text);
  if (!ns)
    return ns.error();
  to.agent_delay_ns = ns.value();
  return done;
}

apm::result<void> set_buffering(alteration& to, std::string_view text) {
  const auto ns = read_ns(text);
  if (!ns)
    return ns.error();
  to.telemetry_buffering_ns = ns.value();
  return done;
}

apm::result<void> set_cpu(alteration& to, std::string_view text) {
  const bool has_sign = !text.empty() && text.front() == 'x';
  const auto x = read_factor(text.substr(has_sign ? 1 : 0));
  if (!x)
    return x.error();
  to.cpu_share = x.value();
  return done;
}

} // namespace flushtrace::parameter_values
