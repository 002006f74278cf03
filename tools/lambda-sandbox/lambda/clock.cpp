// The clocks, straight from the kernel; see clock.hpp.
#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace sandbox {

namespace {

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

} // namespace

std::int64_t now_ns() {
  return read_clock(CLOCK_MONOTONIC);
}

std::int64_t unix_now_ns() {
  return read_clock(CLOCK_REALTIME);
}

std::int64_t unix_ns_at(std::int64_t monotonic) {
  return unix_now_ns() + (monotonic - now_ns());
}

std::string rfc3339_ms(std::int64_t unix_ns) {
  const auto ms = unix_ns / ns_per_ms;
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  // Long enough for any year a time_t can hold.
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<int>(ms % 1000));
  return text.data();
}

} // namespace sandbox
