// What differs between an event of one run and the same of another: how it
// ended, what became of its lines, and how long things took.
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"
#include "tools/flushtrace/replay/comparison.hpp"

#include <string>
#include <vector>

namespace flushtrace {

/// *Units:* ns.
struct duration_diff {
  std::string what; ///< such as `POST 1`
  int64_t a = 0;
  int64_t b = 0;
};

struct event_diff {
  uint64_t a = 0; ///< its number; 0: A has no such event
  uint64_t b = 0;
  std::vector<field_difference> outcome; ///< `expected` is A's
  std::vector<duration_diff> durations;

  bool is_lone() const noexcept { return a == 0 || b == 0; }
};

/// @param threshold_ns durations that differ by less are left out
event_diff compare_events(const event_analysis& a, const event_analysis& b,
                          int64_t threshold_ns);

} // namespace flushtrace
