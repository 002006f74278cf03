// Makes a life that breaks a promise as short as it gets: leaves out
// invocations, then one event or two, then faults, and keeps what still breaks
// the same promise. Each candidate is lived by the actors.
//
//   const auto least = shrink(scenario, steps, violation);
//   if (!least.violation.empty())
//     … least.actions
#pragma once

#include "tools/flushtrace/explore/explorer.hpp"

#include <string>
#include <vector>

namespace flushtrace {

/// @param taken what happened, in order; actors' turns are left out where the
/// promise is broken without them, too, in the loop's order
/// @returns without violation where it cannot be had so; `schedules` are the
/// lives that were tried
exploration shrink(scenario of, const std::vector<action>& taken,
                   const std::string& violation);

} // namespace flushtrace
