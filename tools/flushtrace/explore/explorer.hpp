// Looks for an order of events in which a promise is broken: all orders one
// after the other, without those that are alike, or orders of chance.
//
//   const auto found = explore(scenario, budget);
//   if (!found.violation.empty())
//     … found.schedule
#pragma once

#include "runtime/result.hpp"
#include "tools/flushtrace/explore/scenario.hpp"
#include "tools/flushtrace/explore/ways.hpp"

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace flushtrace {

struct explore_budget {
  uint64_t schedules = UINT64_MAX;
  std::chrono::milliseconds time{60'000};
  bool is_random = false;
  uint64_t seed = 1;
};

/// Which of the actions that were possible was taken, step by step.
using schedule = std::vector<uint32_t>;

struct exploration {
  uint64_t schedules = 0; ///< lives that were lived
  uint64_t pruned = 0;    ///< of these, those that came to where one had been
  uint64_t states = 0;    ///< that were seen
  uint64_t records = 0;
  bool is_complete = false; ///< every order was tried
  double seconds = 0;
  std::set<uint64_t> coverage; ///< ways in which lives have gone
  endings ends; ///< of events in lives of these ways; empty where one is broken
  std::string violation;          ///< empty: none was found
  scenario of;                    ///< in which it was found
  std::vector<action> actions;    ///< what happened
  schedule found;                 ///< in which it was broken
  std::vector<std::string> steps; ///< of it, for people; turns left out
  std::string segment;            ///< its trace
  std::string misfit; ///< why a schedule cannot be lived; empty: it can be
};

/// @param progress is told how many schedules there were, now and then; may be
/// empty
exploration explore(const scenario& of, const explore_budget& budget,
                    const std::function<void(uint64_t)>& progress = {});

/// One life again. *Shape:* as what `explore` has found; without violation
/// where it holds its promises now; up to the step that does not fit.
exploration live_again(const scenario& of, const schedule& taken);

/// Likewise, told step by step (`told_life`), and to its end.
exploration retell(const scenario& of, const std::vector<action>& steps);

} // namespace flushtrace
