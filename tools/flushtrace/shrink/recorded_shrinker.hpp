// Makes a recorded life as short as it gets in which the same flush is missed
// for the same cause: leaves out what came behind the event, then invocations,
// then inputs. Each candidate is lived by the actors, with what answers them
// modelled (whatif).
//
//   auto least = shrink_recorded(trace, what, {});
//   if (least)
//     … least.value().life
#pragma once

#include "runtime/result.hpp"
#include "tools/flushtrace/analysis/analysis.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace flushtrace {

/// What is wrong with an event.
struct missed_flush {
  apm::event_kind kind = apm::event_kind::invoke;
  std::string request_id; ///< empty: SHUTDOWN
  std::string cause;      ///< the primary one
  std::string detail;     ///< a sentence
};

/// *Shape:* nothing where no such event was missed.
/// @param event its number; 0: the first that was missed
std::optional<missed_flush> find_missed(const process_analysis& of,
                                        uint64_t event);

/// Whether the event was missed for that cause in the first place.
bool has_missed(const process_analysis& of, const missed_flush& what);

struct recorded_budget {
  uint64_t lives = 2'000;
  std::chrono::milliseconds time{10'000};
};

struct recorded_shrinking {
  process_trace life; ///< the least one: all verbs read it
  uint64_t lives = 0; ///< that were tried
  double seconds = 0;
  bool is_cut_short = false; ///< the budget was spent: less may be enough
};

/// *Errors:* `bad_shape` where the trace cannot be lived again, with the
/// reason; `bad_value` where these actors do not miss that flush.
[[nodiscard]] apm::result<recorded_shrinking>
shrink_recorded(const process_trace& of, const missed_flush& what,
                const recorded_budget& budget);

} // namespace flushtrace
