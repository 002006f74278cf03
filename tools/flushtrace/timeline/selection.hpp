// Which records a page shows: all, or those of as many events as it has room
// for, missed flushes first.
#pragma once

#include "tools/flushtrace/filter/filter.hpp"
#include "tools/flushtrace/timeline/activity.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace flushtrace {

/// Numbers of events; nothing: all of them.
using event_choice = std::optional<std::set<uint64_t>>;

/// The one of that number where it is not 0, of these those with a record for
/// which the filter holds.
event_choice choose_events(const process_trace& of, uint64_t event,
                           const filter& wanted);

struct page_selection {
  std::vector<uint32_t> records; ///< indices, ascending
  std::vector<uint32_t> events;  ///< likewise, of `activity::events`
  bool is_whole = true;
};

/// Of a page: each is a bar and a row.
constexpr size_t page_events_max = 5000;

/// As many whole events as hold at most `records_max` records, one at least:
/// missed ones first, newer ones first. What precedes the first event comes
/// with it, where all events are wanted.
page_selection select_records(const activity& seen, const event_choice& wanted,
                              size_t records_max);

} // namespace flushtrace
