#include "runtime/ports/spill_port.hpp"

#include "runtime/formats/spill_format.hpp"

#include "caf/send.hpp"
#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

namespace {

void store(const spill_port_setup& setup, const spill_store& x) {
  uint64_t lines = 0;
  for (const auto& each : x.content)
    lines += each.count;
  const auto text = write_spill(setup.owner, x.content);
  if (auto outcome = setup.file->write(text); !outcome)
    setup.log->warn("what could not be delivered is lost: " + setup.file->path()
                        + ' ' + outcome.error().detail,
                    {{"lost_lines", lines}});
  else
    setup.log->info("kept what could not be delivered for the sandbox's next "
                    "process",
                    {{"spilled_lines", lines}, {"file", setup.file->path()}});
}

spill_found find(const spill_port_setup& setup, uint64_t id) {
  spill_found found;
  found.id = id;
  auto text = setup.file->take();
  if (!text) {
    found.problem = text.error().detail;
    return found;
  }
  if (text.value().empty())
    return found;
  auto read = read_spill(setup.owner, text.value());
  found.content = std::move(read.content);
  found.ignored_bytes = read.ignored_bytes;
  found.problem = std::move(read.problem);
  return found;
}

} // namespace

spill_actor::behavior_type
spill_port(traced_port_pointer<spill_actor, spill_port_state> self,
           spill_port_setup setup) {
  return {
      [=](const spill_store& x) { store(setup, x); },
      [=](const spill_wanted& x) {
        self->send(caf::actor_cast<spill_sink>(self->current_sender()),
                   find(setup, x.id));
      },
  };
}

} // namespace apm
