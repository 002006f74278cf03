#include "tools/flushtrace/explore/recorded_orders_report.hpp"

#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/json_list.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace flushtrace {

namespace {

std::string coverage_text(const recorded_orders& x,
                          const orders_budget& budget) {
  if (budget.is_random)
    return "of chance, seed " + std::to_string(budget.seed);
  if (x.complete_changes < 0)
    return "this one alone";
  const auto all = static_cast<uint32_t>(x.complete_changes);
  const auto text = "all with at most " + std::to_string(all)
                    + (all == 1 ? " change" : " changes");
  return all == budget.changes ? "complete: " + text
                               : text + ", and some with one more";
}

std::string way_json(const way& x) {
  std::string text;
  apm::json_object out{text};
  out.string("outcome", x.how.first);
  out.string("cause", x.how.second);
  out.integer("orders", static_cast<int64_t>(x.orders));
  out.boolean("recorded", x.is_recorded);
  out.integer("event", static_cast<int64_t>(x.event));
  out.string("schedule", text_of(x.order));
  out.key("changes");
  text += json_strings(x.changes);
  out.end();
  return text;
}

} // namespace

std::string text_of(const recorded_orders& x, const process_trace& of,
                    const orders_budget& budget) {
  std::ostringstream out;
  out << "process " << of.content.process.process_id << ' ' << x.strategy
      << ", behind record " << budget.from << ": " << x.orders << " orders of "
      << x.steps << " steps in " << x.seconds << " s, "
      << coverage_text(x, budget) << '\n';
  if (x.untold > 0)
    out << "  of " << x.untold << " more the trace does not hold enough\n";
  char row[160];
  std::snprintf(row, sizeof row, "  %8s  %-44s %s\n", "orders", "an event ends",
                "");
  out << row;
  for (const auto& each : x.ways) {
    std::snprintf(row, sizeof row, "  %8llu  %-44s %s\n",
                  static_cast<unsigned long long>(each.orders),
                  describe(each.how).c_str(),
                  each.is_recorded ? "as recorded" : "");
    out << row;
    if (each.is_recorded)
      continue;
    out << "            first event " << each.event << ", where\n";
    for (const auto& change : each.changes)
      out << "              " << change << '\n';
    out << "            again with --schedule " << text_of(each.order) << '\n';
  }
  if (!x.violation.empty()) {
    out << "broken: " << x.violation << '\n';
    for (const auto& change : x.broken_changes)
      out << "  " << change << '\n';
    out << "again with --schedule " << text_of(x.broken) << '\n';
  }
  return out.str();
}

std::string json_of(const recorded_orders& x, const process_trace& of,
                    const orders_budget& budget) {
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", schema_version);
  out.integer("process", of.content.process.process_id);
  out.string("strategy", x.strategy);
  out.integer("from", static_cast<int64_t>(budget.from));
  out.integer("orders", static_cast<int64_t>(x.orders));
  out.integer("untold", static_cast<int64_t>(x.untold));
  out.integer("steps", x.steps);
  out.integer("complete_changes", x.complete_changes);
  out.number("seconds", x.seconds);
  out.integer("seed", static_cast<int64_t>(budget.seed));
  out.string("violation", x.violation);
  out.string("schedule", text_of(x.broken));
  out.key("steps_changed");
  line += json_strings(x.broken_changes);
  out.key("endings");
  line += json_list(x.ways, way_json);
  out.end();
  return line + '\n';
}

} // namespace flushtrace
