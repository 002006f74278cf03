#include "tests/support/raw_trace.hpp"

#include <memory>

namespace apm::test {

namespace {

/// More than a record of any test has.
constexpr size_t payload_bytes_max = 4096;

} // namespace

raw_trace::raw_trace() : buffer_(payload_bytes_max, '\0') {
  made_.process.process_id = 7;
  // 2026-11-22T12:00:00Z, 1 s after its machine began
  made_.process.start = {1'000'000'000, 1'795'348'800'000'000'000,
                         1'000'000'000};
}

void raw_trace::setting(std::string_view text) {
  made_.dictionary.push_back(
      {trace::entry_kind::configuration, 0, 0, std::string{text}});
}

void raw_trace::fact(std::string_view text) {
  made_.dictionary.push_back(
      {trace::entry_kind::fact, 0, 0, std::string{text}});
}

trace::actor_reference raw_trace::role(std::string_view name) {
  if (name.empty())
    return {};
  const auto [at, is_new] = roles_.emplace(
      std::string{name}, static_cast<uint8_t>(roles_.size() + 1));
  if (is_new)
    made_.dictionary.push_back(
        {trace::entry_kind::role, at->second, 0, std::string{name}});
  return trace::actor_reference::make(at->second, 1);
}

uint64_t raw_trace::born(std::string_view role_name) {
  return raw(static_cast<uint8_t>(trace::record_kind::born), role_name, {});
}

uint64_t raw_trace::turn(std::string_view role_name, uint64_t cause) {
  return raw(static_cast<uint8_t>(trace::record_kind::handled), role_name, {},
             cause);
}

uint64_t raw_trace::raw(uint8_t kind, std::string_view role_name,
                        std::string_view payload, uint64_t cause) {
  return add(kind, role(role_name), cause, payload);
}

trace::trace raw_trace::take() {
  auto text = std::make_shared<std::string>();
  size_t bytes = 0;
  for (const auto& x : payloads_)
    bytes += x.size();
  text->reserve(bytes); // views into it stay
  for (size_t i = 0; i < payloads_.size(); ++i) {
    const auto begin = text->size();
    text->append(payloads_[i]);
    made_.records[i].payload =
        std::string_view{*text}.substr(begin, payloads_[i].size());
  }
  made_.storage = std::move(text);
  return made_;
}

trace::actor_reference raw_trace::actor_of(uint64_t sequence) const {
  return sequence == 0 || sequence > made_.records.size()
             ? trace::actor_reference{}
             : made_.records[sequence - 1].actor;
}

uint32_t raw_trace::type_number(std::string_view type) {
  const auto [at, is_new] = types_.emplace(
      std::string{type}, static_cast<uint32_t>(types_.size() + 1));
  if (is_new)
    made_.dictionary.push_back(
        {trace::entry_kind::message_type, at->second, 0, std::string{type}});
  return at->second;
}

uint64_t raw_trace::add(uint8_t kind, trace::actor_reference actor,
                        uint64_t cause, std::string_view payload) {
  trace::record x;
  x.sequence = made_.records.size() + 1;
  x.time_ns = now_ns_;
  x.cause = cause;
  x.actor = actor;
  x.kind = kind;
  made_.records.push_back(x);
  payloads_.emplace_back(payload);
  return x.sequence;
}

} // namespace apm::test
