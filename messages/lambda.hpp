// What the LIFECYCLE POLLER and the INVOCATION COORDINATOR tell each other, and
// how an event is declared over.
// Source: AWS Lambda developer guide, "Extensions API".
#pragma once

#include "messages/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "caf/meta/type_name.hpp"

namespace apm {

/// Which of Lambda's interfaces delivers logs and platform events to us.
enum class telemetry_api : uint8_t {
  none,      ///< refused, or switched off by the user
  logs,      ///< Logs API, 2020-08-15
  telemetry, ///< Telemetry API, 2022-07-01
};

/// Lambda knows the extension; the first event can come from now on.
struct registered {
  std::string function_name;
  std::string function_version;
  std::string handler;
  std::string account_id; ///< empty where Lambda does not say it
  telemetry_api telemetry = telemetry_api::none;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, registered& x) {
  return f(caf::meta::type_name("registered"), x.function_name,
           x.function_version, x.handler, x.account_id, x.telemetry);
}

enum class event_kind : uint8_t {
  invoke,
  shutdown,
  /// Under Managed Instances no event begins or ends: one of ours lasts from
  /// the registration to SHUTDOWN, and invocations run side by side in it.
  session,
};

/// One answer of `event/next`.
struct lambda_event {
  uint64_t sequence = 0; ///< 1 for the first event of the process
  event_kind kind = event_kind::invoke;
  std::string request_id;   ///< invoke only
  std::string function_arn; ///< invoke only
  std::string reason;       ///< shutdown only: spindown, timeout, failure
  wall_ms received_ms = 0;
  wall_ms deadline_ms = 0;
  steady_time deadline; ///< `deadline_ms` on the monotonic clock
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, lambda_event& x) {
  return f(caf::meta::type_name("lambda_event"), x.sequence, x.kind,
           x.request_id, x.function_arn, x.reason, x.received_ms, x.deadline_ms,
           x.deadline);
}

/// The COORDINATOR is through with an event: nothing it started for it is
/// still under way, unless the strategy is `background`.
struct event_done {
  uint64_t sequence = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, event_done& x) {
  return f(caf::meta::type_name("event_done"), x.sequence);
}

/// The process was asked to end from outside Lambda's protocol.
struct stop_requested {
  std::string reason; ///< the signal's name
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stop_requested& x) {
  return f(caf::meta::type_name("stop_requested"), x.reason);
}

/// The POLLER has nothing left to do: the process can end.
struct lifecycle_ended {
  int32_t exit_code = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, lifecycle_ended& x) {
  return f(caf::meta::type_name("lifecycle_ended"), x.exit_code);
}

/// The ways in which an event can be seen to be over.
enum class end_signal : uint8_t {
  agent_flushed, ///< the agent has sent all it has for this invocation
  runtime_done,  ///< `platform.runtimeDone` of this request (at SHUTDOWN: the
                 ///< last report)
  deadline,      ///< the flush margin before the deadline has begun
};

inline std::string_view to_string(end_signal signal) noexcept {
  switch (signal) {
  case end_signal::agent_flushed:
    return "agent_flushed";
  case end_signal::runtime_done:
    return "runtime_done";
  case end_signal::deadline:
    return "deadline";
  }
  return "unknown";
}

/// A child's word that its event is over. The first one counts.
struct done {
  end_signal signal = end_signal::deadline;
  uint64_t sequence = 0; ///< of the event that is over
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, done& x) {
  return f(caf::meta::type_name("done"), x.signal, x.sequence);
}

} // namespace apm
