#include "runtime/ports/http_client_port.hpp"

#include "caf/send.hpp"
#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

http_client_port_state::~http_client_port_state() {
  for (const auto& [key, ticket] : open)
    client->cancel(ticket);
}

http_client_actor::behavior_type http_client_port(
    traced_port_pointer<http_client_actor, http_client_port_state> self,
    http_client* client, const credential_store* credentials) {
  self->state.client = client;
  auto* open = &self->state.open;
  return {
      [=](http_request& request) {
        if (request.with_credentials)
          authorize(request.headers, credentials->authorization());
        const auto& sender = self->current_sender();
        const std::pair key{sender->id(), request.id};
        auto sink = caf::actor_cast<http_response_sink>(sender);
        (*open)[key] = client->start(request, [=](http_response answer) {
          open->erase(key);
          caf::anon_send(sink, std::move(answer));
        });
      },
      [=](const http_cancel& which) {
        if (auto node = open->extract({self->current_sender()->id(), which.id}))
          client->cancel(node.mapped());
      },
      [=](const sandbox_restored&) { client->close_idle(); },
  };
}

} // namespace apm
