// What a trace shows of each event: signals, POSTs, what came in and what was
// dropped, each with the record that shows it. Rules judge by this alone.
//
//   const auto facts = read_facts(process);
//   for (const auto& event : facts.events)
//     … event.posts, event.winner …
#pragma once

#include "runtime/config/settings.hpp"
#include "runtime/delivery/ledger.hpp"
#include "tools/flushtrace/analysis/message_facts.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <optional>
#include <string>
#include <vector>

namespace flushtrace {

/// How long a message lay in a mailbox.
struct wait_fact {
  moment enqueued;
  moment handled;

  int64_t ns() const noexcept { return handled ? handled.ns - enqueued.ns : 0; }
};

/// What is held in memory. *Units:* lines, bytes.
struct level_fact {
  moment at;
  uint64_t lines = 0;
  uint64_t bytes = 0;
  uint64_t bytes_max = 0;
  uint64_t inbox_bytes = 0;
};

struct flush_begin_fact {
  moment at;
  uint64_t lines = 0;
  uint64_t bytes = 0;
  uint64_t lease = 0;
  bool is_breaker_open = false;
  moment breaker_opened; ///< when it was open: in an earlier event, perhaps
  int64_t budget_ns = 0;
};

/// As FORMAT.md numbers them.
enum class flush_end_why : uint8_t {
  nothing_left,
  server_fails,
  out_of_time,
  put_off,
  overtaken,
};

struct flush_end_fact {
  moment at;
  uint64_t lines = 0;
  uint64_t bytes = 0;
  flush_end_why why = flush_end_why::nothing_left;
  moment credentials_wanted; ///< while they were on their way
};

/// *Units:* intake lines.
struct ledger_fact {
  moment at;
  uint64_t received = 0;
  uint64_t accepted = 0;
  std::vector<uint64_t> dropped; ///< by reason
  uint64_t held = 0;
  uint64_t all_received = 0;
  uint64_t all_accepted = 0;
  uint64_t all_dropped = 0;
  uint64_t all_held = 0;
  uint64_t platform_records = 0;
  uint64_t platform_bytes = 0;

  uint64_t dropped_total() const noexcept;
};

struct verdict_fact {
  moment at;
  uint64_t outcomes = 0;
  uint64_t lost = 0;
  uint64_t delayed = 0;
  uint64_t rejected = 0;
};

/// Slots that are missing between two records of an event.
struct hole_fact {
  uint64_t first = 0; ///< sequence
  uint64_t slots = 0;
};

/// One event, with what came until the next began.
struct event_facts {
  uint64_t event = 0; ///< 0: before the first
  apm::event_kind kind = apm::event_kind::invoke;
  std::string request_id;
  std::string reason; ///< of SHUTDOWN
  moment begin;
  int64_t deadline_ns = 0;
  int64_t received_wall_ms = 0;
  int64_t deadline_wall_ms = 0;
  moment ended;      ///< `event_done`
  moment next_asked; ///< `event/next`: from here on a freeze may come
  moment thawed;     ///< its answer
  moment last;       ///< the last record before the next event

  std::optional<signal_fact> winner;
  int64_t slack_ns = 0;
  std::vector<signal_fact> signals; ///< the winner among them
  flush_begin_fact flush_begin;
  flush_end_fact flush_end;
  ledger_fact ledger;
  verdict_fact verdict;

  std::vector<post_fact> posts;
  std::vector<intake_fact> intake;
  std::vector<telemetry_fact> telemetry;
  std::vector<platform_fact> runtime_done; ///< of this request
  std::vector<platform_fact> reports;      ///< likewise
  std::vector<moment> starts;              ///< `platform.start`, likewise
  std::vector<platform_fact> late_logs;    ///< function's records, likewise
  std::vector<drop_fact> drops;
  std::vector<refusal_fact> refusals;
  std::vector<child_fact> children;
  std::vector<timer_fact> timers;
  std::vector<breaker_fact> breaker;
  std::vector<hole_fact> holes;
  std::vector<open_fact> intake_open;
  level_fact peak;        ///< most bytes
  wait_fact longest_wait; ///< until the event was given back
  wait_fact lost_wait;    ///< a message that nobody has handled
  uint64_t spilled_lines = 0;
  uint64_t found_lines = 0; ///< back from the disk
  moment killed_before;     ///< word of a process that was killed
  uint64_t killed_lines = 0;

  bool is_over() const noexcept { return static_cast<bool>(ledger.at); }

  /// Whether a moment is behind what the ledger knows.
  bool is_after_end(const moment& x) const noexcept {
    return ledger.at && x.record > ledger.at.record;
  }
};

/// Whether the clocks ran alike between two anchors. *Units:* ns.
struct clock_step_fact {
  moment at;
  int64_t step_ns = 0; ///< of the wall clock against the others
  uint64_t before = 0; ///< record of the anchor before
};

/// Everything that rules know of one process.
struct trace_facts {
  std::vector<event_facts> events; ///< ascending; 0 is there where it is known
  apm::settings settings;
  apm::telemetry_api telemetry = apm::telemetry_api::none;
  bool is_registration_known = false;
  std::vector<clock_step_fact> clock_steps;
  bool is_ended = false;    ///< in good order
  bool reaches_end = true;  ///< of the process: it is not cut before
  bool is_idling = false;   ///< without an APM Server, lines are dropped
  bool is_salvaged = false; ///< by the process after it
  uint64_t first_record = 0;
  moment last;
};

/// One pass over a trace's records.
trace_facts read_facts(const process_trace& from);

} // namespace flushtrace
