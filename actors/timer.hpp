// TIMER: says when the flush deadline of its event is reached. Ending it takes
// the alarm back.
#pragma once

#include "actors/ports.hpp"

namespace apm {

struct timer_state {
  static inline const char* name = "timer";
};

/// Spawns nothing, sends one *done* at `due`.
timer_actor::behavior_type timer(traced_pointer<timer_actor, timer_state> self,
                                 ports world,
                                 invocation_coordinator_actor coordinator,
                                 uint64_t sequence, steady_time due);

} // namespace apm
