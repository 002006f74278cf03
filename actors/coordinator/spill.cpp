// What outlives the COORDINATOR's process: lines that could not be delivered,
// kept by SPILL for the sandbox's next process; and what an earlier process has
// left: its lines, or word of what was lost with it.
#include "actors/coordinator/coordinator_state.hpp"
#include "actors/guard.hpp"

namespace apm {

void coordinator_state::on_spill(spill_found x) {
  uint64_t lines = 0;
  for (auto& each : x.content) {
    lines += each.count;
    hold({std::move(each.metadata), std::move(each.user_agent)},
         {event_.sequence, static_cast<line_value>(each.value),
          std::move(each.lines), each.count});
  }
  if (lines > 0)
    world_.log->info("an earlier process of this sandbox has left lines",
                     {{"found_lines", lines}});
  if (!x.problem.empty())
    world_.log->warn("ignored what an earlier process has left: " + x.problem,
                     {{"ignored_bytes", x.ignored_bytes}});
  tell_killed(x.lost);
  note_held();
  proceed();
}

/// Lines that were lost with an earlier process are entered as received and
/// dropped by this one, so that its account has them, and still balances. What
/// the earlier one had dropped before is told as its own.
void coordinator_state::tell_killed(const held_figures& lost) {
  is_loss_told_ = true;
  if (lost.lines == 0 && lost.deliveries == 0 && lost.dropped == 0)
    return;
  ledger_.receive(event_.sequence, lost.lines);
  ledger_.apply({{event_.sequence, false, drop_reason::killed, lost.lines}});
  world_.log->warn("an earlier process of this sandbox was killed, and what it "
                   "held is lost",
                   {{"lost_lines", lost.lines},
                    {"lost_bytes", lost.bytes},
                    {"lines_under_way", lost.lines_under_way},
                    {"lost_telemetry_deliveries", lost.deliveries},
                    {"dropped_lines", lost.dropped}});
}

void coordinator_state::spill() {
  if (world_.spill && outbox_.has_free_lines())
    self_->send(world_.spill, spill_store{outbox_.free_lines()});
}

void coordinator_state::note_held() {
  // Until then the figures of an earlier process stand there: they must outlive
  // us, should we be killed before we have told them.
  if (!world_.note_held || !is_loss_told_)
    return;
  held_figures held;
  held.lines = ledger_.total().outstanding();
  held.bytes = outbox_.held_bytes();
  held.lines_under_way = outbox_.leased_lines();
  held.deliveries = inbox_.size();
  const auto& dropped = ledger_.total().dropped;
  held.dropped = ledger_.total().dropped_total()
                 - dropped[static_cast<size_t>(drop_reason::killed)];
  world_.note_held(held);
}

} // namespace apm
