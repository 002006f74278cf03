// What single messages and actors of a trace come to: signals, POSTs, bodies,
// deliveries, children, timers. event_facts.hpp has them by event.
#pragma once

#include "messages/http.hpp"
#include "messages/lambda.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace flushtrace {

/// A record and its time. *Units:* ns, monotonic.
struct moment {
  uint64_t record = 0; ///< sequence; 0: it is not in the trace
  int64_t ns = 0;

  explicit operator bool() const noexcept { return record != 0; }
};

/// A `done` that reached the COORDINATOR, or what would have led to one.
struct signal_fact {
  moment at;
  moment sent; ///< its `done`: what comes behind that is handled behind it
  apm::end_signal signal = apm::end_signal::deadline;
  uint64_t event = 0;  ///< the one that it names
  uint64_t source = 0; ///< record of what came from outside, or of a timer
  bool is_told = true; ///< by a `done`, and not concluded from something else
};

enum class post_end : uint8_t {
  open,      ///< no end is in the trace
  answered,  ///< with a status
  failed,    ///< see `failure`
  cancelled, ///< by ourselves
};

/// One POST to the APM Server's intake. *Units:* µs for the phases.
struct post_fact {
  moment begin;
  moment end;
  uint64_t lease = 0;
  uint64_t actor = 0; ///< the FORWARDER's reference
  uint64_t lines = 0;
  uint64_t bytes = 0; ///< compressed
  int64_t timeout_ms = 0;
  post_end how = post_end::open;
  uint16_t status = 0;
  apm::http_failure failure = apm::http_failure::none;
  bool may_have_arrived = false;
  int64_t retry_after_ms = 0;
  uint64_t phases_record = 0; ///< of its `post`; 0: there is none
  bool is_reused = false;
  int64_t name_us = 0;
  int64_t connect_us = 0;
  int64_t tls_us = 0;
  int64_t first_byte_us = 0;
  int64_t total_us = 0;
  moment delivery;
  uint64_t accepted = 0; ///< lines, as the FORWARDER judged
  bool is_server_failing = false;
  bool is_over_freeze = false;      ///< open when the next event was asked for
  bool has_waited_for_thaw = false; ///< the first one after a freeze

  bool has_failed() const noexcept {
    return how == post_end::failed || status / 100 > 2;
  }

  /// How long it took; of one without an end, until `now_ns`.
  int64_t duration_ns(int64_t now_ns) const noexcept {
    return (end ? end.ns : now_ns) - begin.ns;
  }
};

/// A body of the agent.
struct intake_fact {
  moment at;
  bool is_flushed = false;
  uint64_t lines = 0;
  uint64_t bytes = 0;
  std::vector<std::string> request_ids; ///< that its transactions name
};

/// A delivery of the platform.
struct telemetry_fact {
  moment at;
  uint64_t id = 0;
  uint64_t records = 0;
  uint64_t bytes = 0;
  uint16_t status = 0; ///< as it was answered; 0: not in the trace
  uint64_t answer = 0; ///< record
  moment work;         ///< given to a LOG PROCESSOR
  uint64_t worker = 0; ///< its reference
  bool is_work_handled = false;
  moment result;
  /// It was given to a LOG PROCESSOR, without a result, and others after it.
  bool is_given_up = false;
  uint64_t lines = 0;
  uint64_t lost_records = 0; ///< by the platform
  uint64_t lost_bytes = 0;
  uint64_t unusable_records = 0;
  uint64_t runtime_done_records = 0;
  std::vector<std::string> runtime_done; ///< request ids, as far as known
};

/// How many bodies of the agent were on their way in.
struct open_fact {
  moment at;
  uint64_t bodies = 0;
};

/// What the platform says of an event's invocation.
struct platform_fact {
  moment at;               ///< when it came
  int64_t happened_us = 0; ///< Unix epoch, as the platform says
  uint64_t event = 0;      ///< during or after which it came
  std::string status;
};

struct drop_fact {
  moment at;
  uint64_t event = 0; ///< in which the lines came
  uint64_t reason = 0;
  uint64_t lines = 0;
};

struct refusal_fact {
  moment at;
  bool is_agent = false;
  uint16_t status = 0;
  uint64_t bytes = 0;
};

enum class child_role : uint8_t { forwarder, processor, timer };

struct child_fact {
  child_role role = child_role::forwarder;
  uint64_t actor = 0;
  moment born;
  moment asked_to_end; ///< the first `exit`
  moment exited;
  uint64_t category = 0;
  uint64_t code = 0;
  /// What lay in its mailbox when it ended.
  std::vector<uint64_t> unread;
  bool had_batch_unread = false;
  bool had_telemetry_unread = false;
};

/// Who set a timer.
struct timer_fact {
  uint64_t actor = 0;
  bool is_of_timer = false; ///< the actor TIMER's
  bool is_of_flush = false; ///< the COORDINATOR's, which ends a flush
  uint64_t id = 0;
  moment set;
  int64_t due_ns = 0;
  moment fired;
};

struct breaker_fact {
  moment at;
  bool is_open = false;
  int64_t probe_at_ns = 0;
};

} // namespace flushtrace
