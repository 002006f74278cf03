// sweep: a row of values of one parameter, and the smallest that misses
// nothing.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/progress.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"
#include "tools/flushtrace/units.hpp"
#include "tools/flushtrace/verbs.hpp"
#include "tools/flushtrace/whatif/sweep.hpp"
#include "tools/flushtrace/whatif/verb_support.hpp"
#include "tools/flushtrace/whatif/whatif_report.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ostream>

namespace flushtrace {

namespace {

/// More would be no table any more.
constexpr int64_t points_max = 1'000;

void add(life_sums& to, const life_sums& x) {
  to.events += x.events;
  to.missed += x.missed;
  to.undecidable += x.undecidable;
  to.lost += x.lost;
  to.late += x.late;
  to.late_bytes += x.late_bytes;
  to.added_ns.insert(to.added_ns.end(), x.added_ns.begin(), x.added_ns.end());
  std::sort(to.added_ns.begin(), to.added_ns.end());
}

/// One value on all traces.
class sweeper {
public:
  sweeper(const std::vector<const process_trace*>& traces,
          const alteration& others, std::string parameter, streams to)
      : others_(others), parameter_(std::move(parameter)), to_(to) {
    for (const auto* each : traces)
      traces_.push_back({each, std::make_unique<whatif_engine>(*each, hosts_)});
  }

  apm::result<sweep_point> operator()(const std::string& value) {
    if (to_.progress != nullptr)
      to_.progress->step("trying value", ++tried_, 0);
    auto how = others_;
    if (auto done = alter(how, parameter_, value); !done)
      return done.error();
    sweep_point point;
    point.value = value;
    recorded = {};
    for (const auto& each : traces_) {
      const auto life = each.engine->live(how);
      if (!life)
        return life.error();
      const auto x = compare(*each.of, life.value());
      add(recorded, x.before);
      add(point.sums, x.after);
      point.is_exact = point.is_exact && x.is_exact;
      point.is_cut = point.is_cut || life.value().is_cut;
    }
    return point;
  }

  life_sums recorded;

private:
  struct swept_trace {
    const process_trace* of = nullptr;
    std::unique_ptr<whatif_engine> engine;
  };

