// The answering side of both listeners as an actor. Requests enter the other
// way, as messages that the listeners send to the COORDINATOR.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/loop/http_server.hpp"
#include "runtime/recording/traced.hpp"

namespace apm {

struct listener_port_state {
  static inline const char* name = "listener";
};

/// @param server outlives the actor
listener_actor::behavior_type
listener_port(traced_port_pointer<listener_actor, listener_port_state> self,
              http_server* server);

} // namespace apm
