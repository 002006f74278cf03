// Comparing one invocation with what the scenario expects of it; the run as a
// whole is in expectations.cpp. One sentence for each thing that does not hold.
#pragma once

#include "tools/lambda-sandbox/report/account.hpp"

namespace sandbox {

/// Adds what does not hold to the invocation's failures.
void check_invocation(const scenario_invocation& planned,
                      invocation_account& each);

} // namespace sandbox
