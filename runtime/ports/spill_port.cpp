#include "runtime/ports/spill_port.hpp"

#include "runtime/formats/spill_format.hpp"

#include <algorithm>

#include "caf/send.hpp"
#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

namespace {

void store(const spill_port_setup& setup, const spill_store& x) {
  uint64_t lines = 0;
  for (const auto& each : x.content)
    lines += each.count;
  spill_parts parts{setup.owner, x.content};
  const auto next = [&parts] { return parts.next(); };
  if (auto outcome = setup.file->write(next); !outcome) {
    setup.log->warn("what could not be delivered is lost: " + setup.file->path()
                        + ' ' + outcome.error().detail,
                    {{"lost_lines", lines}});
    setup.held->keep({}); // it has been told
    return;
  }
  setup.log->info("kept what could not be delivered for the sandbox's next "
                  "process",
                  {{"spilled_lines", lines}, {"file", setup.file->path()}});
}

/// What an earlier process held and did not leave: it was killed, while it held
/// that, or while it or another one that held nothing yet was at the file.
held_figures lost_of(held_figures held,
                     const std::vector<spilled_lines>& found) {
  uint64_t lines = 0;
  uint64_t bytes = 0;
  for (const auto& each : found) {
    lines += each.count;
    bytes += each.lines.size();
  }
  held.lines -= std::min(lines, held.lines);
  held.bytes = held.lines == 0 ? 0 : held.bytes - std::min(bytes, held.bytes);
  held.lines_under_way = std::min(held.lines_under_way, held.lines);
  return held;
}

spill_found find(const spill_port_setup& setup, uint64_t id) {
  spill_found found;
  found.id = id;
  // Before the file is taken: who is killed after that holds what was in it.
  const auto held = setup.held->open();
  auto taken = setup.file->take();
  if (!taken) {
    found.problem = taken.error().detail;
  } else if (auto& left = taken.value(); left.size() > 0) {
    auto read = read_spill(setup.owner, left.size(),
                           [&left](size_t size) { return left.read(size); });
    found.content = std::move(read.content);
    found.ignored_bytes = read.ignored_bytes;
    found.problem = std::move(read.problem);
  }
  found.lost = lost_of(held, found.content);
  return found;
}

} // namespace

spill_actor::behavior_type
spill_port(spill_actor::stateful_pointer<spill_port_state> self,
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
