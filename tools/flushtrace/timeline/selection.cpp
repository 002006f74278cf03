#include "tools/flushtrace/timeline/selection.hpp"

#include "tools/flushtrace/filtering.hpp"

#include <algorithm>
#include <numeric>

namespace flushtrace {

namespace {

void add_range(std::vector<uint32_t>& to, uint32_t first, size_t count) {
  const auto begin = to.size();
  to.resize(begin + count);
  std::iota(to.begin() + static_cast<std::ptrdiff_t>(begin), to.end(), first);
}

} // namespace

event_choice choose_events(const process_trace& of, uint64_t event,
                           const filter& wanted) {
  if (wanted.is_empty())
    return event == 0 ? event_choice{} : std::set<uint64_t>{event};
  auto found = events_with(wanted, of);
  if (event != 0)
    found = found.count(event) > 0 ? std::set<uint64_t>{event}
                                   : std::set<uint64_t>{};
  return found;
}

page_selection select_records(const activity& seen, const event_choice& wanted,
                              size_t records_max) {
  page_selection found;
  const auto& events = seen.events;
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < events.size(); ++i)
    if (!wanted || wanted->count(events[i].row.event) > 0)
      order.push_back(i);
  const bool is_all = !wanted && seen.steps.size() <= records_max
                      && events.size() <= page_events_max;
  if (is_all || events.empty()) {
    const auto count = !wanted ? std::min(seen.steps.size(), records_max) : 0;
    add_range(found.records, static_cast<uint32_t>(seen.steps.size() - count),
              count);
    found.events = std::move(order);
    found.is_whole = count == seen.steps.size();
    return found;
  }
  std::stable_sort(order.begin(), order.end(), [&](uint32_t x, uint32_t y) {
    const bool is_missed_x = events[x].outcome.is_missed();
    const bool is_missed_y = events[y].outcome.is_missed();
    return is_missed_x != is_missed_y ? is_missed_x : x > y;
  });
  const auto first_of = [&](uint32_t i) {
    return i == 0 && !wanted ? 0 : events[i].first;
  };
  size_t count = 0;
  for (const auto i : order) {
    const size_t more = events[i].last + size_t{1} - first_of(i);
    if (!found.events.empty() && count + more > records_max)
      continue;
    if (found.events.size() == page_events_max)
      break;
    count += more;
    found.events.push_back(i);
  }
  std::sort(found.events.begin(), found.events.end());
  for (const auto i : found.events)
    add_range(found.records, first_of(i),
              events[i].last + size_t{1} - first_of(i));
  found.is_whole = false;
  return found;
}

} // namespace flushtrace
