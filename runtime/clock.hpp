// Where time comes from. The loop reads both clocks once a turn; tests and
// replay put their own in its place. Nothing else in the program asks the
// operating system for the time.
#pragma once

#include "messages/time.hpp"

namespace apm {

class clock {
public:
  virtual ~clock() = default;

  /// Monotonic time of the current turn.
  virtual steady_time now() const noexcept = 0;

  /// Wall time of the current turn.
  virtual wall_ms wall() const noexcept = 0;
};

} // namespace apm
