#include "runtime/ports/timers_port.hpp"

#include "caf/send.hpp"
#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

timers_port_state::~timers_port_state() {
  for (const auto& [key, timer] : armed)
    queue->cancel(timer);
}

timers_actor::behavior_type
timers_port(traced_port_pointer<timers_actor, timers_port_state> self,
            timer_queue* queue) {
  self->state.queue = queue;
  auto* armed = &self->state.armed;
  const auto disarm = [=](std::pair<caf::actor_id, uint64_t> key) {
    if (auto node = armed->extract(key))
      queue->cancel(node.mapped());
  };
  return {
      [=](const timer_set& wanted) {
        const auto& sender = self->current_sender();
        const std::pair key{sender->id(), wanted.id};
        disarm(key);
        auto sink = caf::actor_cast<timer_sink>(sender);
        (*armed)[key] = queue->set(wanted.due, [=] {
          armed->erase(key);
          caf::anon_send(sink, timer_fired{key.second});
        });
      },
      [=](const timer_cancel& which) {
        disarm({self->current_sender()->id(), which.id});
      },
  };
}

} // namespace apm
