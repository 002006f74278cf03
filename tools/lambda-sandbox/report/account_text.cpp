// The account for people; see account.hpp. Few invocations are told as a
// timeline each, many as one line each; the last line says what counts most.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/report/account.hpp"
#include "tools/lambda-sandbox/report/text_lines.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace sandbox {

namespace {

/// More invocations than this are told as a table; those that failed still as a
/// timeline.
constexpr std::size_t timelines_max = 12;

void write_entries(std::ostream& out, const std::vector<timeline_entry>& all,
                   std::int64_t from_ns, std::int64_t until_ns,
                   std::int64_t zero_ns) {
  for (const auto& entry : all)
    if (entry.at_ns >= from_ns && entry.at_ns < until_ns)
      out << std::setw(11) << fixed_ms(entry.at_ns - zero_ns, 2) << "  "
          << std::left << std::setw(22) << entry.who << std::right << entry.what
          << '\n';
}

std::string heading(const invocation_account& each) {
  const auto& record = *each.record;
  std::ostringstream text;
  text << "invocation " << record.number << "  " << record.request_id
       << (record.is_cold_start ? "  cold start" : "");
  if (record.frozen_ns != 0)
    text << "  frozen for " << fixed_ms(record.frozen_ns, 0) << " ms before";
  return text.str();
}

/// "4 lines to deliver, 4 delivered (1 transaction, 3 span)".
std::string lines_text(const line_counts& counts) {
  const auto sum = total_of(counts);
  std::ostringstream text;
  text << sum.received << " lines received, " << sum.delivered << " delivered";
  std::string kinds;
  for (const auto& [kind, count] : counts)
    if (count.delivered != 0)
      kinds += (kinds.empty() ? "" : ", ") + std::to_string(count.delivered)
               + " " + kind;
  if (!kinds.empty())
    text << " (" << kinds << ")";
  if (sum.extension_made != 0)
    text << ", " << sum.extension_made << " of them the extension's own";
  text << ", " << sum.missing << " missing";
  if (sum.twice != 0)
    text << ", " << sum.twice << " TWICE";
  return text.str();
}

std::string signal_name(const std::string& ended_by) {
  if (ended_by == "agent")
    return "ended by the agent's flush signal";
  if (ended_by == "runtime_done")
    return "ended by platform.runtimeDone";
  if (ended_by == "deadline")
    return "ended by the deadline";
  if (ended_by == "none")
    return "the extension asked before any signal";
  return "the extension never asked for its next event";
}

std::string signals_text(const invocation_account& each) {
  const auto& record = *each.record;
  if (record.deadline_ns == 0)
    return "INIT failed, nobody was told of it";
  if (record.extensions.empty())
    return "no extension";
  auto text = signal_name(each.signals.ended_by);
  if (each.signals.ended_by == "deadline")
    text +=
        ", "
        + fixed_ms(record.deadline_ns - record.extensions.front().next_ns, 2)
        + " ms before it";
  if (each.signals.held_ns && each.signals.ended_by != "deadline")
    text += ", held " + fixed_ms(*each.signals.held_ns, 2) + " ms";
  if (each.added_ns)
    text += ", added " + fixed_ms(*each.added_ns, 2) + " ms";
  if (record.extensions.front().processor_ns >= 0)
    text += ", extension CPU "
            + fixed_ms(record.extensions.front().processor_ns, 2) + " ms";
  return text;
}

void write_summary(std::ostream& out, const invocation_account& each) {
  const auto& record = *each.record;
  out << "     = " << record.status
      << (record.error_type.empty() ? "" : " " + record.error_type) << " in "
      << fixed_ms(record.end_ns - record.begin_ns, 2) << " ms; "
      << signals_text(each) << "\n     = " << lines_text(each.lines) << '\n';
  for (const auto& failure : each.failures)
    out << "     ! " << failure << '\n';
}

void write_held(std::ostream& out, const account& account) {
  std::vector<std::int64_t> held;
  for (const auto& each : account.invocations)
    if (each.signals.held_ns)
      held.push_back(*each.signals.held_ns);
  if (held.empty())
    return;
  std::sort(held.begin(), held.end());
  out << "  held: median " << fixed_ms(held[held.size() / 2], 3)
      << " ms, 9 of 10 within " << fixed_ms(held[held.size() * 9 / 10], 3)
      << " ms, at most " << fixed_ms(held.back(), 3) << " ms\n";
}

/// The figures that a scenario's expectations of medians are about.
void write_medians(std::ostream& out, const account& account) {
  const auto& plan = account.plan->invocations;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto held = held_by(account, i);
    if (plan[i].expect.held_ms_median_max && !held.empty())
      out << "  held, " << held.size() << " times invocation " << i + 1
          << " of the scenario: median " << fixed_ms(held[held.size() / 2], 3)
          << " ms, at most " << fixed_ms(held.back(), 3) << " ms\n";
  }
}

