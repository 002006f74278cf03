// Clock: the one clock of the function's facts and waits, CLOCK_MONOTONIC,
// which goes on while the sandbox is frozen, as Node's and Lambda's does.
#pragma once

#include <cstdint>

namespace sandbox::builtin {

inline constexpr std::int64_t ns_per_ms = 1'000'000;

/// Returns CLOCK_MONOTONIC in ns.
std::int64_t monotonic_ns();

/// Returns the time since 1970 in µs, as the intake's `timestamp` wants it.
std::int64_t wall_us();

/// Sleeps until the clock shows `until_ns`.
void sleep_until_ns(std::int64_t until_ns);

/// Returns for how many ms poll(2) must wait so that it does not wake before
/// `until_ns`: 0 if that is past.
int poll_timeout_ms(std::int64_t until_ns);

} // namespace sandbox::builtin
