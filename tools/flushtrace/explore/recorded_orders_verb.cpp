// explore TRACE: what else could have come of a recorded life.
#include "tools/flushtrace/explore/recorded_orders_report.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/progress.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"
#include "tools/flushtrace/segment_file.hpp"
#include "tools/flushtrace/trace_files.hpp"
#include "tools/flushtrace/verbs.hpp"
#include "tools/flushtrace/whatif/verb_support.hpp"

#include <algorithm>
#include <ostream>

namespace flushtrace {

namespace {

/// 1 where there is none.
uint64_t first_event_of(const process_trace& of) {
  for (const auto& x : of.content.records)
    if (is_kind(x, apm::trace::record_kind::event_begin))
      return x.sequence;
  return 1;
}

orders_budget budget_of(const explore_options& options,
                        const process_trace& of) {
  orders_budget x;
  x.from = options.from != 0 ? options.from : first_event_of(of);
  x.changes = options.changes;
  x.faults = options.faults;
  x.orders = options.schedules;
  x.time = std::chrono::milliseconds{options.seconds * 1000};
  x.is_random = options.is_random;
  x.seed = options.seed;
  return x;
}

apm::result<recorded_orders> explore_one(const explore_options& options,
                                         const process_trace& of,
                                         const orders_budget& budget,
                                         const streams& to) {
  if (options.schedule.empty())
    return explore_recorded(of, budget, [&](uint64_t done) {
      if (to.progress != nullptr)
        to.progress->step("order", done, 0);
    });
  auto order = order_of(options.schedule);
  if (!order)
    return order.error();
  return live_order(of, budget, order.value());
}

/// What was found and was not recorded.
std::vector<trace> samples_of(recorded_orders& x) {
  std::vector<trace> found;
  if (!x.violation.empty())
    found.push_back(std::move(x.broken_sample));
  for (auto& each : x.ways)
    if (!each.is_recorded && !each.how.second.empty())
      found.push_back(std::move(each.sample));
  return found;
}

} // namespace

int run_explore_recorded(const explore_options& options, streams to) {
  const auto loaded = load_recorded(options.paths, to);
  if (!loaded)
    return exit_unreadable;
  const auto told = told_beside(options.output, to);
  int status = exit_clean;
  std::vector<trace> samples;
  for (const auto& each : loaded->processes) {
    if (const auto check = check_replays(each); check.status != exit_clean) {
      to.trouble << "flushtrace: what else could have been cannot be told of a "
                    "trace that does not replay:\n"
                 << check.why;
      status = worse(status, check.status);
      continue;
    }
    const auto budget = budget_of(options, each);
    const auto last = each.content.records.back().sequence;
    if (budget.from > last) {
      to.trouble << "flushtrace: --from " << budget.from
                 << ": the last record of process "
                 << each.content.process.process_id << " is " << last << '\n';
      status = worse(status, exit_usage);
      continue;
    }
    auto found = explore_one(options, each, budget, to);
    if (to.progress != nullptr)
      to.progress->clear();
    if (!found) {
      to.trouble << "flushtrace: process " << each.content.process.process_id
                 << ": " << found.error().detail << '\n';
      status = worse(status, found.error().code == apm::errc::bad_value
                                 ? exit_usage
                                 : exit_undecidable);
      continue;
    }
    told.out << (options.is_json ? json_of(found.value(), each, budget)
                                 : text_of(found.value(), each, budget));
    for (auto& x : samples_of(found.value()))
      samples.push_back(std::move(x));
  }
  if (!samples.empty())
    status = worse(status, exit_missed);
  if (!samples.empty() && !options.output.empty()
      && !write_segments(samples, options.output, to))
    return exit_usage;
  return status_beside(*loaded, status);
}

} // namespace flushtrace
