#include "actors/coordinator/invocation_coordinator.hpp"

#include "actors/guard.hpp"

namespace apm {

invocation_coordinator_actor::behavior_type
invocation_coordinator(coordinator_state::self_pointer self, ports world,
                       coordinator_setup setup) {
  guard(self, world.log);
  auto& state = self->state;
  state.start(std::move(world), std::move(setup));
  // A link carries our end to the children, and a child's failure to us; but
  // one that we end by its link unlinks first, so that only a monitor tells
  // when it is gone.
  self->set_down_handler([&state](caf::down_msg& gone) {
    state.on_child_ended(gone.source.id());
  });
  self->set_exit_handler([self](caf::exit_msg& end) {
    if (!end.source) // no child: we are to end
      self->quit(std::move(end.reason));
  });
  return {
      [&state](const registered& x) { state.on_registered(x); },
      [&state](lambda_event& x) { state.on_event(std::move(x)); },
      [&state](agent_intake& x) { state.on_intake(std::move(x)); },
      [&state](transaction_registered& x) {
        state.on_registration(std::move(x));
      },
      [&state](const intake_open& x) { state.on_intake_open(x.bodies); },
      [&state](const agent_relay& x) { state.on_relay(x); },
      [&state](const input_refused& x) { state.on_refused(x); },
      [&state](telemetry_batch& x) { state.on_telemetry(std::move(x)); },
      [&state](const telemetry_result& x) { state.on_telemetry_result(x); },
      [&state](const delivery& x) { state.on_delivery(x); },
      [&state](const credentials_ready& x) { state.on_credentials(x); },
      [&state](const spill_stored& x) { state.on_spill_stored(x); },
      [&state](spill_found& x) { state.on_spill(std::move(x)); },
      [&state](const done& x) { state.on_done(x); },
      [&state](const timer_fired& x) { state.on_timer(x.id); },
      [&state](const http_response& x) { state.on_relay_answer(x); },
  };
}

} // namespace apm
