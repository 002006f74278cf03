// APM FORWARDER: ships batches of the outbox to the APM Server, one at a time,
// and reports what became of each. It owns nothing: ended at any moment, the
// outbox still holds what it was carrying.
#pragma once

#include "actors/ports.hpp"
#include "runtime/delivery/flush_policy.hpp"
#include "runtime/formats/compression.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace apm {

/// Where and how to ship.
struct apm_forwarder_setup {
  invocation_coordinator_actor coordinator;
  std::string server_url; ///< without trailing slash
  std::string user_agent; ///< ours; the agent's is added
  flush_limits limits;
  /// No request outlasts it; under `background` there is none.
  std::optional<steady_time> deadline;
  gzip_compressor* compressor = nullptr; ///< outlives all actors
};

struct apm_forwarder_state {
  static inline const char* name = "apm_forwarder";
  uint64_t open_lease = 0; ///< 0: none
  uint32_t open_lines = 0;
  bool is_draining = false;
};

apm_forwarder_actor::behavior_type
apm_forwarder(traced_pointer<apm_forwarder_actor, apm_forwarder_state> self,
              ports world, apm_forwarder_setup setup);

} // namespace apm
