// Which invocations records may still come for: their ARN and deadline are
// needed for the lines made of them.
//
// The platform holds records back for the 25 ms that we subscribe with, and
// somewhat longer. A function of a millisecond or two that is called without a
// pause is dozens of invocations further by then. So an invocation is known
// until the platform has reported it, and some time longer for late lines.
#pragma once

#include "messages/telemetry.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace apm {

/// How many reported invocations stay known: the platform may retry a delivery
/// twice or thrice, an invocation or two later.
constexpr size_t reported_invocations_max = 16;

/// The most in all, where reports do not come: 50 KB, and half a second of
/// invocations of 2 ms.
constexpr size_t known_invocations_max = 256;

/// Marks the reported ones, and forgets the oldest that are no longer needed.
inline void trim_invocations(std::deque<invocation_facts>& known,
                             const std::vector<std::string>& reported = {}) {
  size_t reported_count = 0;
  for (auto& each : known) {
    each.is_reported |=
        std::find(reported.begin(), reported.end(), each.request_id)
        != reported.end();
    reported_count += each.is_reported ? 1 : 0;
  }
  while (!known.empty()
         && (known.size() > known_invocations_max
             || (known.front().is_reported
                 && reported_count > reported_invocations_max))) {
    reported_count -= known.front().is_reported ? 1 : 0;
    known.pop_front();
  }
}

} // namespace apm
