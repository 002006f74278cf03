// Putting the account together; see account.hpp.
#include "tools/lambda-sandbox/report/account.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <algorithm>
#include <initializer_list>

namespace sandbox {

namespace {

/// When an extension of Elastic's gives up waiting for a signal.
/// Source: Elastic's APM extension for Lambda, apmproxy and app packages.
constexpr std::int64_t deadline_margin_ns = 200 * ns_per_ms;
/// Timers may come a little early by another clock's milliseconds.
constexpr std::int64_t deadline_tolerance_ns = 10 * ns_per_ms;

/// The first moment at which the extension did something about the end: the
/// first POST that was open at or begun after `from_ns`, else `next_ns`.
std::int64_t reaction_ns(const std::vector<received_request>& requests,
                         std::int64_t from_ns, std::int64_t next_ns) {
  auto reaction = next_ns;
  for (const auto& request : requests) {
    if (request.begin_ns >= from_ns)
      reaction = std::min(reaction, request.begin_ns);
    else if (request.answered_ns > from_ns)
      reaction = std::min(reaction, from_ns);
  }
  return reaction;
}

std::int64_t flush_sent_ns(const run_record& run,
                           const invocation_record& invocation) {
  for (const auto& fact : run.facts)
    if (fact.fact == "flush_sent" && fact.request_id == invocation.request_id
        && fact.at_ns >= invocation.begin_ns && fact.at_ns <= invocation.end_ns)
      return fact.at_ns;
  return 0;
}

} // namespace

end_signals find_signals(const run_record& run,
                         const invocation_record& invocation,
                         const std::vector<received_request>& requests,
                         bool knows_agent) {
  end_signals signals;
  signals.agent_ns = flush_sent_ns(run, invocation);
  signals.runtime_done_ns = invocation.runtime_done_post_ns;
  signals.deadline_ns = invocation.deadline_ns - deadline_margin_ns;
  if (invocation.extensions.empty()
      || invocation.extensions.front().next_ns == 0)
    return signals;
  const auto next_ns = invocation.extensions.front().next_ns;

  struct candidate {
    const char* name;
    std::int64_t at_ns;
    std::int64_t from_ns; // when it counts as given
  };
  std::vector<candidate> given;
  for (const candidate& each :
       {candidate{"agent", signals.agent_ns, signals.agent_ns},
        candidate{"runtime_done", signals.runtime_done_ns,
                  signals.runtime_done_ns},
        candidate{"deadline", signals.deadline_ns,
                  signals.deadline_ns - deadline_tolerance_ns}})
    if (each.at_ns != 0 && each.from_ns <= next_ns)
      given.push_back(each);
  std::sort(given.begin(), given.end(),
            [](const auto& a, const auto& b) { return a.at_ns < b.at_ns; });
  if (given.empty()) {
    // A foreign function's agent does not tell us what it sends.
    signals.ended_by = knows_agent ? "none" : "agent";
    return signals;
  }
  const auto reaction = reaction_ns(requests, given.front().from_ns, next_ns);
  auto cause = given.front();
  for (const auto& each : given)
    if (each.from_ns <= reaction)
      cause = each;
  signals.ended_by = cause.name;
  signals.held_ns = next_ns - cause.at_ns;
  return signals;
}

std::vector<std::int64_t> held_by(const account& account,
                                  std::size_t scenario_index) {
  std::vector<std::int64_t> held;
  for (const auto& each : account.invocations)
    if (each.record->scenario_index == scenario_index && each.signals.held_ns)
      held.push_back(*each.signals.held_ns);
  std::sort(held.begin(), held.end());
  return held;
}

account make_account(const scenario& plan, const run_record& run,
                     const std::vector<received_line>& lines,
                     const std::vector<received_request>& requests) {
  account result;
  result.plan = &plan;
  result.run = &run;
  result.requests = &requests;
  const bool knows_agent = plan.function.is_builtin();
  result.lines = match_lines(run, lines, knows_agent);
  for (std::size_t i = 0; i < run.invocations.size(); ++i) {
    const auto& record = run.invocations[i];
    invocation_account each;
    each.record = &record;
    each.signals = find_signals(run, record, requests, knows_agent);
    each.lines = result.lines.by_invocation[i];
    std::int64_t last_next_ns = 0;
    bool have_all_asked = record.runtime_next_ns != 0;
    for (const auto& turn : record.extensions) {
      have_all_asked = have_all_asked && turn.next_ns != 0;
      last_next_ns = std::max(last_next_ns, turn.next_ns);
    }
    if (have_all_asked && !record.extensions.empty())
      each.added_ns =
          std::max<std::int64_t>(0, last_next_ns - record.runtime_next_ns);
    const auto until_ns = i + 1 < run.invocations.size()
                              ? run.invocations[i + 1].begin_ns
                              : INT64_MAX;
    for (const auto& request : requests)
      if (request.begin_ns >= record.begin_ns && request.begin_ns < until_ns)
        each.posts.push_back(&request);
    result.invocations.push_back(std::move(each));
  }
  check_expectations(result, lines);
  return result;
}

} // namespace sandbox
