#include "tools/flushtrace/analysis/analysis.hpp"

#include "tools/flushtrace/analysis/rule_support.hpp"

#include <algorithm>
#include <unordered_map>

namespace flushtrace {

namespace {

/// What lies before the first event is none. Where the trace ends behind a
/// hole, nobody knows of which event that is, but something happened.
bool is_event(const event_facts& x, bool is_last) noexcept {
  const bool is_piece = is_last && !x.begin && !x.holes.empty();
  return x.event != 0 || (is_piece && x.last.record > x.holes[0].first);
}

std::vector<finding> judge(const rule_input& input) {
  std::vector<finding> findings;
  const bool is_missed =
      input.outcome.is_missed() || input.outcome.is_undecidable;
  for (const auto& each : all_causes()) {
    if (each.when == asked::of_missed && !is_missed)
      continue;
    auto found = each.judge(input);
    if (!found)
      continue;
    finding x;
    x.what = &each;
    x.evidence = std::move(found->evidence);
    std::sort(x.evidence.begin(), x.evidence.end());
    x.evidence.erase(std::unique(x.evidence.begin(), x.evidence.end()),
                     x.evidence.end());
    x.detail = std::move(found->detail);
    x.fix = std::move(found->fix);
    if (x.fix.text.empty())
      x.fix.text = each.remedy;
    x.weight = found->weight != 0 ? found->weight : each.weight;
    findings.push_back(std::move(x));
  }
  std::stable_sort(
      findings.begin(), findings.end(),
      [](const finding& x, const finding& y) { return x.weight > y.weight; });
  return findings;
}

/// Who has deleted or damaged a file in `/tmp` is in no trace.
std::vector<uncaused_loss> losses_beside(const event_facts& of) {
  constexpr auto spill_lost =
      static_cast<uint64_t>(apm::drop_reason::spill_lost);
  auto dropped =
      found_drops(of, spill_lost,
                  "dropped: they had been put on the disk, and their "
                  "files were gone or damaged");
  if (!dropped)
    return {};
  return {{std::move(dropped->detail), std::move(dropped->evidence)}};
}

/// An open breaker is a consequence: names what has opened it, and what mends
/// that.
void blame_opener(std::vector<event_analysis>& events) {
  std::unordered_map<uint64_t, size_t> opened; // by record of `breaker`
  for (size_t i = 0; i < events.size(); ++i) {
    for (const auto& each : events[i].facts.breaker)
      opened.emplace(each.at.record, i);
    for (auto& found : events[i].findings) {
      if (std::string_view{found.what->id} != "transport.backoff_skip")
        continue;
      const auto by =
          opened.find(events[i].facts.flush_begin.breaker_opened.record);
      if (by == opened.end() || by->second == i
          || events[by->second].findings.empty())
        continue;
      const auto& opener = events[by->second];
      found.detail += "; event " + std::to_string(opener.facts.event)
                      + " had opened it: " + opener.findings[0].what->id;
      found.fix = opener.findings[0].fix;
    }
  }
}

} // namespace

bool event_analysis::has_cause(std::string_view id) const noexcept {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const finding& x) { return x.what->id == id; });
}

const event_analysis* process_analysis::find(uint64_t event) const noexcept {
  for (const auto& x : events)
    if (x.facts.event == event)
      return &x;
  return nullptr;
}

process_analysis analyse(const process_trace& from) {
  const auto facts = read_facts(from);
  const auto& events = facts.events;
  process_analysis result;
  result.settings = facts.settings;
  for (size_t i = 0; i < events.size(); ++i) {
    if (!is_event(events[i], i + 1 == events.size()))
      continue;
    // An event between two of a trace that has only some is not there.
    const auto* before = i > 0 ? &events[i - 1] : nullptr;
    const auto* after = i + 1 < events.size() ? &events[i + 1] : nullptr;
    if (before != nullptr && before->event + 1 != events[i].event)
      before = nullptr;
    event_analysis one;
    one.outcome = judge_outcome(facts, events[i], after);
    one.findings = judge(
        {facts, events[i], one.outcome, before,
         after != nullptr && after->event == events[i].event + 1 ? after
                                                                 : nullptr});
    one.uncaused = losses_beside(events[i]);
    one.facts = events[i];
    result.events.push_back(std::move(one));
  }
  blame_opener(result.events);
  return result;
}

} // namespace flushtrace
