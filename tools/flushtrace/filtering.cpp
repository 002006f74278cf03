#include "tools/flushtrace/filtering.hpp"

#include "tools/flushtrace/analysis/analysis.hpp"

#include <algorithm>
#include <map>
#include <ostream>

namespace flushtrace {

std::optional<filter> read_filter(const std::string& text, streams to,
                                  const char* option) {
  auto made = filter::parse(text);
  if (!made) {
    to.trouble << "flushtrace: " << option << ": " << made.error().detail
               << '\n';
    return {};
  }
  return std::move(made.value());
}

event_lookup find_words(const process_trace& of, event_judge by) {
  std::map<uint64_t, event_words> all;
  for (const auto& event : analyse(of).events) {
    auto& words = all[event.facts.event];
    for (const auto& x : event.findings)
      words.causes +=
          (words.causes.empty() ? "" : " ") + std::string{x.what->id};
    if (by == event_judge::extension)
      continue;
    words.is_missed = event.outcome.is_missed();
    if (words.is_missed)
      words.verdict = describe(event.outcome);
    else if (event.outcome.is_undecidable)
      words.verdict = "unknown";
  }
  return [all = std::move(all)](uint64_t event) {
    const auto found = all.find(event);
    return found == all.end() ? event_words{} : found->second;
  };
}

event_lookup words_for(const filter& wanted, const process_trace& of,
                       event_judge by) {
  const bool asks_analysis =
      wanted.needs_causes()
      || (by == event_judge::analysis && wanted.needs_verdicts());
  return asks_analysis ? find_words(of, by) : event_lookup{};
}

std::set<uint64_t> events_with(const filter& wanted, const process_trace& of,
                               event_judge by) {
  std::set<uint64_t> events;
  record_facts facts{of, words_for(wanted, of, by)};
  for (const auto& x : of.content.records) {
    facts.go_to(x);
    const auto* event = facts.event();
    if (event != nullptr && events.count(event->event) == 0
        && wanted.holds(facts))
      events.insert(event->event);
  }
  return events;
}

void tell_none_fits(std::ostream& to) {
  to << "flushtrace: no event fits the filter\n";
}

bool is_event_there(const trace_set& traces, uint64_t event, std::ostream& to,
                    const char* where) {
  const auto has_it = [event](const process_trace& x) {
    const auto rows = events_of(x.content);
    return std::any_of(rows.begin(), rows.end(), [event](const event_row& row) {
      return row.event == event;
    });
  };
  const auto& all = traces.processes;
  if (event == 0 || std::any_of(all.begin(), all.end(), has_it))
    return true;
  to << "flushtrace: event " << event << " is not in " << where
     << ": flushtrace ls shows which are\n";
  return false;
}

bool tell_problems(const trace_set& traces, std::ostream& to) {
  for (const auto& x : traces.problems)
    to << "flushtrace: " << x.file << ": " << x.what << '\n';
  return traces.processes.empty();
}

int status_beside(const trace_set& traces, int status) {
  return status == exit_clean && !traces.problems.empty() ? exit_unreadable
                                                          : status;
}

} // namespace flushtrace
