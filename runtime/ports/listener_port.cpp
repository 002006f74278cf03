#include "runtime/ports/listener_port.hpp"

#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

listener_actor::behavior_type
listener_port(traced_port_pointer<listener_actor, listener_port_state>,
              http_server* server) {
  return {
      [=](const listener_answer& x) {
        server->answer(x.id, x.status, x.headers, x.body);
      },
  };
}

} // namespace apm
