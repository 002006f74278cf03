// Signals that were not what they were taken for.
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/analysis/rules.hpp"

#include <algorithm>

namespace flushtrace::rules {

namespace {

using apm::end_signal;

bool names(const intake_fact& x, const std::string& request_id) {
  return std::find(x.request_ids.begin(), x.request_ids.end(), request_id)
         != x.request_ids.end();
}

/// Whether the agent was at work in an event and had not signalled its end
/// when the next one began. A signal that is read before the event is known by
/// its `done` alone.
bool owes_signal(const event_facts& x) {
  const bool has_worked =
      std::any_of(x.intake.begin(), x.intake.end(),
                  [](const auto& each) { return each.lines > 0; });
  const bool has_signalled =
      std::any_of(x.intake.begin(), x.intake.end(),
                  [](const auto& each) { return each.is_flushed; })
      || is_won_by(x, end_signal::agent_flushed);
  return has_worked && !has_signalled && is_invoke(x);
}

/// Deliveries with a runtimeDone that a LOG PROCESSOR was given before the
/// winner.
struct done_records {
  uint64_t record = 0; ///< of the last delivery with one
  uint64_t count = 0;
  bool names_event = false;
  bool is_known = true; ///< the ids can be read
};

void look_for_done(const event_facts& in, const event_facts& event,
                   done_records& found) {
  for (const auto& each : in.telemetry) {
    // One that came in a freeze is worked on in the event after it.
    const auto given = each.work ? each.work.record : each.at.record;
    if (each.runtime_done_records == 0 || given < event.begin.record
        || given > event.winner->at.record)
      continue;
    found.record = each.at.record;
    found.count += each.runtime_done_records;
    found.is_known =
        found.is_known && each.runtime_done.size() == each.runtime_done_records;
  }
}

done_records done_before_winner(const rule_input& x) {
  done_records found;
  if (x.before != nullptr)
    look_for_done(*x.before, x.event, found);
  look_for_done(x.event, x.event, found);
  for (const auto& each : x.event.runtime_done)
    found.names_event =
        found.names_event || each.at.record < x.event.winner->at.record;
  return found;
}

} // namespace

found_cause stale_signal(const rule_input& x) {
  const auto& event = x.event;
  if (!event.winner)
    return std::nullopt;
  const auto& winner = *event.winner;
  if (winner.event != event.event)
    return found({winner.source, winner.at.record},
                 "the signal that ended this event names event "
                     + std::to_string(winner.event));
  if (winner.signal != end_signal::agent_flushed || x.before == nullptr
      || !is_invoke(event) || !owes_signal(*x.before))
    return std::nullopt;
  const auto has_own = [&](const event_facts& in) {
    return std::any_of(in.intake.begin(), in.intake.end(),
                       [&](const auto& each) {
                         return each.at.record <= winner.at.record
                                && names(each, event.request_id);
                       });
  };
  const bool is_own = has_own(event) || has_own(*x.before);
  if (is_own)
    return std::nullopt;
  return found({x.before->winner ? x.before->winner->at.record : 0,
                winner.source, winner.at.record},
               "event " + std::to_string(x.before->event)
                   + " ended without its agent's signal; this one came "
                   + in_words(winner.at.ns - event.begin.ns)
                   + " into the next, before any of its transactions");
}

found_cause false_done(const rule_input& x) {
  const auto& event = x.event;
  if (!is_invoke(event) || !event.begin
      || !is_won_by(event, end_signal::runtime_done))
    return std::nullopt;
  const auto done = done_before_winner(x);
  if (done.count > 0 && event.winner->is_told)
    return std::nullopt;
  uint64_t ended = 0;
  for (const auto& child : event.children)
    if (child.exited && child.exited.record < event.winner->at.record
        && (child.category != 0 || child.code != 0))
      ended = child.exited.record;
  return found({event.begin.record, ended, event.winner->source,
                event.winner->at.record},
               "the event was ended as by platform.runtimeDone "
                   + in_words(event.winner->at.ns - event.begin.ns)
                   + " after its begin, and no such record had come"
                   + (ended != 0 ? ": a child had failed" : ""));
}

found_cause wrong_invocation_done(const rule_input& x) {
  const auto& event = x.event;
  if (!is_invoke(event) || !event.begin || event.request_id.empty()
      || !is_won_by(event, end_signal::runtime_done))
    return std::nullopt;
  const auto done = done_before_winner(x);
  if (done.count == 0 || done.names_event || !done.is_known
      || !event.winner->is_told)
    return std::nullopt;
  return found({event.begin.record, done.record, event.winner->at.record},
               "the platform.runtimeDone that ended this event is another "
               "request's");
}

} // namespace flushtrace::rules
