// Traces that no process wrote: record by record, sound or not, for tests of
// what reads them.
//
//   raw_trace trace;
//   const auto turn = trace.turn("coordinator");
//   trace.note(record_kind::winner, turn, uint64_t{1}, uint64_t{0}, slack);
//   const auto segment = write_segment(trace.take());
#pragma once

#include "runtime/trace/recorder.hpp"
#include "runtime/trace/trace_reader.hpp"
#include "runtime/trace/wire.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace apm::test {

class raw_trace {
public:
  raw_trace();

  /// The time of what follows. *Units:* ns, monotonic; it begins at 1 s, and
  /// so does the process.
  void now(int64_t ns) { now_ns_ = ns; }
  void pass(int64_t ns) { now_ns_ += ns; }
  int64_t now() const { return now_ns_; }

  void setting(std::string_view text);
  void fact(std::string_view text);

  /// The first actor of a role, which is made known. Empty: the world.
  trace::actor_reference role(std::string_view name);

  // Each returns the sequence of its record.

  uint64_t born(std::string_view role);

  /// A turn; without a cause, of a message that is not in the trace.
  uint64_t turn(std::string_view role, uint64_t cause = 0);

  /// A record of the turn's actor. *Shape:* fields as `trace::note` takes them.
  template <class... Fields>
  uint64_t note(trace::record_kind kind, uint64_t turn,
                const Fields&... fields) {
    auto payload = writer();
    (trace::detail::put_field(payload, fields), ...);
    return add(static_cast<uint8_t>(kind), actor_of(turn), turn,
               payload.written());
  }

  /// A message to the first actor of a role: `timer_set {ut}`, and its fields.
  template <class... Fields>
  uint64_t message(std::string_view to, uint64_t turn, std::string_view type,
                   const Fields&... fields) {
    auto payload = writer();
    payload.u(type_number(type));
    payload.u(turn == 0 ? trace::is_from_outside : 0);
    (trace::detail::put_field(payload, fields), ...);
    return add(static_cast<uint8_t>(trace::record_kind::enqueued), role(to),
               turn, payload.written());
  }

  /// Any record.
  uint64_t raw(uint8_t kind, std::string_view role, std::string_view payload,
               uint64_t cause = 0);

  trace::trace take();

private:
  trace::byte_writer writer() { return {buffer_.data(), buffer_.size()}; }
  trace::actor_reference actor_of(uint64_t sequence) const;
  uint32_t type_number(std::string_view type);
  uint64_t add(uint8_t kind, trace::actor_reference actor, uint64_t cause,
               std::string_view payload);

  trace::trace made_;
  std::vector<std::string> payloads_;
  std::string buffer_;
  std::map<std::string, uint8_t, std::less<>> roles_;
  std::map<std::string, uint32_t, std::less<>> types_;
  int64_t now_ns_ = 1'000'000'000;
};

} // namespace apm::test
