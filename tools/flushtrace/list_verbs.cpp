// info and ls: what there is in traces.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/analysis/analysis.hpp"
#include "tools/flushtrace/event_table.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/json_list.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/units.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <cstdio>
#include <ostream>
#include <utility>

namespace flushtrace {

namespace {

using apm::trace::entry_kind;

std::string ms_text(int64_t ns) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3f", ms_of(ns));
  return text;
}

std::string process_text(const process_trace& x) {
  const auto& process = x.content.process;
  return "process " + std::to_string(process.process_id) + ", started "
         + wall_text(x, process.start.monotonic);
}

// -- info ---------------------------------------------------------------------

struct process_summary {
  size_t events = 0;
  size_t missed = 0;
  int64_t first_ns = 0;
  int64_t last_ns = 0;
};

process_summary summarise(const process_trace& x) {
  process_summary sum;
  for (const auto& each : events_of(x.content))
    sum.events += each.record != 0 ? 1 : 0;
  for (const auto& each : analyse(x).events)
    sum.missed += each.outcome.is_missed() ? 1 : 0;
  const auto& records = x.content.records;
  if (!records.empty()) {
    sum.first_ns = records.front().time_ns;
    sum.last_ns = records.back().time_ns;
  }
  return sum;
}

void print_info(const process_trace& x, std::ostream& to) {
  const auto sum = summarise(x);
  const auto& process = x.content.process;
  to << process_text(x) << ", "
     << (process.is_ended ? "ended in good order" : "no end is known") << '\n';
  for (const auto& file : x.files)
    to << "  file           " << file << '\n';
  for (const auto* name : {"version", "payload", "reason"})
    if (const auto text = x.content.fact(name); !text.empty())
      to << "  " << name << std::string(15 - std::string_view{name}.size(), ' ')
         << printable(text) << '\n';
  to << "  records        " << x.content.records.size() << '\n';
  if (!x.content.records.empty())
    to << "  time           " << wall_text(x, sum.first_ns) << " to "
       << wall_text(x, sum.last_ns) << " ("
       << ms_text(sum.last_ns - sum.first_ns) << " ms)\n";
  to << "  events         " << sum.events << ", " << sum.missed
     << " with a missed flush\n"
     << "  not there      " << process.overwritten << " slots overwritten, "
     << process.torn << " records torn, " << process.gaps << " slots damaged\n";
  for (const auto& entry : x.content.dictionary)
    if (entry.kind == entry_kind::configuration)
      to << "  setting        " << printable(entry.text) << '\n';
}

std::string json_info(const process_trace& x) {
  const auto sum = summarise(x);
  const auto& process = x.content.process;
  std::vector<std::string> settings;
  for (const auto& entry : x.content.dictionary)
    if (entry.kind == entry_kind::configuration)
      settings.push_back(entry.text);
  std::string line;
  apm::json_object out{line};
  const auto number = [&](const char* name, uint64_t value) {
    out.integer(name, static_cast<int64_t>(value));
  };
  out.integer("schema_version", schema_version);
  number("process", process.process_id);
  out.string("started", wall_text(x, process.start.monotonic));
  out.boolean("is_ended", process.is_ended);
  out.string_if_any("version", x.content.fact("version"));
  out.string_if_any("payload", x.content.fact("payload"));
  out.string_if_any("reason", x.content.fact("reason"));
  number("records", x.content.records.size());
  number("events", sum.events);
  number("missed", sum.missed);
  out.string("first", wall_text(x, sum.first_ns));
  out.string("last", wall_text(x, sum.last_ns));
  number("overwritten", process.overwritten);
  number("torn", process.torn);
  number("gaps", process.gaps);
  out.key("files");
  line += json_strings(x.files);
  out.key("settings");
  line += json_strings(settings);
  out.end();
  return line;
}

// -- ls -----------------------------------------------------------------------

void print_row(const process_trace& of, const event_row& x, std::ostream& to) {
  char numbers[128];
  std::snprintf(numbers, sizeof numbers, "%6llu  %-8s  %-36s  ",
                static_cast<unsigned long long>(x.event), x.kind.c_str(),
                x.request_id.empty() ? "-" : printable(x.request_id).c_str());
  to << numbers << wall_text(of, x.begin_ns) << "  ";
  const bool is_held_known = x.winner_ns && x.end_ns;
  std::snprintf(numbers, sizeof numbers,
                "%-13s  %9s  %5llu %5llu %5llu %5llu  ",
                x.winner.empty() ? "-" : x.winner.c_str(),
                is_held_known ? ms_text(*x.end_ns - *x.winner_ns).c_str() : "-",
                static_cast<unsigned long long>(x.received),
                static_cast<unsigned long long>(x.accepted),
                static_cast<unsigned long long>(x.dropped),
                static_cast<unsigned long long>(x.held));
  to << numbers << verdict_of(x) << '\n';
}

std::string json_row(const process_trace& of, const event_row& x) {
  std::string line;
  apm::json_object out{line};
  const auto number = [&](const char* name, uint64_t value) {
    out.integer(name, static_cast<int64_t>(value));
  };
  out.integer("schema_version", schema_version);
  number("process", of.content.process.process_id);
  out.string("started", wall_text(of, of.content.process.start.monotonic));
  number("event", x.event);
  number("record", x.record);
  out.string_if_any("kind", x.kind);
  out.string_if_any("request_id", x.request_id);
  out.string("begin", wall_text(of, x.begin_ns));
  out.string_if_any("ended_by", x.winner);
  if (x.slack_ns)
    out.number("slack_ms", ms_of(*x.slack_ns));
  if (x.winner_ns && x.end_ns)
    out.number("held_ms", ms_of(*x.end_ns - *x.winner_ns));
  number("received", x.received);
  number("accepted", x.accepted);
  number("dropped", x.dropped);
  number("held", x.held);
  out.string("verdict", verdict_of(x));
  if (x.verdict_record != 0)
    number("verdict_record", x.verdict_record);
  out.end();
  return line;
}

} // namespace

