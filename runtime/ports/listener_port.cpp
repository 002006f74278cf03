#include "runtime/ports/listener_port.hpp"

#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

namespace {

listener_actor::behavior_type answer_through(http_server* server) {
  return {
      [=](const listener_answer& x) {
        server->answer(x.id, x.status, x.headers, x.body);
      },
  };
}

} // namespace

listener_actor::behavior_type agent_listener_port(
    traced_port_pointer<listener_actor, agent_listener_port_state>,
    http_server* server) {
  return answer_through(server);
}

listener_actor::behavior_type telemetry_listener_port(
    traced_port_pointer<listener_actor, telemetry_listener_port_state>,
    http_server* server) {
  return answer_through(server);
}

} // namespace apm
