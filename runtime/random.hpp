// Where randomness comes from: production draws from the kernel, tests and
// replay from a list or a seed. Nothing else in the program is random.
#pragma once

#include <cstdint>

namespace apm {

class random_source {
public:
  virtual ~random_source() = default;

  /// A number, each of the 2^64 as likely as the others.
  virtual uint64_t next() noexcept = 0;
};

} // namespace apm
