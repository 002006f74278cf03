// Whether the APM Server is worth a request. It outlives invocations: after a
// failure an invocation's end is not held up again until a request has
// succeeded, and what is held is tried once, in the background, when the next
// invocation begins.
#pragma once

#include <cstdint>

namespace apm {

/// The moments at which a request may be started.
enum class ship_moment : uint8_t {
  event_begin, ///< an invocation has just begun: time is plenty
  event_run,   ///< while it runs
  event_end,   ///< it is over and waits for us
  shutdown,    ///< the last chance
};

class server_health {
public:
  /// Whether a request may be started. One at `event_begin` is the probe of a
  /// failing server.
  bool allows(ship_moment moment) const noexcept {
    return !is_failing_ || moment == ship_moment::event_begin
           || moment == ship_moment::shutdown;
  }

  void succeeded() noexcept { is_failing_ = false; }

  void failed() noexcept { is_failing_ = true; }

  bool is_failing() const noexcept { return is_failing_; }

private:
  bool is_failing_ = false;
};

} // namespace apm
