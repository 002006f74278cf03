#include "tools/flushtrace/summary/fleet_text.hpp"

#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/explanation.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <algorithm>
#include <cstdio>

namespace flushtrace {

namespace {

/// A screen is to hold all.
constexpr size_t worst_shown = 10;

using numbers = unsigned long long;

struct named_cost {
  std::string cause;
  cause_cost cost;
};

/// By what they cost, the worst first; those that are no primary cause of any
/// event last.
std::vector<named_cost> by_cost(const fleet& x) {
  std::vector<named_cost> costs;
  for (const auto& [cause, cost] : x.causes)
    costs.push_back({cause, cost});
  std::stable_sort(costs.begin(), costs.end(),
                   [](const auto& a, const auto& b) {
                     return std::tuple(a.cost.events > 0, a.cost.lost,
                                       a.cost.events, a.cost.delayed)
                            > std::tuple(b.cost.events > 0, b.cost.lost,
                                         b.cost.events, b.cost.delayed);
                   });
  return costs;
}

template <class... Values>
void add_line(std::string& to, const char* format, Values... values) {
  char text[256]; // three lines' worth
  std::snprintf(text, sizeof text, format, values...);
  std::string line{text};
  line.resize(std::min<size_t>(line.find_last_not_of(' ') + 1, 80));
  to += line + '\n';
}

void add_percentiles(std::string& to, const char* name, const percentiles& x) {
  if (x.count > 0)
    add_line(to, "  %-12s %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f", name,
             x.least, x.p1, x.p10, x.p50, x.p90, x.p99, x.most);
}

std::string json_of(const percentiles& x) {
  std::string text;
  apm::json_object out{text};
  out.integer("count", static_cast<int64_t>(x.count));
  out.number("min", x.least);
  out.number("p1", x.p1);
  out.number("p10", x.p10);
  out.number("p50", x.p50);
  out.number("p90", x.p90);
  out.number("p99", x.p99);
  out.number("max", x.most);
  out.end();
  return text;
}

void add_numbers(apm::json_object& to,
                 std::initializer_list<std::pair<const char*, uint64_t>> xs) {
  for (const auto& [name, value] : xs)
    to.integer(name, static_cast<int64_t>(value));
}

std::string json_of(const named_cost& x) {
  std::string text;
  apm::json_object out{text};
  out.string("cause", x.cause);
  add_numbers(out, {{"events", x.cost.events},
                    {"lost", x.cost.lost},
                    {"delayed", x.cost.delayed},
                    {"rejected", x.cost.rejected},
                    {"held_bytes", x.cost.held_bytes},
                    {"also", x.cost.also}});
  out.end();
  return text;
}

std::string json_of(const missed_event& x) {
  std::string text;
  apm::json_object out{text};
  add_numbers(out, {{"process", x.process}, {"event", x.event}});
  out.string_if_any("request_id", x.request_id);
  out.string("begin", x.begin);
  out.string("outcome", x.outcome);
  out.string("cause", x.cause);
  add_numbers(
      out,
      {{"lost", x.lost}, {"delayed", x.delayed}, {"rejected", x.rejected}});
  out.string_if_any("remedy", x.remedy);
  out.end();
  return text;
}

template <class List>
std::string json_list(const List& xs) {
  std::string text = "[";
  for (const auto& x : xs)
    text += (text.size() == 1 ? "" : ",") + json_of(x);
  return text + ']';
}

} // namespace

std::string fleet_in_text(const fleet& x) {
  std::string text = std::to_string(x.processes)
                     + (x.processes == 1 ? " process" : " processes") + ", "
                     + counted(x.events, "event") + ", "
                     + std::to_string(x.missed) + " missed, "
                     + std::to_string(x.undecidable) + " undecidable\n"
                     + counted(x.received, "line") + " received, "
                     + std::to_string(x.accepted) + " accepted in time\n";
  if (!x.causes.empty())
    add_line(text, "\n%-33s %6s %8s %8s %8s %9s", "cause", "events", "lost",
             "held", "rejected", "kB held");
  for (const auto& [cause, cost] : by_cost(x)) {
    if (cost.events == 0)
      continue;
    add_line(text, "%-33s %6llu %8llu %8llu %8llu %9.1f", cause.c_str(),
             static_cast<numbers>(cost.events), static_cast<numbers>(cost.lost),
             static_cast<numbers>(cost.delayed),
             static_cast<numbers>(cost.rejected),
             static_cast<double>(cost.held_bytes) / 1e3);
  }
  if (!x.slack_ms.empty())
    add_line(text, "\n%-14s %8s %8s %8s %8s %8s %8s %8s", "ms", "min", "p1",
             "p10", "p50", "p90", "p99", "max");
  add_percentiles(text, "slack at end", percentiles_of(x.slack_ms));
  add_percentiles(text, "held by us", percentiles_of(x.held_ms));
  const auto worst = worst_of(x, worst_shown);
  if (!worst.empty())
    text += "\nworst\n";
  if (!worst.empty())
    add_line(text, "   process event  begin              lost   held  cause");
  for (const auto& each : worst)
    add_line(text, "%10u %5llu  %s %6llu %6llu  %s",
             static_cast<unsigned>(each.process),
             static_cast<numbers>(each.event), each.begin.substr(5, 14).c_str(),
             numbers{each.lost} + numbers{each.rejected},
             static_cast<numbers>(each.delayed), each.cause.c_str());
  return text;
}

std::string fleet_in_json(const fleet& x) {
  std::string text;
  apm::json_object out{text};
  out.integer("schema_version", schema_version);
  add_numbers(out, {{"processes", x.processes},
                    {"events", x.events},
                    {"missed", x.missed},
                    {"undecidable", x.undecidable},
                    {"received", x.received},
                    {"accepted", x.accepted}});
  out.key("causes");
  text += json_list(by_cost(x));
  out.key("slack_ms");
  text += json_of(percentiles_of(x.slack_ms));
  out.key("held_ms");
  text += json_of(percentiles_of(x.held_ms));
  out.key("worst");
  text += json_list(worst_of(x, worst_shown));
  out.end();
  return text;
}

} // namespace flushtrace
