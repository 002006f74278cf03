// Comparing two traces step by step; see trace_diff.hpp.
#include "tools/flushtrace/diff/trace_diff.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace flushtrace {

namespace {

using apm::trace::entry_kind;

/// Ancestors that are told.
constexpr size_t ancestors_max = 64;

std::set<uint64_t> events_in(const trace& x) {
  const auto all = events_of_records(x);
  std::set<uint64_t> found{all.begin(), all.end()};
  found.insert(0);
  return found;
}

/// Events by their numbers, whichever trace has them.
std::vector<event_pair> pairs_of(const trace& a, const trace& b,
                                 const diff_settings& settings) {
  if (settings.only)
    return {*settings.only};
  auto numbers = events_in(a);
  numbers.merge(events_in(b));
  std::vector<event_pair> pairs;
  for (const auto number : numbers)
    pairs.push_back({number, number});
  return pairs;
}

std::map<std::string, std::string> settings_of(const trace& x) {
  std::map<std::string, std::string> found;
  for (const auto& each : x.dictionary) {
    const auto equals = each.text.find('=');
    if (each.kind == entry_kind::configuration && equals != std::string::npos)
      found[each.text.substr(0, equals)] = each.text.substr(equals + 1);
  }
  found["version"] = x.fact("version");
  found["payload"] = x.fact("payload");
  return found;
}

std::vector<field_difference> compare_settings(const trace& a, const trace& b) {
  const auto of_a = settings_of(a);
  auto of_b = settings_of(b);
  std::vector<field_difference> found;
  for (const auto& [name, value] : of_a)
    if (const auto other = of_b[name]; other != value)
      found.push_back({name, value, other});
  for (const auto& [name, value] : of_b)
    if (of_a.count(name) == 0 && !value.empty())
      found.push_back({name, {}, value});
  return found;
}

std::vector<uint64_t> ancestors_of(const std::vector<aligned_record>& steps,
                                   const aligned_record& of,
                                   const record* aligned_record::*side) {
  std::vector<uint64_t> found;
  const auto* at = &of;
  while (found.size() < ancestors_max && &steps[at->cause] != at) {
    at = &steps[at->cause];
    if (at->*side == nullptr)
      break;
    found.push_back((at->*side)->sequence);
  }
  return found;
}

/// Steps as they happened: those of B alone where they stand in B.
std::vector<size_t> in_order(const std::vector<aligned_record>& steps) {
  std::vector<size_t> of_b;
  std::vector<size_t> after(steps.size()); // the step of A that it comes after
  std::vector<size_t> order(steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    order[i] = i;
    after[i] = i;
    if (steps[i].b != nullptr)
      of_b.push_back(i);
  }
  std::sort(of_b.begin(), of_b.end(), [&](size_t x, size_t y) {
    return steps[x].b->sequence < steps[y].b->sequence;
  });
  size_t latest = 0;
  for (const auto i : of_b) {
    if (steps[i].a != nullptr)
      latest = std::max(latest, i);
    else
      after[i] = latest;
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t x, size_t y) { return after[x] < after[y]; });
  return order;
}

class comparer {
public:
  comparer(trace_diff& to, const record_comparison& compare)
      : to_(to), compare_(compare) {}

  void run() {
    find_tops();
    std::map<size_t, size_t> places; // of lone tops in their lists
    for (const auto i : in_order(to_.steps)) {
      const auto& step = to_.steps[i];
      if (step.a != nullptr && step.b != nullptr) {
        ++to_.both;
        compare(step);
        continue;
      }
      const bool is_a = step.a != nullptr;
      auto& list = is_a ? to_.only_a : to_.only_b;
      const auto [at, is_new] = places.emplace(tops_[i], list.size());
      if (is_new)
        list.push_back({&to_.steps[tops_[i]], 0});
      ++list[at->second].steps;
      ++(is_a ? to_.a_steps : to_.b_steps);
      note(step, {});
    }
  }

private:
  /// Of each step that one trace alone has: the first one that led to it.
  void find_tops() {
    for (size_t i = 0; i < to_.steps.size(); ++i) {
      const auto& step = to_.steps[i];
      const auto& above = to_.steps[step.cause];
      const bool is_below = (above.a != nullptr) != (above.b != nullptr);
      const bool is_lone = (step.a != nullptr) != (step.b != nullptr);
      // A cause stands before its effects.
      tops_.push_back(is_lone && is_below && step.cause < i ? tops_[step.cause]
                                                            : i);
    }
  }

  void compare(const aligned_record& step) {
    auto fields = compare_.field_differences(*step.a, *step.b);
    if (fields.empty())
      return;
    to_.changed.push_back({&step, fields});
    note(step, std::move(fields));
  }

  std::string name_of(const aligned_record& x) const {
    return x.a != nullptr ? to_.a->content.name_of(x.a->actor)
                          : to_.b->content.name_of(x.b->actor);
  }

  void note(const aligned_record& step, std::vector<field_difference> fields) {
    const auto name = name_of(step);
    const auto [at, is_new] = actors_.emplace(name, to_.actors.size());
    if (is_new) {
      actor_diff made;
      made.actor = name;
      made.first = {&step, std::move(fields)};
      made.a_ancestors = ancestors_of(to_.steps, step, &aligned_record::a);
      made.b_ancestors = ancestors_of(to_.steps, step, &aligned_record::b);
      to_.actors.push_back(std::move(made));
    }
    auto& actor = to_.actors[at->second];
    if (step.a != nullptr && step.b != nullptr)
      ++actor.changed;
    else
      ++(step.a != nullptr ? actor.only_a : actor.only_b);
  }

  trace_diff& to_;
  const record_comparison& compare_;
  std::vector<size_t> tops_;
  std::map<std::string, size_t> actors_;
};

std::vector<event_diff> compare_all_events(const process_trace& a,
                                           const process_trace& b,
                                           const std::vector<event_pair>& pairs,
                                           int64_t threshold_ns) {
  const auto of_a = analyse(a);
  const auto of_b = analyse(b);
  std::vector<event_diff> found;
  for (const auto& pair : pairs) {
    const auto* x = of_a.find(pair.a);
    const auto* y = of_b.find(pair.b);
    event_diff one;
    if (x != nullptr && y != nullptr)
      one = compare_events(*x, *y, threshold_ns);
    else if (x != nullptr)
      one.a = pair.a;
    else if (y != nullptr)
      one.b = pair.b;
    if (!one.outcome.empty() || !one.durations.empty()
        || (one.is_lone() && one.a + one.b != 0))
      found.push_back(std::move(one));
  }
  return found;
}

} // namespace

bool trace_diff::is_different() const noexcept {
  return !changed.empty() || !only_a.empty() || !only_b.empty();
}

trace_diff compare_traces(const process_trace& a, const process_trace& b,
                          const diff_settings& settings) {
  trace_diff found;
  found.a = &a;
  found.b = &b;
  const auto pairs = pairs_of(a.content, b.content, settings);
  record_comparison compare{a, settings.rules};
  compare.learn(b.content);
  found.steps =
      align(a.content, b.content, pairs, [&](const record& x, const record& y) {
        return compare.field_differences(x, y).empty();
      });
  if (settings.rules.is_of_two_runs) // a replay has those of its original
    found.settings = compare_settings(a.content, b.content);
  comparer{found, compare}.run();
  found.events = compare_all_events(a, b, pairs, settings.threshold_ns);
  return found;
}

} // namespace flushtrace
