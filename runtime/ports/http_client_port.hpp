// HTTP CLIENT: the loop's HTTP client as an actor. Requests for the APM Server
// get their credentials here, on their way out.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/credentials/credential_store.hpp"
#include "runtime/loop/http_client.hpp"
#include "runtime/recording/traced.hpp"

#include <map>
#include <utility>

namespace apm {

struct http_client_port_state {
  http_client_port_state() = default;
  http_client_port_state(const http_client_port_state&) = delete;
  http_client_port_state& operator=(const http_client_port_state&) = delete;

  /// A request that outlived the actor would look for it here.
  ~http_client_port_state();

  static inline const char* name = "http_client";
  http_client* client = nullptr;
  /// Requests under way, by who asked and its id for the request.
  std::map<std::pair<caf::actor_id, uint64_t>, http_client::ticket> open;
};

/// @param client outlives the actor, as do the
/// @param credentials
http_client_actor::behavior_type http_client_port(
    traced_port_pointer<http_client_actor, http_client_port_state> self,
    http_client* client, const credential_store* credentials);

} // namespace apm
