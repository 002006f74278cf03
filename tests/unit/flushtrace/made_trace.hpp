// Traces made record by record, as the real recorder writes them, for tests of
// the rules: an event is told in a few words, and what is not told did not
// happen.
//
//   made_trace x;
//   x.begin(1, 3000);
//   x.agent_data(4);
//   x.agent_signal();
//   …
//   const auto found = x.analyse();
#pragma once

#include "messages/type_ids.hpp"
#include "runtime/recording/actor_recorder.hpp"
#include "tests/unit/runtime/trace/support.hpp"
#include "tools/flushtrace/analysis/analysis.hpp"

#include <string>
#include <vector>

#include "caf/mailbox_element.hpp"

namespace flushtrace::test {

/// How a POST ends.
struct made_answer {
  int64_t after_ms = 1;
  uint16_t status = 202;
  apm::http_failure failure = apm::http_failure::none;
  uint32_t accepted = 0; ///< lines
  bool is_reused = false;
  int64_t tls_us = 0;
  bool is_delivered = true; ///< the COORDINATOR hears of it
};

class made_trace {
public:
  using reference = apm::trace::actor_reference;

  explicit made_trace(size_t slots = 4096);
  made_trace(const made_trace&) = delete; // the recorder points into it
  made_trace& operator=(const made_trace&) = delete;

  void set(const std::string& variable, const std::string& value);
  void fact(const std::string& name_and_value);

  void wait_ms(int64_t ms) { time_.now_ns += ms * 1'000'000; }
  int64_t now_ns() const noexcept { return time_.now_ns; }

  // -- an event's course --

  /// Its children are born, and TIMER is set to its margin.
  /// @param timer_before_ms before the deadline
  void begin(uint64_t event, int64_t deadline_ms,
             int64_t timer_before_ms = 200);
  void begin_shutdown(uint64_t event, const std::string& reason);
  /// Lines of the agent. @returns the record
  uint64_t agent_data(uint32_t lines, bool is_flushed = false,
                      const std::string& request_id = {});
  /// A signal of the agent's, up to the `done`.
  void agent_signal() { agent_data(0, true); }
  void intake_open(uint32_t bodies);
  /// A delivery of one record of the platform, with its result.
  /// @param made_ms_ago when the platform made it
  void platform(const std::string& type, const std::string& request_id,
                int64_t made_ms_ago = 5);
  /// The same, up to where it waits for a LOG PROCESSOR. @returns its id
  uint64_t platform_waits(const std::string& type,
                          const std::string& request_id,
                          int64_t made_ms_ago = 5);
  /// A delivery that comes to so many lines. @returns its id
  uint64_t telemetry(uint16_t status = 200, uint64_t lost_records = 0);
  void telemetry_work(uint64_t id);
  void telemetry_result(uint64_t id, uint32_t lines);
  /// The `done` and the note that it has won.
  void win(apm::end_signal signal, uint64_t named_event = 0);
  /// The same in two steps: the `done`, which lies in a mailbox, and the note.
  uint64_t send_done(apm::end_signal signal, uint64_t named_event = 0);
  void win_by(uint64_t done, apm::end_signal signal);
  /// @param budget_ms 0: until the deadline
  /// @param lease of what is under way; 0: nothing
  void flush_begin(uint64_t lines, bool is_breaker_open = false,
                   int64_t budget_ms = 0, uint64_t lease = 0);
  /// @returns its lease
  uint64_t post(uint32_t lines);
  void answer(uint64_t lease, const made_answer& x);
  void cancel(uint64_t lease);
  void flush_end(uint64_t lines, flush_end_why why);
  /// A whole flush: nothing is held.
  void flush_nothing();
  /// A POST until the flush is out of time.
  void post_in_vain(uint32_t lines, int64_t ms);
  void drop(uint64_t reason, uint64_t lines);
  void refuse(uint16_t status, uint64_t bytes);
  /// The event's books.
  /// @param unknown lines of which the books do not tell
  void end(uint64_t received, uint64_t accepted, uint64_t dropped = 0,
           uint64_t outcomes = 0, uint64_t unknown = 0);
  void ask_next();
  void ask_child_to_end(child_role which);
  void child_exits(child_role which, uint64_t code);
  void breaker(bool is_open);
  /// Reads the clocks; the wall clock was set by so much.
  void anchor(int64_t wall_step_ms);
  /// A message of the COORDINATOR's lies for so long before it is handled.
  void stall(int64_t ms);
  void process_ends();

  apm::trace::recorder& recorder() noexcept { return recorder_; }
  std::string request_id(uint64_t event) const;

  /// From `first` on, in sequences.
  process_trace read(uint64_t first = 0) const;
  process_analysis analyse() const { return flushtrace::analyse(read()); }

private:
  template <class T>
  uint64_t send(reference to, T message, bool is_outside = false) {
    const auto element = caf::make_mailbox_element(
        nullptr, caf::make_message_id(), {}, std::move(message));
    if (!is_outside)
      return actors_.enqueued(to, *element);
    const apm::trace::turn_scope none{&recorder_, {}, 0, false};
    return actors_.enqueued(to, *element);
  }

  uint64_t handle(reference who, uint64_t message);
  reference child(child_role which) const noexcept;

  apm::trace::test::ring_memory memory_;
  apm::trace::test::scripted_clock time_;
  apm::trace::recorder recorder_;
  apm::actor_recorder actors_;
  reference coordinator_;
  reference poller_;
  reference http_;
  reference timers_;
  reference agent_listener_;
  reference telemetry_listener_;
  reference forwarder_;
  reference processor_;
  reference timer_;
  uint8_t coordinator_role_ = 0;
  uint64_t event_ = 0;
  int64_t deadline_ns_ = 0;
  uint64_t last_lease_ = 0;
  uint64_t last_delivery_ = 0;
  uint64_t last_next_ = 0;
  uint64_t work_record_ = 0;
  uint64_t all_received_ = 0;
  uint64_t all_accepted_ = 0;
  uint64_t all_dropped_ = 0;
  int64_t wall_step_ns_ = 0;
  bool has_begun_ = false;
};

/// An event of an agent that signals, up to its flush.
void run_until_flush(made_trace& x, uint64_t event, uint32_t lines = 4);

/// One of which nothing is missed.
void run_clean(made_trace& x, uint64_t event);

/// One of 1 s without a signal: its flush begins at the margin and is cut
/// short.
void run_until_margin(made_trace& x, uint64_t event);

// Bits of `apm::flush_outcome`.
constexpr uint64_t lost = 1;
constexpr uint64_t delayed = 2;
constexpr uint64_t at_risk = 4;
constexpr uint64_t is_rejected = 8;
constexpr uint64_t is_unaccounted = 16;

/// The id of the cause that comes first in an event; `-` where there is none.
std::string cause_of(const process_analysis& of, uint64_t event);

} // namespace flushtrace::test
