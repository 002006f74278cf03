#include "tools/flushtrace/timeline/sentence.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace flushtrace {

namespace {

std::string lines_text(uint64_t count) {
  return std::to_string(count) + (count == 1 ? " line" : " lines");
}

std::string lines_were(uint64_t count) {
  return lines_text(count) + (count == 1 ? " was " : " were ");
}

std::string missed_text(const event_outcome& x) {
  std::string text;
  const auto say = [&](const std::string& what) {
    text += (text.empty() ? "" : " ") + what;
  };
  if (x.lost > 0)
    say(lines_were(x.lost) + "lost.");
  if (x.platform_records > 0)
    say("The platform dropped " + std::to_string(x.platform_records)
        + " log records.");
  if (x.refused_bytes > 0)
    say("Bodies of " + std::to_string(x.refused_bytes)
        + " bytes could not be read.");
  if (x.rejected > 0)
    say("The server refused " + lines_text(x.rejected) + '.');
  if (x.late > 0)
    say(lines_text(x.late) + " came when it was over.");
  if (x.delayed > x.late)
    say(lines_were(x.delayed - x.late)
        + (x.has(apm::flush_outcome::at_risk)
               ? "still held, and no event followed."
               : "still held when it ended."));
  if (x.has(apm::flush_outcome::unaccounted))
    say("The ledger does not balance.");
  return text.empty() ? "Telemetry was missed." : text;
}

/// How the lines fared.
std::string fate_text(const event_span& x) {
  if (x.outcome.is_missed())
    return missed_text(x.outcome);
  if (x.outcome.is_undecidable)
    return "Too little of it is in the trace to say what became of it.";
  if (!x.row.end_ns)
    return "The trace ends before this event does.";
  if (x.row.received == 0 && x.row.held == 0)
    return "There was nothing to deliver.";
  if (x.row.held > 0)
    return lines_were(x.row.held)
           + "held for the next event, as the strategy has it.";
  return x.row.received == x.row.accepted
             ? "Everything arrived: " + lines_text(x.row.received) + '.'
             : "All that was held arrived.";
}

/// What ended it, and why its flush ended.
std::string course_text(const event_span& x) {
  constexpr std::array why_names{
      "nothing was left to flush", "the flush ended as the server fails",
      "the flush ran out of time", "the flush was put off",
      "SHUTDOWN overtook the flush"};
  const auto& row = x.row;
  std::string text;
  if (row.winner == "agent_flushed")
    text = "The agent's flush signal ended it";
  else if (row.winner == "runtime_done")
    text = "The end of the runtime's work ended it";
  else if (row.winner == "deadline")
    text = "No signal came in time: the deadline's margin ended it";
  else
    return {};
  if (row.winner_ns)
    text += " after " + duration_text(elapsed_ns(row.begin_ns, *row.winner_ns));
  if (row.slack_ns)
    text += *row.slack_ns < 0
                ? ", " + duration_text(elapsed_ns(*row.slack_ns, 0))
                      + " past the deadline"
                : ", " + duration_text(*row.slack_ns) + " before the deadline";
  if (x.flush_end != no_record && x.flush_why < why_names.size())
    text += std::string{"; "} + why_names[x.flush_why];
  return text + '.';
}

} // namespace

std::string duration_text(int64_t ns) {
  char text[40];
  const auto size = std::abs(static_cast<double>(ns));
  const auto print = [&](double unit, const char* name) {
    const double value = static_cast<double>(ns) / unit;
    const int digits = std::abs(value) < 10 ? 2 : std::abs(value) < 100 ? 1 : 0;
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    std::string shown = text;
    if (digits > 0) {
      shown.erase(shown.find_last_not_of('0') + 1);
      if (shown.back() == '.')
        shown.pop_back();
    }
    return shown + ' ' + name;
  };
  if (size < 1e3)
    return print(1, "ns");
  if (size < 1e6)
    return print(1e3, "µs");
  if (size < 1e9)
    return print(1e6, "ms");
  return print(1e9, "s");
}

std::string sentence_of(const event_span& x) {
  const auto course = course_text(x);
  return fate_text(x) + (course.empty() ? "" : ' ' + course);
}

} // namespace flushtrace
