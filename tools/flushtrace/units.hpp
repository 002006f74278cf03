// Times in traces are nanoseconds; Lambda's are milliseconds, the intake's are
// microseconds.
#pragma once

#include <cstdint>

namespace flushtrace {

inline constexpr int64_t ns_per_us = 1'000;
inline constexpr int64_t ns_per_ms = 1'000'000;

/// *Units:* from ns to ms, with its fraction.
inline double ms_of(int64_t ns) noexcept {
  return static_cast<double>(ns) / static_cast<double>(ns_per_ms);
}

} // namespace flushtrace
