// Parts of the readable account: the whole timeline from all sources, and
// numbers in fixed form.
#pragma once

#include "tools/lambda-sandbox/report/account.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sandbox {

/// Returns all that is worth telling, in order: the Lambda side's entries, the
/// agent's facts, the requests at the APM Server, telemetry that told the
/// extension of an invocation's end.
std::vector<timeline_entry> full_timeline(const account& account);

std::string fixed_ms(std::int64_t ns, int decimals);
std::string fixed_number(double value, int decimals);

} // namespace sandbox
