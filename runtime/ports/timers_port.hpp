// TIMERS: the loop's timer queue as an actor.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/loop/timer_queue.hpp"
#include "runtime/recording/traced.hpp"

#include <map>
#include <utility>

namespace apm {

struct timers_port_state {
  timers_port_state() = default;
  timers_port_state(const timers_port_state&) = delete;
  timers_port_state& operator=(const timers_port_state&) = delete;

  /// A timer that outlived the actor would look for it here.
  ~timers_port_state();

  static inline const char* name = "timers";
  timer_queue* queue = nullptr;
  /// Armed timers, by who asked and its id for the timer.
  std::map<std::pair<caf::actor_id, uint64_t>, timer_queue::timer_id> armed;
};

/// @param queue outlives the actor
timers_actor::behavior_type
timers_port(traced_port_pointer<timers_actor, timers_port_state> self,
            timer_queue* queue);

} // namespace apm