int run_info(const trace_options& options, streams to) {
  const auto traces = load_traces(options.paths, to.progress);
  if (tell_problems(traces, to.trouble))
    return exit_unreadable;
  for (const auto& x : traces.processes) {
    if (options.is_json)
      to.out << json_info(x) << '\n';
    else
      print_info(x, to.out);
  }
  return status_beside(traces, exit_clean);
}

int run_ls(const trace_options& options, streams to) {
  const auto wanted = read_filter(options.filter, to);
  if (!wanted)
    return exit_usage;
  const auto traces = load_traces(options.paths, to.progress);
  if (tell_problems(traces, to.trouble))
    return exit_unreadable;
  bool is_missed = false;
  size_t shown = 0;
  if (!options.is_json)
    to.out << " event  kind      request                               begin  "
              "                   ended by         held ms    in    ok  drop  "
              "left  flush\n";
  for (const auto& process : traces.processes) {
    const auto events =
        wanted->is_empty()
            ? std::set<uint64_t>{}
            : events_with(*wanted, process, event_judge::extension);
    bool is_named = traces.processes.size() == 1;
    for (const auto& x : events_of(process.content)) {
      if (!wanted->is_empty() && events.count(x.event) == 0)
        continue;
      is_missed = is_missed || x.outcomes != 0;
      ++shown;
      if (!options.is_json && !std::exchange(is_named, true))
        to.out << process_text(process) << '\n';
      if (options.is_json)
        to.out << json_row(process, x) << '\n';
      else
        print_row(process, x, to.out);
    }
  }
  if (!wanted->is_empty() && shown == 0)
    tell_none_fits(to.trouble);
  return status_beside(traces, is_missed ? exit_missed : exit_clean);
}

} // namespace flushtrace
