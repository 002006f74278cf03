// Telling what a change comes to; see whatif_report.hpp.
#include "tools/flushtrace/whatif/whatif_report.hpp"

#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/event_table.hpp"
#include "tools/flushtrace/json_list.hpp"
#include "tools/flushtrace/units.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <algorithm>
#include <cstdio>

namespace flushtrace {

namespace {

std::string cell(const std::optional<event_side>& x) {
  if (!x)
    return "-";
  return describe(x->outcome) + (x->cause.empty() ? "" : " " + x->cause);
}

std::string added_of(const std::optional<event_side>& x) {
  return x && x->added_ns ? in_ms(*x->added_ns) : "-";
}

bool is_missed(const std::optional<event_side>& x) {
  return x && x->outcome.is_missed();
}

std::string joined(const written_changes& changes) {
  std::string text;
  for (const auto& x : changes)
    text += (text.empty() ? "" : ", ") + x;
  return text.empty() ? "nothing" : text;
}

std::string row(const std::string& event, const std::string& before,
                const std::string& after, const std::string& added,
                const char* figure) {
  char line[256];
  std::snprintf(line, sizeof line, "  %-12s %-36s %-36s %-20s %s\n",
                event.c_str(), before.c_str(), after.c_str(), added.c_str(),
                figure);
  return line;
}

std::string exactness(const changed_life& life) {
  if (life.is_exact_to_end)
    return "exact to the end: what was changed makes no difference\n";
  if (life.exact_until == 0)
    return "modelled from the first record on\n";
  return "exact up to record " + std::to_string(life.exact_until)
         + ", modelled behind it: " + life.first_change + '\n';
}

std::string sums_text(const life_comparison& x) {
  const auto change = [](uint64_t before, uint64_t after) {
    return std::to_string(before) + " -> " + std::to_string(after);
  };
  const auto added = [](const life_sums& of) {
    return in_ms(of.added_total_ns()) + " ms (median "
           + in_ms(of.added_median_ns()) + ", most " + in_ms(of.added_max_ns())
           + ')';
  };
  return "  events missed " + change(x.before.missed, x.after.missed)
         + ", lines lost " + change(x.before.lost, x.after.lost) + ", late "
         + change(x.before.late, x.after.late) + " ("
         + change(x.before.late_bytes, x.after.late_bytes)
         + " bytes)\n  added to invocations " + added(x.before) + " -> "
         + added(x.after) + ": "
         + (x.after.added_total_ns() < x.before.added_total_ns() ? "" : "+")
         + in_ms(x.after.added_total_ns() - x.before.added_total_ns())
         + " billed ms, " + proof_of(x.is_exact) + '\n';
}

std::string side_json(const event_side& x) {
  std::string text;
  apm::json_object out{text};
  out.string("outcome", describe(x.outcome));
  out.boolean("missed", x.outcome.is_missed());
  out.string_if_any("cause", x.cause);
  out.integer("lost", static_cast<int64_t>(x.outcome.lost));
  out.integer("late", static_cast<int64_t>(x.outcome.delayed));
  out.integer("rejected", static_cast<int64_t>(x.outcome.rejected));
  out.integer("late_bytes", static_cast<int64_t>(x.late_bytes));
  if (x.added_ns)
    out.number("added_ms", ms_of(*x.added_ns));
  out.end();
  return text;
}

void side_member(apm::json_object& out, std::string& text, const char* name,
                 const std::optional<event_side>& x) {
  out.key(name);
  text += x ? side_json(*x) : "null";
}

std::string event_json(const event_comparison& x) {
  std::string text;
  apm::json_object out{text};
  out.integer("event", static_cast<int64_t>(x.event));
  out.string("kind", name_of(x.kind));
  out.string("request_id", x.request_id);
  out.string("figures", proof_of(x.is_exact));
  side_member(out, text, "before", x.before);
  side_member(out, text, "after", x.after);
  out.end();
  return text;
}

} // namespace

std::string in_ms(int64_t ns) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", ms_of(ns));
  return text;
}

const char* proof_of(bool is_exact) noexcept {
  return is_exact ? "exact" : "modelled";
}

std::string sums_json(const life_sums& x) {
  std::string text;
  apm::json_object out{text};
  out.integer("events", static_cast<int64_t>(x.events));
  out.integer("missed", static_cast<int64_t>(x.missed));
  out.integer("undecidable", static_cast<int64_t>(x.undecidable));
  out.integer("lost", static_cast<int64_t>(x.lost));
  out.integer("late", static_cast<int64_t>(x.late));
  out.integer("late_bytes", static_cast<int64_t>(x.late_bytes));
  out.number("added_ms", ms_of(x.added_total_ns()));
  out.number("added_median_ms", ms_of(x.added_median_ns()));
  out.number("added_max_ms", ms_of(x.added_max_ns()));
  out.end();
  return text;
}

std::string text_of(const process_trace& of, const changed_life& life,
                    const life_comparison& x, const written_changes& changes,
                    bool is_all) {
  std::string out = "process " + std::to_string(of.content.process.process_id)
                    + " with " + joined(changes) + ": " + exactness(life);
  if (life.is_cut)
    out += "  not to its end: a gap in the trace, or a life without end\n";
  bool has_head = false;
  for (const auto& each : x.events) {
    const bool is_shown =
        is_all || is_missed(each.before) || is_missed(each.after);
    if (!is_shown)
      continue;
    if (!std::exchange(has_head, true))
      out += row("event", "as recorded", "changed", "added ms", "figures");
    out += row(std::to_string(each.event) + ' ' + name_of(each.kind),
               cell(each.before), cell(each.after),
               added_of(each.before) + " -> " + added_of(each.after),
               proof_of(each.is_exact));
  }
  return out + sums_text(x);
}

std::string json_of(const process_trace& of, const changed_life& life,
                    const life_comparison& x, const written_changes& changes) {
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", schema_version);
  out.integer("process", of.content.process.process_id);
  out.key("set");
  line += json_strings(changes);
  out.string("figures", proof_of(x.is_exact));
  out.integer("exact_until", static_cast<int64_t>(life.exact_until));
  out.string_if_any("first_change", life.first_change);
  out.boolean("is_cut", life.is_cut);
  out.key("before");
  line += sums_json(x.before);
  out.key("after");
  line += sums_json(x.after);
  out.number("price_ms",
             ms_of(x.after.added_total_ns() - x.before.added_total_ns()));
  out.key("events");
  for (size_t i = 0; i < x.events.size(); ++i)
    line += (i == 0 ? "[" : ",") + event_json(x.events[i]);
  line += x.events.empty() ? "[]" : "]";
  out.end();
  return line + '\n';
}

int status_of(const changed_life& life, const life_comparison& x) noexcept {
  if (x.after.missed > 0)
    return exit_missed;
  return life.is_cut || x.after.undecidable > 0 ? exit_undecidable : exit_clean;
}

} // namespace flushtrace
