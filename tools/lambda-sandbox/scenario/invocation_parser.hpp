// The part of the scenario parser that reads `invocations`; see scenario.hpp.
#pragma once

#include "tools/lambda-sandbox/scenario/scenario.hpp"

namespace sandbox {

/// Reads the array `invocations` of the scenario; without it there is one.
/// *Errors*: all go to `problems`.
void read_invocations(json_members& parent, scenario& result,
                      json_problems& problems);

/// Reads an object of strings.
void read_environment_map(json_members& members, const char* name,
                          environment_map& target);

} // namespace sandbox
