// One run: puts Lambda, the APM Server stand-in and the record together on one
// thread, and lets them go until the scenario is over.
#pragma once

#include "tools/lambda-sandbox/command_line.hpp"
#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <string>

namespace sandbox {

/// Runs the scenario and tells the account.
/// *Errors*: returns the exit status: 0, 1 or 2, as --help says.
int run(const command_line& options, const scenario& plan,
        const std::string& own_program);

} // namespace sandbox
