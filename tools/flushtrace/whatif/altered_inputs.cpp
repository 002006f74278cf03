// Altering what messages say; see altered_inputs.hpp.
#include "tools/flushtrace/whatif/altered_inputs.hpp"

#include "messages/agent.hpp"
#include "messages/telemetry.hpp"
#include "runtime/formats/rfc3339.hpp"
#include "tools/flushtrace/whatif/record_fields.hpp"

#include <algorithm>
#include <charconv>

namespace flushtrace {

namespace {

constexpr int64_t us_per_ms = 1'000;

template <class T>
T* content_of(caf::message& x) {
  return x.match_elements<T>() ? static_cast<T*>(x.get_mutable(0)) : nullptr;
}

void move_time(std::string& time,
               const std::function<int64_t(int64_t)>& later) {
  const auto us = apm::parse_rfc3339_us(time);
  const auto later_us = us ? later(us.value()) : 0;
  if (later_us != 0)
    time = apm::format_rfc3339_ms((us.value() + later_us + us_per_ms / 2)
                                  / us_per_ms);
}

} // namespace

altered_inputs::altered_inputs(recorded_inputs& recorded,
                               const recorded_run& run, const alteration& how,
                               const apm::settings& config)
    : recorded_(recorded),
      how_(how),
      lacks_telemetry_(config.disables_logs_api),
      lacks_function_logs_(run.setup.config.captures_logs
                           && !config.captures_logs) {}

bool altered_inputs::is_unwanted(std::string_view record_type) const {
  return lacks_telemetry_ || (lacks_function_logs_ && record_type == "function")
         || (!how_.signals.runtime_done
             && record_type == "platform.runtimeDone")
         || (!how_.has_platform_drops && record_type == "platform.logsDropped");
}

bool altered_inputs::is_altered(const record& x) {
  if (how_.signals.is_all() && !lacks_function_logs_ && !lacks_telemetry_
      && how_.has_platform_drops)
    return false;
  auto message = recorded_.make(x);
  if (!message)
    return false;
  if (const auto* intake = content_of<apm::agent_intake>(message.value()))
    return intake->is_flushed && !how_.signals.agent_flushed;
  const auto* batch = content_of<apm::telemetry_batch>(message.value());
  return batch != nullptr
         && std::any_of(
             batch->records.begin(), batch->records.end(),
             [&](const auto& each) { return is_unwanted(each.type); });
}

apm::result<caf::message>
altered_inputs::make(const record& x,
                     const std::function<int64_t(int64_t)>& later) {
  auto message = recorded_.make(x);
  if (!message)
    return message;
  if (auto* intake = content_of<apm::agent_intake>(message.value());
      intake != nullptr && !how_.signals.agent_flushed)
    intake->is_flushed = false;
  auto* batch = content_of<apm::telemetry_batch>(message.value());
  if (batch == nullptr)
    return message;
  auto& records = batch->records;
  records.erase(
      std::remove_if(records.begin(), records.end(),
                     [&](const auto& each) { return is_unwanted(each.type); }),
      records.end());
  if (records.empty())
    return caf::message{};
  for (auto& each : records)
    move_time(each.time, later);
  return message;
}

apm::result<apm::http_response> altered_inputs::answer(const record& x,
                                                       uint64_t id) {
  auto message = recorded_.make(x);
  if (!message)
    return message.error();
  auto* recorded = content_of<apm::http_response>(message.value());
  if (recorded == nullptr)
    return apm::error{apm::errc::bad_shape, "is no answer"};
  auto made = *recorded;
  made.id = id;
  return made;
}

void move_deadline(apm::http_response& x, int64_t later_ms) {
  constexpr std::string_view name = "\"deadlineMs\":";
  std::string text{x.body.view()};
  const auto at = text.find(name);
  if (at == std::string::npos || later_ms == 0)
    return;
  const auto begin = at + name.size();
  int64_t deadline = 0;
  const auto read =
      std::from_chars(text.data() + begin, text.data() + text.size(), deadline);
  if (deadline > wall_max_us / us_per_ms)
    return; // of a damaged trace
  const auto digits = static_cast<size_t>(read.ptr - text.data()) - begin;
  text.replace(begin, digits, std::to_string(deadline + later_ms));
  x.body = apm::bytes{std::move(text)};
}

} // namespace flushtrace
