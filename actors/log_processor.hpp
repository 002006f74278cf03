// LOG PROCESSOR: turns telemetry records into intake lines and platform
// metrics, and says when the runtime is done with this event's request.
#pragma once

#include "actors/ports.hpp"

#include <string>

namespace apm {

/// What the event waits for.
struct log_processor_setup {
  invocation_coordinator_actor coordinator;
  uint64_t sequence = 0;
  event_kind kind = event_kind::invoke;
  /// invoke: the request whose `platform.runtimeDone` ends the event;
  /// shutdown: the one whose `platform.report` does, the last.
  std::string awaited_request_id;
};

struct log_processor_state {
  static inline const char* name = "log_processor";
};

log_processor_actor::behavior_type
log_processor(traced_pointer<log_processor_actor, log_processor_state> self,
              ports world, log_processor_setup setup);

} // namespace apm
