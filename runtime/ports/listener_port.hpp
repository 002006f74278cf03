// The answering side of both listeners as actors. Requests enter the other way,
// as messages that the listeners send to the COORDINATOR.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/loop/http_server.hpp"
#include "runtime/recording/traced.hpp"

namespace apm {

struct agent_listener_port_state {
  static inline const char* name = "agent_listener";
};

struct telemetry_listener_port_state {
  static inline const char* name = "telemetry_listener";
};

/// @param server outlives the actor
listener_actor::behavior_type agent_listener_port(
    traced_port_pointer<listener_actor, agent_listener_port_state> self,
    http_server* server);

/// @param server outlives the actor
listener_actor::behavior_type telemetry_listener_port(
    traced_port_pointer<listener_actor, telemetry_listener_port_state> self,
    http_server* server);

} // namespace apm
