// Randomness from the kernel. It keeps no state of its own, so that sandboxes
// that are restored from one snapshot do not draw the same numbers.
#pragma once

#include "runtime/random.hpp"

#include <sys/random.h>

namespace apm {

class kernel_random final : public random_source {
public:
  uint64_t next() noexcept override {
    uint64_t drawn = 0;
    // Eight bytes come whole or, before the pool is ready, not at all: then
    // what it spreads is not spread.
    if (::getrandom(&drawn, sizeof drawn, GRND_NONBLOCK)
        != static_cast<ssize_t>(sizeof drawn))
      drawn = 0;
    return drawn;
  }
};

} // namespace apm
