// explore: looks for an order of events that breaks a promise, and keeps it as
// a trace.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/explore/shrinker.hpp"
#include "tools/flushtrace/json_list.hpp"
#include "tools/flushtrace/progress.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/trace_files.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <charconv>
#include <ostream>
#include <sstream>

namespace flushtrace {

namespace {

scenario scenario_of(const explore_options& options) {
  scenario x;
  x.strategy = options.is_background ? apm::send_strategy::background
                                     : apm::send_strategy::syncflush;
  x.delivery = options.is_at_most_once ? apm::delivery_policy::at_most_once
                                       : apm::delivery_policy::at_least_once;
  x.invocations = options.invocations;
  x.faults = options.faults;
  x.order = options.is_any_order ? order_kind::any : order_kind::loop;
  x.may_leave_out = options.may_leave_out;
  return x;
}

const char* strategy_of(const explore_options& options) {
  return options.is_background ? "background" : "syncflush";
}

/// `0.3.1`: which action was taken, step by step.
std::string text_of(const schedule& x) {
  std::string text;
  for (const auto each : x)
    text += (text.empty() ? "" : ".") + std::to_string(each);
  return text;
}

/// *Errors:* `bad_value` with a sentence.
apm::result<schedule> schedule_of(std::string_view text) {
  schedule x;
  const auto* at = text.data();
  const auto* const end = at + text.size();
  while (true) {
    const auto read = std::from_chars(at, end, x.emplace_back());
    if (read.ec != std::errc{} || (read.ptr != end && *read.ptr != '.'))
      return apm::error{apm::errc::bad_value,
                        '\'' + printable(text)
                            + "' is no schedule: it is numbers such as 0.3.1, "
                              "as explore tells them"};
    if (read.ptr == end)
      return x;
    at = read.ptr + 1;
  }
}

std::string told(const exploration& x, const explore_options& options) {
  std::ostringstream out;
  out << x.schedules << " schedules, " << x.states << " states, " << x.records
      << " records in " << x.seconds << " s ("
      << static_cast<uint64_t>(static_cast<double>(x.schedules) / x.seconds)
      << " schedules/s), " << x.coverage.size() << " ways to go\n";
  for (const auto& [how, ways] : x.ends)
    out << "  " << ways << (ways == 1 ? " way: " : " ways: ")
        << strategy_of(options) << ", an event ends " << describe(how) << '\n';
  if (!x.violation.empty()) {
    out << "broken: " << x.violation << '\n';
    for (const auto& step : x.steps)
      out << "  " << step << '\n';
    out << "again with" << (options.is_background ? " --background" : "")
        << (options.is_at_most_once ? " --at-most-once" : "")
        << " --invocations " << x.of.invocations << " --faults " << x.of.faults
        << (x.of.order == order_kind::any ? " --any-order" : "")
        << (x.of.may_leave_out ? " --leave-out" : "") << " --schedule "
        << text_of(x.found) << '\n';
    if (!options.output.empty())
      out << "its trace: " << options.output << '\n';
  } else if (x.is_complete) {
    out << "complete: every order keeps every promise\n";
  } else {
    out << "no promise is broken in these; there are more"
        << (options.is_random ? ", seed " + std::to_string(options.seed) : "")
        << '\n';
  }
  return out.str();
}

std::string json_of(const exploration& x, const explore_options& options) {
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", 1);
  out.integer("schedules", static_cast<int64_t>(x.schedules));
  out.integer("pruned", static_cast<int64_t>(x.pruned));
  out.integer("states", static_cast<int64_t>(x.states));
  out.integer("records", static_cast<int64_t>(x.records));
  out.integer("ways", static_cast<int64_t>(x.coverage.size()));
  out.string("strategy", strategy_of(options));
  out.key("endings");
  line += json_list(x.ends, [](const auto& end) {
    std::string text;
    apm::json_object each{text};
    each.string("outcome", end.first.first);
    each.string("cause", end.first.second);
    each.integer("ways", static_cast<int64_t>(end.second));
    each.end();
    return text;
  });
  out.boolean("complete", x.is_complete);
  out.number("seconds", x.seconds);
  out.integer("seed", static_cast<int64_t>(options.seed));
  out.string("violation", x.violation);
  out.integer("invocations", static_cast<int64_t>(x.of.invocations));
  out.string("schedule", text_of(x.found));
  out.string("file", x.violation.empty() ? "" : options.output);
  out.key("steps");
  line += json_strings(x.steps);
  out.end();
  return line + '\n';
}

/// What was found is told in its shortest form.
void take_shortest(exploration& found) {
  auto least = shrink(found.of, found.actions, found.violation);
  if (least.violation.empty())
    return;
  found.violation = std::move(least.violation);
  found.of = least.of;
  found.found = std::move(least.found);
  found.steps = std::move(least.steps);
  found.segment = std::move(least.segment);
}

int refuse_schedule(const std::string& why, std::ostream& trouble) {
  trouble << "flushtrace: --schedule: " << why << '\n';
  return exit_usage;
}

} // namespace

int run_explore(const explore_options& options, streams to) {
  if (!options.paths.empty())
    return run_explore_recorded(options, to);
  explore_budget budget;
  budget.is_random = options.is_random;
  budget.seed = options.seed;
  budget.schedules = options.schedules;
  budget.time = std::chrono::milliseconds{options.seconds * 1000};
  const auto wanted = scenario_of(options);
  exploration found;
  if (options.schedule.empty()) {
    found = explore(wanted, budget);
  } else {
    const auto taken = schedule_of(options.schedule);
    if (!taken)
      return refuse_schedule(taken.error().detail, to.trouble);
    found = live_again(wanted, taken.value());
    if (!found.misfit.empty())
      return refuse_schedule(found.misfit, to.trouble);
  }
  if (options.schedule.empty() && !options.is_as_found
      && !found.violation.empty())
    take_shortest(found);
  if (!options.output.empty()
      && (!found.violation.empty() || !options.schedule.empty())
      && !replace_file(options.output, found.segment, to))
    return exit_usage;
  told_beside(options.output, to).out
      << (options.is_json ? json_of(found, options) : told(found, options));
  return found.violation.empty() ? exit_clean : exit_missed;
}

} // namespace flushtrace
