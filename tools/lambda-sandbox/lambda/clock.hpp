// Clocks: everything observed is stamped with CLOCK_MONOTONIC, which goes on
// while processes are stopped and is the same in all processes of the machine;
// Lambda's protocols want Unix time besides.
#pragma once

#include <cstdint>
#include <string>

namespace sandbox {

inline constexpr std::int64_t ns_per_ms = 1'000'000;

/// Returns CLOCK_MONOTONIC now. *Units*: ns.
std::int64_t now_ns();

/// Returns Unix time now. *Units*: ns since 1970.
std::int64_t unix_now_ns();

/// Returns Unix time at a moment of CLOCK_MONOTONIC, by the offset between the
/// two clocks now. *Units*: ns.
std::int64_t unix_ns_at(std::int64_t monotonic);

/// Returns Unix time as telemetry has it, e.g. 2026-11-23T08:15:02.123Z.
/// *Units*: ns since 1970; what is below a millisecond is cut off.
std::string rfc3339_ms(std::int64_t unix_ns);

/// Returns a time as a number of milliseconds with its fraction.
inline double to_ms(std::int64_t ns) {
  return static_cast<double>(ns) / static_cast<double>(ns_per_ms);
}

} // namespace sandbox
