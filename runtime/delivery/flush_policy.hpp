// When an event is declared over for want of a signal, and how long what is
// held may keep it waiting after that. All times are exact; nothing is rounded.
#pragma once

#include "messages/lambda.hpp"
#include "messages/time.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace apm {

/// When what is held is sent: before the event is given back, or with the
/// events that follow.
enum class send_strategy : uint8_t { syncflush, background };

struct flush_limits {
  /// Of an invocation without a signal, before its deadline.
  std::chrono::milliseconds flush_margin{200};
  /// Of one request to the APM Server; a flush takes no longer in all.
  std::chrono::milliseconds forwarder_timeout{3000};
};

/// What must be left of an event when its flush is given up, so that the
/// answer to Lambda is still in time: a turn of ours and a loopback request
/// take under 1 ms of CPU, which are 15 ms at the 7 % of a core that a function
/// of 128 MB owns.
constexpr std::chrono::milliseconds answer_margin{50};

/// At SHUTDOWN the last reports are waited for until this long before the
/// deadline; the rest of Lambda's 2 s belongs to the flush.
constexpr std::chrono::milliseconds shutdown_flush_share{1000};

/// When TIMER declares the event over.
inline steady_time signal_deadline(const lambda_event& event,
                                   const flush_limits& limits) {
  if (event.kind == event_kind::shutdown)
    return event.deadline - shutdown_flush_share;
  return event.deadline - limits.flush_margin;
}

/// What must be left at SHUTDOWN, where the process itself has to end: Lambda
/// kills what is still there at the deadline.
constexpr std::chrono::milliseconds exit_margin{200};

/// What it takes at SHUTDOWN to write to the disk what is held: a millisecond
/// for so many bytes, four times what it takes at rest. Half of the flush's
/// time stays the flush's.
constexpr uint64_t spilled_bytes_per_ms = 256 * 1024;
constexpr std::chrono::milliseconds spill_time_max = shutdown_flush_share / 2;

/// When a flush that begins at `now` is given up.
/// @param held_bytes what would have to go to the disk then, if it must
inline steady_time flush_end(const lambda_event& event, steady_time now,
                             const flush_limits& limits,
                             uint64_t held_bytes = 0) {
  const std::chrono::milliseconds spill_time{held_bytes / spilled_bytes_per_ms};
  const auto margin = event.kind == event_kind::shutdown
                          ? exit_margin + std::min(spill_time, spill_time_max)
                          : answer_margin;
  return std::max(
      now, std::min(event.deadline - margin, now + limits.forwarder_timeout));
}

/// What one request may take if it begins at `now`.
/// *Units:* milliseconds, at least 1.
inline std::chrono::milliseconds request_timeout(steady_time deadline,
                                                 steady_time now,
                                                 const flush_limits& limits) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - answer_margin - now);
  return std::max(std::chrono::milliseconds{1},
                  std::min(left, limits.forwarder_timeout));
}

} // namespace apm