void write_table(std::ostream& out, const account& account) {
  out << "\n  invocation  status      total ms  ended by       held ms  added "
         "ms"
         "    CPU ms  received  delivered  missing  twice\n";
  for (const auto& each : account.invocations) {
    const auto& record = *each.record;
    const auto sum = total_of(each.lines);
    const auto span = [](const std::optional<std::int64_t>& ns) {
      return ns ? fixed_ms(*ns, 3) : std::string{"-"};
    };
    std::optional<std::int64_t> cpu;
    if (!record.extensions.empty()
        && record.extensions.front().processor_ns >= 0)
      cpu = record.extensions.front().processor_ns;
    out << std::setw(12) << record.number << "  " << std::left << std::setw(8)
        << record.status << std::right << std::setw(12)
        << fixed_ms(record.end_ns - record.begin_ns, 2) << "  " << std::left
        << std::setw(12) << each.signals.ended_by << std::right << std::setw(10)
        << span(each.signals.held_ns) << std::setw(10) << span(each.added_ns)
        << std::setw(10) << span(cpu) << std::setw(10) << sum.received
        << std::setw(11) << sum.delivered << std::setw(9) << sum.missing
        << std::setw(7) << sum.twice << (each.failures.empty() ? "" : "  !")
        << '\n';
  }
  write_held(out, account);
}

void write_programs(std::ostream& out, const run_record& run) {
  if (run.shutdowns.empty())
    return;
  for (const auto& end : run.shutdowns.back().processes) {
    out << "  " << end.name << ": " << end.text;
    if (end.told_ns != 0)
      out << ", " << fixed_ms(end.at_ns - end.told_ns, 1) << " ms after "
          << (end.is_extension ? "SHUTDOWN" : "its signal");
    for (const auto& usage : run.programs)
      if (usage.name == end.name && usage.peak_kib >= 0)
        out << "; peak memory "
            << fixed_number(static_cast<double>(usage.peak_kib) / 1024, 1)
            << " MiB, its own "
            << fixed_number(static_cast<double>(usage.own_peak_kib) / 1024, 1)
            << " MiB, " << usage.threads << " threads, CPU "
            << fixed_ms(usage.processor_ns, 1) << " ms";
    out << '\n';
  }
}

void write_verdict(std::ostream& out, const account& account) {
  const auto sum = total_of(account.lines.total());
  if (!account.failures.empty()) {
    out << "\nFAILED:\n";
    for (const auto& failure : account.failures)
      out << "  " << failure << '\n';
    if (!account.run->last_output.empty()) {
      out << "last output of the programs:\n";
      for (const auto& line : account.run->last_output)
        out << "  " << line << '\n';
    }
  }
  out << '\n'
      << (account.is_passed() ? "OK" : "FAILED") << ": "
      << account.invocations.size() << " invocations, " << sum.received
      << " lines received, " << sum.delivered << " delivered";
  if (sum.extension_made != 0)
    out << " (" << sum.extension_made << " of them the extension's own)";
  if (account.lines.misattributed != 0)
    out << ", " << account.lines.misattributed << " under a wrong request id";
  out << ", " << sum.twice << " twice, " << sum.missing << " lines missing\n";
}

void write_trace(std::ostream& out, const trace_record& trace) {
  const auto segments = std::to_string(trace.segments)
                        + (trace.segments == 1 ? " segment" : " segments");
  if (!trace.folder.empty())
    out << "  actor trace: " << segments << " in " << trace.folder
        << "\n  why a flush was missed: " << trace.command << '\n';
  else if (trace.segments > 0)
    out << "  actor trace: " << segments
        << ", gone with the run; --log-dir DIR keeps them\n";
}

/// One part of the timeline: what happens from its begin to the next one's.
struct section {
  std::int64_t begin_ns = 0;
  std::string heading;
  const invocation_account* invocation = nullptr;
};

std::vector<section> sections_of(const account& account) {
  const auto& run = *account.run;
  std::vector<section> sections;
  for (const auto& init : run.inits)
    sections.push_back(
        {init.begin_ns,
         init.phase == "init" ? "INIT" : "INIT for the next invocation",
         nullptr});
  for (const auto& each : account.invocations)
    sections.push_back({each.record->begin_ns, heading(each), &each});
  for (const auto& shutdown : run.shutdowns)
    if (!shutdown.is_reset)
      sections.push_back({shutdown.begin_ns, "SHUTDOWN", nullptr});
  std::stable_sort(
      sections.begin(), sections.end(),
      [](const auto& a, const auto& b) { return a.begin_ns < b.begin_ns; });
  return sections;
}

} // namespace

void write_text(std::ostream& out, const account& account) {
  const auto& run = *account.run;
  const auto timeline = full_timeline(account);
  const auto sections = sections_of(account);
  const bool has_timelines = account.invocations.size() <= timelines_max;
  for (const auto* text : {&account.plan->name, &account.plan->description})
    if (!text->empty())
      out << *text << '\n';
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const auto& each = sections[i];
    if (!has_timelines && each.invocation == account.invocations.data())
      write_table(out, account);
    if (!has_timelines && each.invocation != nullptr
        && each.invocation->failures.empty())
      continue;
    const auto until_ns =
        i + 1 < sections.size() ? sections[i + 1].begin_ns : INT64_MAX;
    out << '\n' << each.heading << '\n';
    write_entries(out, timeline, each.begin_ns, until_ns, each.begin_ns);
    if (each.invocation != nullptr)
      write_summary(out, *each.invocation);
  }
  if (account.lines.slowest_ns != 0)
    out << "  slowest line: " << fixed_ms(account.lines.slowest_ns, 1)
        << " ms from its handing over to the APM Server\n";
  write_medians(out, account);
  if (run.is_concurrent)
    out << "  invocations side by side: at most " << run.concurrent_max << '\n';
  write_programs(out, run);
  if (!account.lines.outside.empty())
    out << "  outside invocations: " << lines_text(account.lines.outside)
        << '\n';
  write_trace(out, run.trace);
  write_verdict(out, account);
}

} // namespace sandbox
