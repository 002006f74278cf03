#include "actors/timer.hpp"

#include "actors/guard.hpp"

namespace apm {

timer_actor::behavior_type timer(traced_pointer<timer_actor, timer_state> self,
                                 ports world,
                                 invocation_coordinator_actor coordinator,
                                 uint64_t sequence, steady_time due) {
  guard(self, world.log);
  self->set_exit_handler([=](caf::exit_msg& end) {
    self->send(world.timers, timer_cancel{sequence});
    self->quit(std::move(end.reason));
  });
  self->send(world.timers, timer_set{sequence, due});
  return {
      [=](const timer_fired&) {
        self->send(coordinator, done{end_signal::deadline, sequence});
      },
  };
}

} // namespace apm
