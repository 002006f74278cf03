#include "tools/flushtrace/analysis/outcome.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::flush_outcome;

constexpr auto spill_lost_reason =
    static_cast<uint64_t>(apm::drop_reason::spill_lost);
constexpr auto killed_reason = static_cast<uint64_t>(apm::drop_reason::killed);

void add(event_outcome& to, flush_outcome x) {
  to.bits = static_cast<uint8_t>(to.bits | static_cast<uint8_t>(x));
}

/// Lines that came in and of which no end is known.
uint64_t open_lines(const event_facts& x) {
  uint64_t received = 0;
  uint64_t accepted = 0;
  for (const auto& each : x.intake)
    received += each.lines;
  for (const auto& each : x.telemetry)
    received += each.lines;
  for (const auto& each : x.posts)
    accepted += each.accepted;
  return received > accepted ? received - accepted : 0;
}

/// The trace ends before the event does.
void judge_unfinished(const trace_facts& all, const event_facts& event,
                      bool is_last, event_outcome& to) {
  const bool is_cut = !is_last || !event.begin || !event.holes.empty();
  // Of missed events alone there are segments: had it been missed, the rest
  // would be there.
  const bool is_not_exported =
      event.begin && !is_last
      && all.settings.trace == apm::trace::export_mode::missed;
  if (is_not_exported) {
    to.is_unfinished = true;
    return;
  }
  if (is_cut) {
    // Before the first event there is nothing to decide; behind a hole there
    // is.
    to.is_undecidable = event.event != 0 || !event.holes.empty();
    return;
  }
  to.is_unfinished = true;
  if (all.is_ended || !all.reaches_end)
    return;
  to.delayed = std::max(open_lines(event), event.peak.lines);
  add(to, flush_outcome::at_risk);
}

/// What came, or was dropped, beside the extension's account.
void judge_beside_account(const event_facts& event, event_outcome& to) {
  for (const auto& x : event.telemetry) {
    to.platform_records += x.lost_records;
    if (x.is_given_up)
      to.forgotten_records += x.records;
  }
  for (const auto& x : event.refusals)
    if (x.is_agent)
      to.refused_bytes += x.bytes;
  for (const auto& x : event.drops)
    if (x.reason == killed_reason || x.reason == spill_lost_reason)
      to.earlier_lines += x.lines;
  if (to.platform_records + to.refused_bytes + to.earlier_lines
          + to.forgotten_records
      > 0)
    add(to, flush_outcome::lost);
  to.lost += to.earlier_lines;
}

/// Under `background` what is held waits for the next event, which may never
/// come.
void judge_end_of_trace(const trace_facts& all, const event_facts& event,
                        event_outcome& to) {
  const bool is_waiting = all.reaches_end
                          && event.kind == apm::event_kind::invoke
                          && event.ledger.all_held > 0 && !all.is_ended
                          && event.next_asked && !event.thawed;
  if (!is_waiting)
    return;
  to.delayed = std::max(to.delayed, event.ledger.all_held);
  add(to, flush_outcome::at_risk);
}

} // namespace

bool is_late(const intake_fact& x, const event_facts& event,
             const event_facts* after) {
  if (!event.is_after_end(x.at) || x.lines == 0)
    return false;
  // What the next event's agent sends may be read before its INVOKE.
  if (event.thawed && x.at.record > event.thawed.record)
    return false;
  return after == nullptr || after->request_id.empty()
         || std::find(x.request_ids.begin(), x.request_ids.end(),
                      after->request_id)
                == x.request_ids.end();
}

event_outcome judge_outcome(const trace_facts& all, const event_facts& event,
                            const event_facts* after) {
  event_outcome to;
  if (event.verdict.at) {
    to.bits = static_cast<uint8_t>(event.verdict.outcomes);
    to.lost = event.verdict.lost;
    to.delayed = event.verdict.delayed;
    to.rejected = event.verdict.rejected;
  }
  const auto& books = event.ledger;
  if (books.at) {
    if (books.all_received
        != books.all_accepted + books.all_dropped + books.all_held)
      add(to, flush_outcome::unaccounted);
    if (after == nullptr)
      judge_end_of_trace(all, event, to);
  } else {
    judge_unfinished(all, event, after == nullptr, to);
  }
  judge_beside_account(event, to);
  for (const auto& x : event.intake)
    if (!all.is_idling && is_late(x, event, after))
      to.late += x.lines;
  // Under `background` the next event is where it was to go anyway.
  const bool is_put_off =
      after != nullptr
      && all.settings.strategy == apm::send_strategy::background;
  if (to.late > 0 && !is_put_off) {
    to.delayed += to.late;
    add(to, after != nullptr ? flush_outcome::delayed : flush_outcome::at_risk);
  }
  return to;
}

std::string describe(const event_outcome& x) {
  if (x.bits == 0 && x.is_undecidable)
    return "undecidable";
  if (x.bits == 0 && x.is_unfinished)
    return "unfinished";
  return apm::describe_outcomes(x.bits);
}

} // namespace flushtrace
