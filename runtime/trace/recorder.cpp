#include "runtime/trace/recorder.hpp"

namespace apm::trace {

recorder::recorder(const recorder_setup& setup)
    : ring_(setup.memory, setup.bytes, setup.process_id, setup.read_clocks()),
      read_clocks_(setup.read_clocks),
      time_(setup.time),
      key_(setup.hash_key),
      mode_(setup.payload),
      // Not initialised: pages that are never used take no memory.
      buffer_(new char[ring_.payload_bytes_max()]) {}

uint8_t recorder::role(std::string_view name, uint8_t parent) {
  for (size_t i = 0; i < roles_; ++i)
    if (role_table_[i].parent == parent && role_table_[i].name == name)
      return static_cast<uint8_t>(i + 1);
  if (roles_ == roles_max)
    return 0;
  const auto number = static_cast<uint8_t>(roles_ + 1);
  role_table_[roles_++] = {name, parent};
  ring_.define(entry_kind::role, number, parent, name);
  return number;
}

void recorder::define_kind(record_kind kind) {
  ring_.define(entry_kind::record_schema, static_cast<uint32_t>(kind), 0,
               schema_of(kind));
}

void recorder::anchor() {
  const auto now = read_clocks_();
  note(this, record_kind::clock_anchor, now.monotonic, now.real, now.boot);
}

void recorder::event_ended(uint64_t event) noexcept {
  marks_[event % marks_max] = {event, ring_.next_sequence()};
}

uint64_t recorder::begin_of(uint64_t event) const noexcept {
  if (event == 0)
    return 1;
  const auto& before = marks_[(event - 1) % marks_max];
  return before.event == event - 1 ? before.end : 1;
}

} // namespace apm::trace