  world_hosts hosts_;
  std::vector<swept_trace> traces_;
  const alteration& others_;
  std::string parameter_;
  streams to_;
  size_t tried_ = 0;
};

/// *Errors:* `bad_value` where the options name no values.
apm::result<sweep_result> sweep_over(const sweep_options& options,
                                     const sweep_trial& trial) {
  if (!options.values.empty())
    return try_all(options.values, trial);
  const auto axis = sweep_axis::between(options.from, options.to);
  if (!axis)
    return axis.error();
  if (options.step.empty())
    return search(axis.value(), trial);
  const auto step = axis.value().step(options.step);
  if (!step)
    return step.error();
  if ((axis.value().last() - axis.value().first()) / step.value() > points_max)
    return apm::error{apm::errc::bad_value,
                      "that are more than " + std::to_string(points_max)
                          + " values; take a larger --step, or none to search"};
  std::vector<std::string> values;
  for (auto x = axis.value().first(); x <= axis.value().last();
       x += step.value())
    values.push_back(axis.value().text(x));
  return try_all(values, trial);
}

int64_t price_ns(const sweep_point& x, const life_sums& recorded) {
  return x.sums.added_total_ns() - recorded.added_total_ns();
}

std::string row(const std::string& value, const life_sums& x,
                const char* figures) {
  char line[256];
  std::snprintf(
      line, sizeof line, "%-14s %6llu %6llu %6llu %10llu %10s %10s %10s  %s\n",
      value.c_str(), static_cast<unsigned long long>(x.missed),
      static_cast<unsigned long long>(x.lost),
      static_cast<unsigned long long>(x.late),
      static_cast<unsigned long long>(x.late_bytes),
      in_ms(x.added_median_ns()).c_str(), in_ms(x.added_max_ns()).c_str(),
      in_ms(x.added_total_ns()).c_str(), figures);
  return line;
}

std::string text_of(const sweep_options& options, const sweep_result& x,
                    const life_sums& recorded) {
  char head[256];
  std::snprintf(head, sizeof head,
                "%-14s %6s %6s %6s %10s %10s %10s %10s  %s\n",
                options.parameter.substr(0, 14).c_str(), "missed", "lost",
                "late", "late B", "added ms", "most", "in all", "figures");
  std::string out = head + row("(recorded)", recorded, "exact");
  for (const auto& each : x.points)
    out += row(each.value, each.sums, proof_of(each.is_exact));
  if (!x.smallest)
    return out + "none of these misses nothing\n";
  const auto& best = x.points[*x.smallest];
  const auto price = price_ns(best, recorded);
  out += "smallest that misses nothing: " + options.parameter + '=' + best.value
         + ", for " + in_ms(std::abs(price)) + " billed ms "
         + (price < 0 ? "less" : "more") + " (" + proof_of(best.is_exact)
         + ")\n";
  if (*x.greatest + 1 != x.points.size())
    out += "greatest: " + x.points[*x.greatest].value + '\n';
  if (!x.is_monotone)
    out += "not all between these miss nothing: they are the smallest and the "
           "greatest of those tried\n";
  return out;
}

std::string point_json(const sweep_point& x, const life_sums& recorded) {
  std::string text;
  apm::json_object out{text};
  out.string("value", x.value);
  out.string("figures", proof_of(x.is_exact));
  out.number("price_ms", ms_of(price_ns(x, recorded)));
  out.key("after");
  text += sums_json(x.sums);
  out.end();
  return text;
}

std::string json_of(const sweep_options& options, const sweep_result& x,
                    const life_sums& recorded, size_t left_out) {
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", schema_version);
  out.string("parameter", options.parameter);
  out.key("before");
  line += sums_json(recorded);
  out.key("points");
  for (size_t i = 0; i < x.points.size(); ++i)
    line += (i == 0 ? "[" : ",") + point_json(x.points[i], recorded);
  line += x.points.empty() ? "[]" : "]";
  out.boolean("monotone", x.is_monotone);
  out.integer("left_out", static_cast<int64_t>(left_out));
  if (x.smallest) {
    const auto& best = x.points[*x.smallest];
    out.string("smallest", best.value);
    out.string("greatest", x.points[*x.greatest].value);
    out.number("price_ms", ms_of(price_ns(best, recorded)));
    out.string("figures", proof_of(best.is_exact));
  }
  out.end();
  return line + '\n';
}

} // namespace

int run_sweep(const sweep_options& options, streams to) {
  const auto others = read_changes(options.changes, to);
  if (!others)
    return exit_usage;
  const auto loaded = load_recorded(options.paths, to);
  if (!loaded)
    return exit_unreadable;
  int status = exit_clean;
  std::vector<const process_trace*> usable;
  for (const auto& each : loaded->processes) {
    const auto check = check_replays(each);
    status = worse(status, check.status);
    if (check.status == exit_clean)
      usable.push_back(&each);
    else
      to.trouble << "flushtrace: left out, as it cannot be lived again:\n"
                 << check.why;
  }
  if (usable.empty())
    return status;
  const auto left_out = loaded->processes.size() - usable.size();
  sweeper tries{std::move(usable), *others, options.parameter, to};
  const auto found = sweep_over(
      options, [&](const std::string& value) { return tries(value); });
  if (to.progress != nullptr)
    to.progress->clear();
  if (!found) {
    to.trouble << "flushtrace: " << found.error().detail << '\n';
    return found.error().code == apm::errc::bad_value ? exit_usage
                                                      : exit_undecidable;
  }
  const auto& x = found.value();
  to.out << (options.is_json ? json_of(options, x, tries.recorded, left_out)
                             : text_of(options, x, tries.recorded));
  if (!x.smallest)
    return worse(status, exit_missed);
  const auto& best = x.points[*x.smallest];
  const bool is_undecidable = best.is_cut || best.sums.undecidable > 0;
  return status_beside(
      *loaded, worse(status, is_undecidable ? exit_undecidable : exit_clean));
}

} // namespace flushtrace
