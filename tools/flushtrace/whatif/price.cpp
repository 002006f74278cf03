// Comparing two lives; see price.hpp.
#include "tools/flushtrace/whatif/price.hpp"

#include "tools/flushtrace/explanation.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace flushtrace {

namespace {

event_side side_of(const event_analysis& x,
                   std::optional<int64_t> function_end) {
  event_side made;
  made.outcome = x.outcome;
  if (x.outcome.is_missed()) {
    made.cause = primary_cause(x);
    made.late_bytes = x.facts.flush_end.bytes;
  }
  const bool is_billed = x.facts.kind == apm::event_kind::invoke
                         && x.facts.next_asked && function_end;
  if (is_billed)
    made.added_ns = std::max<int64_t>(0, x.facts.next_asked.ns - *function_end);
  return made;
}

void add(life_sums& to, const event_side& x) {
  ++to.events;
  to.missed += x.outcome.is_missed() ? 1 : 0;
  to.undecidable += x.outcome.is_undecidable ? 1 : 0;
  to.lost += x.outcome.lost + x.outcome.rejected;
  to.late += x.outcome.delayed;
  to.late_bytes += x.late_bytes;
  if (x.added_ns)
    to.added_ns.push_back(*x.added_ns);
}

} // namespace

int64_t life_sums::added_total_ns() const noexcept {
  return std::accumulate(added_ns.begin(), added_ns.end(), int64_t{0});
}

int64_t life_sums::added_median_ns() const noexcept {
  return added_ns.empty() ? 0 : added_ns[added_ns.size() / 2];
}

int64_t life_sums::added_max_ns() const noexcept {
  return added_ns.empty() ? 0 : added_ns.back();
}

life_comparison compare(const process_trace& before,
                        const changed_life& after) {
  using end = std::optional<int64_t>;
  life_comparison made;
  std::map<uint64_t, event_comparison> events;
  const auto note = [&](const event_analysis& x) -> event_comparison& {
    auto& to = events[x.facts.event];
    to.event = x.facts.event;
    to.kind = x.facts.kind;
    to.request_id = x.facts.request_id;
    return to;
  };
  const auto end_of = [&](const event_analysis& x) {
    const auto found = after.function_ends.find(x.facts.request_id);
    return found == after.function_ends.end() ? nullptr : &found->second;
  };
  for (const auto& x : analyse(before).events) {
    const auto* known = end_of(x);
    const auto side =
        side_of(x, known == nullptr ? end{} : end{known->recorded});
    add(made.before, side);
    note(x).before = side;
  }
  for (const auto& x : analyse(after.trace).events) {
    const auto* known = end_of(x);
    const auto side =
        side_of(x, known == nullptr ? end{} : end{known->changed});
    add(made.after, side);
    auto& to = note(x);
    to.after = side;
    to.is_exact = after.is_exact(x.facts);
  }
  for (auto& [number, x] : events) {
    made.is_exact = made.is_exact && x.is_exact;
    made.events.push_back(std::move(x));
  }
  for (auto* sums : {&made.before, &made.after})
    std::sort(sums->added_ns.begin(), sums->added_ns.end());
  return made;
}

} // namespace flushtrace
