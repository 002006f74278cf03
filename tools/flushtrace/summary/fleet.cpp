#include "tools/flushtrace/summary/fleet.hpp"

#include "tools/flushtrace/explanation.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/units.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace flushtrace {

namespace {

missed_event describe_miss(const process_trace& of, const event_analysis& x) {
  missed_event miss;
  const auto& at = x.facts.begin ? x.facts.begin : x.facts.last;
  miss.process = of.content.process.process_id;
  miss.event = x.facts.event;
  miss.request_id = x.facts.request_id;
  miss.begin = wall_text(of, at.ns);
  miss.outcome = describe(x.outcome);
  miss.cause = primary_cause(x);
  if (miss.cause.empty())
    miss.cause = unknown_cause;
  else
    miss.remedy = x.findings.front().fix.text;
  miss.lost = x.outcome.lost;
  miss.delayed = x.outcome.delayed;
  miss.rejected = x.outcome.rejected;
  return miss;
}

} // namespace

percentiles percentiles_of(std::vector<double> values) {
  percentiles found;
  if (values.empty())
    return found;
  std::sort(values.begin(), values.end());
  // The nearest rank: a value that has occurred.
  const auto at = [&](double share) {
    const auto rank = std::ceil(share * static_cast<double>(values.size()));
    return values[static_cast<size_t>(std::max(1.0, rank)) - 1];
  };
  found = {values.size(), values.front(), at(0.01), at(0.1),
           at(0.5),       at(0.9),        at(0.99), values.back()};
  return found;
}

void fleet::add(const process_trace& of, const process_analysis& found,
                const std::set<uint64_t>* chosen) {
  ++processes;
  for (const auto& x : found.events) {
    const auto& facts = x.facts;
    if (chosen != nullptr && chosen->count(facts.event) == 0)
      continue;
    ++events;
    received += facts.ledger.received;
    accepted += facts.ledger.accepted;
    if (facts.kind == apm::event_kind::invoke && facts.ledger.at
        && facts.begin) {
      slack_ms.push_back(ms_of(facts.deadline_ns - facts.ledger.at.ns));
      if (facts.winner)
        held_ms.push_back(ms_of(facts.ledger.at.ns - facts.winner->at.ns));
    }
    undecidable += x.outcome.is_undecidable && !x.outcome.is_missed() ? 1 : 0;
    if (!x.outcome.is_missed())
      continue;
    ++missed;
    misses.push_back(describe_miss(of, x));
    const auto& miss = misses.back();
    auto& cost = causes[miss.cause];
    ++cost.events;
    cost.lost += miss.lost;
    cost.delayed += miss.delayed;
    cost.rejected += miss.rejected;
    cost.held_bytes += facts.flush_end.bytes;
    for (size_t i = 1; i < x.findings.size(); ++i)
      if (x.findings[i].weight > remark_weight_max)
        ++causes[x.findings[i].what->id].also;
  }
}

std::vector<missed_event> worst_of(const fleet& x, size_t most) {
  auto worst = x.misses;
  std::stable_sort(worst.begin(), worst.end(),
                   [](const missed_event& a, const missed_event& b) {
                     return std::tie(a.lost, a.rejected, a.delayed)
                            > std::tie(b.lost, b.rejected, b.delayed);
                   });
  if (worst.size() > most)
    worst.resize(most);
  return worst;
}

} // namespace flushtrace
