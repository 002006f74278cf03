// Looks around a recorded life: what would have come of it, had things come in
// another order, or had the APM Server failed. Up to a record it is replayed;
// behind that each life that is tried differs from the order of time in a few
// places, first in one, then in two, and so on.
//
//   const auto found = explore_recorded(trace, budget);
//   if (found)
//     for (const auto& way : found.value().ways)
//       … way.how, way.orders
#pragma once

#include "runtime/result.hpp"
#include "tools/flushtrace/explore/ways.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace flushtrace {

/// One place in which an order differs from time's.
struct order_change {
  uint32_t step = 0;   ///< of what comes from the world behind the prefix
  uint32_t choice = 0; ///< of what could come; 0 is what time has next
};

/// *Shape:* by steps, ascending; empty: the order of time.
using changed_order = std::vector<order_change>;

/// `12:1,30:2`.
std::string text_of(const changed_order& x);

/// *Errors:* `bad_value` where it is no such text.
[[nodiscard]] apm::result<changed_order> order_of(const std::string& text);

struct orders_budget {
  uint64_t from = 0;    ///< the first record that is not replayed
  uint32_t changes = 2; ///< in one order, at most
  uint32_t faults = 0;  ///< of these, by the APM Server
  uint64_t orders = UINT64_MAX;
  std::chrono::milliseconds time{60'000};
  bool is_random = false; ///< orders of chance, not one after the other
  uint64_t seed = 1;
};

/// How an event may end.
struct way {
  ending how;
  uint64_t orders = 0;      ///< in which an event ends so
  bool is_recorded = false; ///< one ended so in the recording, too
  // -- the first order of these: that with the fewest changes --
  uint64_t event = 0;
  changed_order order;
  std::vector<std::string> changes; ///< in words
  trace sample;                     ///< empty where `is_recorded`
};

struct recorded_orders {
  uint64_t orders = 0; ///< that were tried
  uint64_t untold = 0; ///< of which the recording does not say enough
  uint32_t steps = 0;  ///< of the order of time
  /// All orders with so many changes were tried; -1: not even time's.
  int complete_changes = -1;
  double seconds = 0;
  std::string strategy;
  std::string violation; ///< of a promise; empty: none is broken
  changed_order broken;  ///< the order in which it is
  std::vector<std::string> broken_changes;
  trace broken_sample;
  std::vector<way> ways; ///< the most frequent first
};

/// @param progress is told how many orders there were; may be empty
/// *Errors:* as `whatif_engine::live`.
[[nodiscard]] apm::result<recorded_orders>
explore_recorded(const process_trace& of, const orders_budget& budget,
                 const std::function<void(uint64_t)>& progress = {});

/// One order again. *Errors:* as `whatif_engine::live`; `bad_value` where the
/// life has no such step, or not so much to choose from.
[[nodiscard]] apm::result<recorded_orders>
live_order(const process_trace& of, const orders_budget& budget,
           const changed_order& order);

} // namespace flushtrace
