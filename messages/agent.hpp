// What the AGENT LISTENER hands to the INVOCATION COORDINATOR. Bodies arrive
// here whole, decompressed and looked through; an unsound one is refused by the
// listener and only counted.
#pragma once

#include "messages/bytes.hpp"
#include "messages/http.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace apm {

/// A transaction line that went past, and the invocation it names.
struct transaction_seen {
  std::string id;
  std::string request_id; ///< `faas.execution`, empty where it has none
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, transaction_seen& x) {
  return f(caf::meta::type_name("transaction_seen"), x.id, x.request_id);
}

/// A sound body of `POST /intake/v2/events`. Empty but for `is_flushed` where
/// the agent only says that it has sent all it has.
struct agent_intake {
  uint64_t id = 0; ///< answered, though nobody waits where it was cut off
  bool is_flushed = false;
  std::string user_agent;
  bytes metadata; ///< the metadata line, without newline
  bytes events;   ///< the lines after it, each ended by a newline
  uint32_t lines = 0;
  std::vector<transaction_seen> transactions;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, agent_intake& x) {
  return f(caf::meta::type_name("agent_intake"), x.id, x.is_flushed,
           x.user_agent, x.metadata, x.events, x.lines, x.transactions);
}

/// `POST /register/transaction`: what is to be sent for an invocation whose
/// agent does not come to send its transaction itself.
/// *Source:* elastic/apm, `specs/agents/tracing-instrumentation-aws-lambda.md`.
struct transaction_registered {
  uint64_t id = 0;
  std::string request_id;
  std::string transaction_id;
  std::string user_agent;
  bytes metadata; ///< without newline; empty where the body has none
  bytes line;     ///< without newline
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f,
                                        transaction_registered& x) {
  return f(caf::meta::type_name("transaction_registered"), x.id, x.request_id,
           x.transaction_id, x.user_agent, x.metadata, x.line);
}

/// How many intake bodies have begun to come in and are not whole yet.
struct intake_open {
  uint32_t bodies = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, intake_open& x) {
  return f(caf::meta::type_name("intake_open"), x.bodies);
}

/// A request that is meant for the APM Server itself.
struct agent_relay {
  uint64_t id = 0;
  std::string method;
  std::string target; ///< path and query
  std::vector<http_header> headers;
  bytes body;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, agent_relay& x) {
  return f(caf::meta::type_name("agent_relay"), x.id, x.method, x.target,
           x.headers, x.body);
}

/// A request that a listener refused. Nothing of it is held.
struct input_refused {
  std::string listener; ///< "agent" or "telemetry"
  uint16_t status = 0;
  std::string reason;
  uint64_t body_bytes = 0; ///< as received, compressed or not
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, input_refused& x) {
  return f(caf::meta::type_name("input_refused"), x.listener, x.status,
           x.reason, x.body_bytes);
}

} // namespace apm
