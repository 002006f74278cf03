// All clocks of the kernel at once, for the anchors of the actor trace. Of the
// three, one stands still in a freeze of the whole machine, one is set by
// others.
#pragma once

#include "runtime/trace/record.hpp"

#include <ctime>

namespace apm {

inline trace::clock_readings read_kernel_clocks() noexcept {
  const auto read = [](clockid_t which) -> int64_t {
    timespec time{};
    ::clock_gettime(which, &time);
    return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  return {read(CLOCK_MONOTONIC), read(CLOCK_REALTIME), read(CLOCK_BOOTTIME)};
}

} // namespace apm
