// What Lambda and the machine did, and what the trace itself lacks.
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/analysis/rules.hpp"

#include <algorithm>

namespace flushtrace::rules {

namespace {

/// A turn takes well under a millisecond; a body of megabytes that is packed on
/// a small share of a core takes some tens.
constexpr int64_t starved_ns_min = 100'000'000;

} // namespace

found_cause platform_dropped(const rule_input& x) {
  rule_finding finding;
  uint64_t records = 0;
  uint64_t bytes = 0;
  for (const auto& each : x.event.telemetry) {
    if (each.lost_records == 0)
      continue;
    records += each.lost_records;
    bytes += each.lost_bytes;
    finding.evidence.push_back(each.at.record);
    finding.evidence.push_back(each.result.record);
  }
  if (finding.evidence.empty())
    return std::nullopt;
  finding.detail = "platform.logsDropped: " + counted(records, "record") + ", "
                   + counted(bytes, "byte");
  return finding;
}

found_cause report_next_invoke(const rule_input& x) {
  if (x.outcome.is_missed() || x.outcome.is_undecidable)
    return std::nullopt; // it is nobody's reason
  for (const auto& each : x.event.reports)
    if (each.event != x.event.event || x.event.is_after_end(each.at))
      return found({x.event.ledger.at.record, each.at.record},
                   "platform.report came "
                       + in_words(each.at.ns - x.event.begin.ns)
                       + " after the invocation's begin, when it was over");
  return std::nullopt;
}

found_cause cpu_starved(const rule_input& x) {
  const auto& wait = x.event.longest_wait;
  const timer_fact* late = nullptr;
  for (const auto& each : x.event.timers)
    if (each.fired && each.fired.ns - each.due_ns >= starved_ns_min
        && (!x.event.next_asked
            || each.fired.record < x.event.next_asked.record))
      late = &each;
  if (late == nullptr && wait.ns() < starved_ns_min)
    return std::nullopt;
  const bool is_timer =
      late != nullptr && late->fired.ns - late->due_ns > wait.ns();
  auto finding =
      is_timer
          ? found({late->set.record, late->fired.record},
                  "a timer went off " + in_words(late->fired.ns - late->due_ns)
                      + " after it was due: the process did not get to run")
          : found({wait.enqueued.record, wait.handled.record},
                  "a message lay in its mailbox for " + in_words(wait.ns())
                      + " while nothing else was handled");
  // What the server refuses it would have refused earlier, too.
  const auto* refused = find_post(x.event, [](const post_fact& each) {
    return each.has_failed() && each.failure != apm::http_failure::timeout;
  });
  if (refused != nullptr)
    finding.weight = 40;
  return finding;
}

found_cause clock_step(const rule_input& x) {
  // An anchor is read when an event is over: a step within the event before
  // shows behind it.
  const auto first =
      x.before != nullptr ? x.before->begin.record : x.event.begin.record;
  for (const auto& step : x.all.clock_steps) {
    const bool is_within =
        step.at.record > first && step.at.record <= x.event.last.record;
    if (!is_within || !x.event.begin)
      continue;
    return found({step.before, step.at.record},
                 std::string{"the wall clock was set "}
                     + (step.step_ns > 0 ? "forward by " : "back by ")
                     + in_words(step.step_ns > 0 ? step.step_ns : -step.step_ns)
                     + " between two anchors: deadlines are wall times");
  }
  return std::nullopt;
}

found_cause unaccounted(const rule_input& x) {
  const auto& books = x.event.ledger;
  if (!x.outcome.has(apm::flush_outcome::unaccounted))
    return std::nullopt;
  const auto known = books.all_accepted + books.all_dropped + books.all_held;
  return found({books.at.record, x.event.verdict.at.record},
               "received " + std::to_string(books.all_received)
                   + ", but accepted, dropped and held make "
                   + std::to_string(known));
}

found_cause trace_gap(const rule_input& x) {
  const auto& event = x.event;
  if (event.begin && event.holes.empty())
    return std::nullopt;
  uint64_t slots = 0;
  for (const auto& each : event.holes)
    slots += each.slots;
  auto finding =
      found({event.holes.empty() ? event.last.record
                                 : event.holes[0].first + event.holes[0].slots},
            counted(slots, "slot") + " missing"
                + (event.begin ? " within the event"
                               : ", the event's begin among them"));
  if (x.outcome.is_undecidable)
    finding.weight = 95; // nothing else that is found can be relied on
  return finding;
}

} // namespace flushtrace::rules
