// The two kinds of time that messages carry. Both come from the loop's clock,
// which reads them once a turn; see runtime/clock.hpp.
#pragma once

#include <chrono>
#include <cstdint>

namespace apm {

/// Monotonic time: what waits and deadlines inside the process are made of.
using steady_time = std::chrono::steady_clock::time_point;

/// Wall time as Lambda and the APM Server write it. *Units:* Unix epoch in
/// milliseconds.
using wall_ms = int64_t;

} // namespace apm
