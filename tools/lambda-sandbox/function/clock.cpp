// Clock: see the header.
#include "tools/lambda-sandbox/function/clock.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

namespace sandbox::builtin {

namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

} // namespace

std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * ns_per_s + now.tv_nsec;
}

std::int64_t wall_us() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

void sleep_until_ns(std::int64_t until_ns) {
  const timespec until{until_ns / ns_per_s, until_ns % ns_per_s};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr)
         == EINTR) {
  }
}

int poll_timeout_ms(std::int64_t until_ns) {
  const auto left_ns = until_ns - monotonic_ns();
  if (left_ns <= 0)
    return 0;
  return static_cast<int>(
      std::min<std::int64_t>((left_ns + ns_per_ms - 1) / ns_per_ms, INT_MAX));
}

} // namespace sandbox::builtin
