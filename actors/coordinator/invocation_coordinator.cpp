#include "actors/coordinator/invocation_coordinator.hpp"

#include "actors/guard.hpp"

namespace apm {

invocation_coordinator_actor::behavior_type
invocation_coordinator(coordinator_state::self_pointer self, ports world,
                       coordinator_setup setup) {
  guard(self, world.log);
  auto& state = self->state;
  state.start(std::move(world), std::move(setup));
  self->set_exit_handler([&state, self](caf::exit_msg& end) {
    if (!state.on_child_ended(end.source.id()))
      self->quit(std::move(end.reason)); // not a child: we are to end
  });
  return {
    [&state](const registered& x) { state.on_registered(x); },
    [&state](lambda_event& x) { state.on_event(std::move(x)); },
    [&state](agent_intake& x) { state.on_intake(std::move(x)); },
    [&state](const agent_relay& x) { state.on_relay(x); },
    [&state](const input_refused& x) { state.on_refused(x); },
    [&state](telemetry_batch& x) { state.on_telemetry(std::move(x)); },
    [&state](const telemetry_result& x) { state.on_telemetry_result(x); },
    [&state](const delivery& x) { state.on_delivery(x); },
    [&state](const done& x) { state.on_done(x); },
    [&state](const timer_fired& x) { state.on_timer(x.id); },
    [&state](const http_response& x) { state.on_relay_answer(x); },
  };
}

} // namespace apm
