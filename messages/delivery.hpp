// What the COORDINATOR gives the APM FORWARDER to ship, and what became of it.
#pragma once

#include "messages/bytes.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace apm {

/// One request's worth of the outbox. The outbox keeps owning it until the
/// `delivery` is in.
struct batch {
  uint64_t lease = 0;
  std::string user_agent;
  bytes metadata;            ///< without newline
  std::vector<bytes> chunks; ///< lines, each ended by a newline
  uint32_t lines = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch& x) {
  return f(caf::meta::type_name("batch"), x.lease, x.user_agent, x.metadata,
           x.chunks, x.lines);
}

enum class delivery_outcome : uint8_t {
  settled,   ///< the server has judged every line
  not_taken, ///< lines after `accepted` were surely not taken: send again
  ambiguous, ///< no answer: nobody knows
};

/// What became of a batch.
struct delivery {
  uint64_t lease = 0;
  delivery_outcome outcome = delivery_outcome::settled;
  uint32_t accepted = 0; ///< lines, counted from the first
  /// The server (or the way to it) is unwell: later requests would fare alike.
  bool is_server_failing = false;
  /// The request as a whole was too long: send less at once.
  bool is_too_large = false;
  /// The lines that the server named as unsound, as they were sent; beside
  /// these, `accepted` counts.
  std::vector<std::string> refused_lines;
  int64_t retry_after_ms = 0; ///< how long the server wants to be left alone
  uint16_t status = 0;        ///< HTTP status, 0 where there was no answer
  std::string detail;         ///< one clause for people, empty on success
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, delivery& x) {
  return f(caf::meta::type_name("delivery"), x.lease, x.outcome, x.accepted,
           x.is_server_failing, x.is_too_large, x.refused_lines,
           x.retry_after_ms, x.status, x.detail);
}

/// The agent's signal belongs to the current event.
struct agent_signal {
  uint64_t sequence = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, agent_signal& x) {
  return f(caf::meta::type_name("agent_signal"), x.sequence);
}

/// The event is over under `background`: finish the request under way, if any,
/// and end.
struct drain {
  uint64_t sequence = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain& x) {
  return f(caf::meta::type_name("drain"), x.sequence);
}

} // namespace apm
