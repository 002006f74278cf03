#include "tools/flushtrace/filtering.hpp"

#include "tools/flushtrace/analysis/analysis.hpp"

#include <algorithm>
#include <map>
#include <ostream>

namespace flushtrace {

std::optional<filter> read_filter(const std::string& text, streams to) {
  auto made = filter::parse(text);
  if (!made) {
    to.trouble << "flushtrace: --filter: " << made.error().detail << '\n';
    return {};
  }
  return std::move(made.value());
}

cause_lookup find_causes(const process_trace& of) {
  std::map<uint64_t, std::string> causes;
  for (const auto& event : analyse(of).events)
    for (const auto& x : event.findings) {
      auto& words = causes[event.facts.event];
      words += (words.empty() ? "" : " ") + std::string{x.what->id};
    }
  return [causes = std::move(causes)](uint64_t event) {
    const auto found = causes.find(event);
    return found == causes.end() ? std::string{} : found->second;
  };
}

cause_lookup causes_in(const process_trace& of, const filter& wanted) {
  return wanted.needs_causes() ? find_causes(of) : cause_lookup{};
}

std::set<uint64_t> events_with(const filter& wanted, const process_trace& of) {
  std::set<uint64_t> events;
  record_facts facts{of, causes_in(of, wanted)};
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
