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

/// The same where invocations run side by side: a sandbox of Managed Instances
/// runs 1,600 at most. Source: AWS Lambda developer guide, "Lambda Managed
/// Instances".
constexpr size_t concurrent_invocations_max = 2'048;

/// Marks the reported ones, and forgets the oldest that are no longer needed:
/// first of those that are reported, as one may run for longer than all that
/// have begun after it. What has no request id stands for all that are not
/// known and stays.
inline void trim_invocations(std::deque<invocation_facts>& known,
                             const std::vector<std::string>& reported = {},
                             size_t known_max = known_invocations_max) {
  size_t reported_count = 0;
  for (auto& each : known) {
    each.is_reported |=
        std::find(reported.begin(), reported.end(), each.request_id)
        != reported.end();
    reported_count += each.is_reported ? 1 : 0;
  }
  const auto forget = [&](size_t surplus, auto&& may_go) {
    for (auto i = known.begin(); surplus > 0 && i != known.end();)
      if (may_go(*i)) {
        i = known.erase(i);
        --surplus;
      } else {
        ++i;
      }
  };
  if (reported_count > reported_invocations_max)
    forget(reported_count - reported_invocations_max,
           [](const invocation_facts& x) { return x.is_reported; });
  if (known.size() > known_max)
    forget(known.size() - known_max,
           [](const invocation_facts& x) { return !x.request_id.empty(); });
}

} // namespace apm
