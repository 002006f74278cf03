// What a change comes to: event by event what became of its telemetry and what
// the extension added to the invocation, before and after.
//
//   const auto x = compare(trace, changed);
//   x.after.missed, x.after.added_ns
#pragma once

#include "tools/flushtrace/whatif/whatif_engine.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flushtrace {

/// How an event went. *Units:* intake lines, bytes, ns.
struct event_side {
  event_outcome outcome;
  std::string cause;       ///< the primary one; empty: nothing was missed
  uint64_t late_bytes = 0; ///< held when its flush was over, of a missed one
  /// From the end of the function to the request for the next event: what
  /// Lambda bills for the extension. Nothing: it is no invocation, or its end
  /// is not there.
  std::optional<int64_t> added_ns;
};

struct event_comparison {
  uint64_t event = 0;
  apm::event_kind kind = apm::event_kind::invoke;
  std::string request_id;
  std::optional<event_side> before; ///< nothing: only one life has it
  std::optional<event_side> after;
  bool is_exact = false; ///< what is said of `after`
};

/// Sums of one life.
struct life_sums {
  uint64_t events = 0;
  uint64_t missed = 0;
  uint64_t undecidable = 0;
  uint64_t lost = 0; ///< lines, rejected ones included
  uint64_t late = 0; ///< lines
  uint64_t late_bytes = 0;
  std::vector<int64_t> added_ns; ///< of each invocation, ascending

  int64_t added_total_ns() const noexcept;
  int64_t added_median_ns() const noexcept;
  int64_t added_max_ns() const noexcept;
};

struct life_comparison {
  std::vector<event_comparison> events; ///< ascending
  life_sums before;
  life_sums after;
  bool is_exact = true; ///< all of it
};

life_comparison compare(const process_trace& before, const changed_life& after);

} // namespace flushtrace
