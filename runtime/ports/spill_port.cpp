#include "runtime/ports/spill_port.hpp"

#include "runtime/formats/spill_format.hpp"

#include <algorithm>
#include <utility>

#include "caf/send.hpp"
#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {

namespace {

/// Of the room, what is not told: records have heads, and files whole blocks.
constexpr uint64_t reserve_share = 8;

uint64_t told_room(spill_folder& folder) {
  const auto room = folder.room_bytes();
  return room - room / reserve_share;
}

uint64_t lines_of(const std::vector<spilled_lines>& content) {
  uint64_t lines = 0;
  for (const auto& each : content)
    lines += each.count;
  return lines;
}

void tell_lost(const spill_port_setup& setup, uint64_t lines,
               const std::string& why) {
  setup.log->warn("what could not be delivered is lost: " + setup.folder->path()
                      + ' ' + why,
                  {{"lost_lines", lines}});
}

/// In one line for all files of SHUTDOWN: of lines that repeat each other the
/// log shows a few.
void tell_last(spill_port_state& state, const spill_port_setup& setup,
               const std::string& why) {
  if (state.kept_lines > 0)
    setup.log->info("kept what could not be delivered for the sandbox's next "
                    "process",
                    {{"spilled_lines", state.kept_lines},
                     {"folder", setup.folder->path()}});
  if (state.lost_lines == 0)
    return;
  tell_lost(setup, state.lost_lines, why);
  setup.held->told(state.lost_lines); // nobody else will count them
}

spill_stored store(spill_port_state& state, const spill_port_setup& setup,
                   const spill_store& x) {
  spill_stored answer{x.id, false, 0};
  if (const auto lines = lines_of(x.content); lines > 0) {
    const auto text = write_spill_parts(setup.owner, x.content);
    std::vector<std::string_view> parts;
    for (const auto& part : text)
      parts.push_back(part.view());
    const auto number = setup.folder->write(parts, lines, x.is_last);
    const auto why = number ? std::string{} : number.error().detail;
    answer.is_kept = number.has_value();
    if (x.is_last) {
      (number ? state.kept_lines : state.lost_lines) += lines;
      if (x.more == 0)
        tell_last(state, setup, why);
    } else if (number) {
      state.stores.emplace(number.value(), x.id);
      setup.log->debug(
          "memory is full: kept lines on the disk",
          {{"spilled_lines", lines}, {"folder", setup.folder->path()}});
    } else {
      tell_lost(setup, lines, why);
    }
  }
  answer.room_bytes = told_room(*setup.folder);
  return answer;
}

/// What an earlier process held and did not leave: it was killed, while it held
/// that, or while it or another one that held nothing yet was at a file. A
/// file's lines are held by its writer until it is there, and by its reader
/// once it is not: so whenever that happens, each line is counted once.
held_figures lost_of(held_figures held, uint64_t left_lines) {
  held.lines -= std::min(left_lines, held.lines);
  if (held.lines == 0)
    held.bytes = 0;
  held.lines_under_way = std::min(held.lines_under_way, held.lines);
  return held;
}

spill_found find(spill_port_state& state, const spill_port_setup& setup,
                 uint64_t id) {
  spill_found found;
  found.id = id;
  if (!std::exchange(state.has_begun, true))
    found.lost = lost_of(setup.held->open(), setup.folder->earlier_lines());
  if (auto taken = setup.folder->take_oldest()) {
    if (auto node = state.stores.extract(taken->number))
      found.store = node.mapped();
    found.problem = "it " + taken->problem;
    found.ignored_bytes = taken->bytes;
    if (taken->problem.empty()) {
      auto read = read_spill(setup.owner, taken->text);
      found.content = std::move(read.content);
      found.ignored_bytes = read.ignored_bytes;
      found.problem = std::move(read.problem);
    }
  }
  found.left = static_cast<uint32_t>(setup.folder->files());
  found.room_bytes = told_room(*setup.folder);
  found.earlier_lines = setup.folder->earlier_lines();
  return found;
}

} // namespace

spill_actor::behavior_type
spill_port(traced_port_pointer<spill_actor, spill_port_state> self,
           spill_port_setup setup) {
  const auto asker = [self] {
    return caf::actor_cast<spill_sink>(self->current_sender());
  };
  return {
      [=](const spill_store& x) {
        self->send(asker(), store(self->state, setup, x));
      },
      [=](const spill_wanted& x) {
        self->send(asker(), find(self->state, setup, x.id));
      },
  };
}

} // namespace apm
