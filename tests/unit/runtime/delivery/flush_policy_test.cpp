// Table tests of flush_policy.hpp. All times are ms after the event's begin.
#include "runtime/delivery/flush_policy.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

using std::chrono::milliseconds;

constexpr steady_time begin{std::chrono::hours{1}};

lambda_event event_of(event_kind kind, int64_t deadline_ms) {
  lambda_event event;
  event.kind = kind;
  event.deadline = begin + milliseconds{deadline_ms};
  return event;
}

int64_t after_begin(steady_time t) {
  return std::chrono::duration_cast<milliseconds>(t - begin).count();
}

struct signal_case {
  event_kind kind;
  int64_t deadline_ms;
  int64_t flush_margin_ms;
  int64_t expected_ms;
};

// 200 ms before the deadline, in exact milliseconds; the margin is a setting.
// SHUTDOWN: half of Lambda's 2 s for the last reports.
constexpr signal_case signals[] = {
    {event_kind::invoke, 3000, 200, 2800},
    {event_kind::invoke, 3999, 200, 3799}, // not cut to whole seconds
    {event_kind::invoke, 3001, 0, 3001},
    {event_kind::invoke, 900'000, 200, 899'800}, // Lambda's longest time-out
    {event_kind::invoke, 100, 200, -100},        // over before it began
    {event_kind::shutdown, 2000, 200, 1000},
    {event_kind::shutdown, 2000, 5000, 1000}, // the margin is an invocation's
};

TEST(flush_policy, waits_for_a_signal_until_the_margin) {
  for (const auto& x : signals) {
    flush_limits limits;
    limits.flush_margin = milliseconds{x.flush_margin_ms};
    EXPECT_EQ(
        after_begin(signal_deadline(event_of(x.kind, x.deadline_ms), limits)),
        x.expected_ms)
        << x.deadline_ms << " ms, margin " << x.flush_margin_ms << " ms";
  }
}

TEST(flush_policy, keeps_what_is_finer_than_a_millisecond) {
  auto event = event_of(event_kind::invoke, 3000);
  event.deadline += std::chrono::microseconds{321};
  EXPECT_EQ(signal_deadline(event, {}),
            begin + milliseconds{2800} + std::chrono::microseconds{321});
}

struct flush_case {
  event_kind kind;
  int64_t deadline_ms;
  int64_t now_ms;
  int64_t expected_ms;
};

// One forwarder time-out (3 s) at most, and an invocation's flush leaves 50 ms
// for the answer to Lambda, SHUTDOWN's 200 ms to end the process.
constexpr flush_case flushes[] = {
    {event_kind::invoke, 30'000, 1000, 4000},
    {event_kind::invoke, 3000, 1000, 2950},
    {event_kind::invoke, 3000, 2949, 2950},
    {event_kind::invoke, 3000, 2960, 2960}, // too late: at once, never before
    {event_kind::invoke, 3000, 9000, 9000}, // thawed long after
    {event_kind::shutdown, 2000, 0, 1800},
    {event_kind::shutdown, 2000, 1900, 1900},
};

TEST(flush_policy, bounds_a_flush_by_the_exact_deadline) {
  for (const auto& x : flushes)
    EXPECT_EQ(after_begin(flush_end(event_of(x.kind, x.deadline_ms),
                                    begin + milliseconds{x.now_ms}, {})),
              x.expected_ms)
        << "deadline " << x.deadline_ms << " ms, now " << x.now_ms << " ms";
}

TEST(flush_policy, leaves_time_at_shutdown_to_write_what_is_held) {
  constexpr uint64_t mib = 1024 * 1024;
  const auto end = [](event_kind kind, uint64_t held) {
    return after_begin(flush_end(event_of(kind, 2000), begin, {}, held));
  };
  EXPECT_EQ(end(event_kind::shutdown, mib / 4 - 1), 1800);
  EXPECT_EQ(end(event_kind::shutdown, 8 * mib), 1768);
  EXPECT_EQ(end(event_kind::shutdown, 64 * mib), 1544);
  EXPECT_EQ(end(event_kind::shutdown, 1024 * mib), 1300);
  EXPECT_EQ(end(event_kind::invoke, 64 * mib), 1950);
}

struct request_case {
  int64_t deadline_ms;
  int64_t now_ms;
  int64_t forwarder_timeout_ms;
  int64_t expected_ms;
};

// The time left but 50 ms, at most the forwarder's time-out, and never 0, which
// an HTTP client takes for "no limit".
constexpr request_case requests[] = {
    {30'000, 0, 3000, 3000}, {3000, 0, 3000, 2950}, {3000, 2000, 3000, 950},
    {3000, 2000, 500, 500},  {3000, 2949, 3000, 1}, {3000, 2950, 3000, 1},
    {3000, 9000, 3000, 1},
};

TEST(flush_policy, bounds_a_request_by_the_exact_deadline) {
  for (const auto& x : requests) {
    flush_limits limits;
    limits.forwarder_timeout = milliseconds{x.forwarder_timeout_ms};
    const auto timeout =
        request_timeout(begin + milliseconds{x.deadline_ms},
                        begin + milliseconds{x.now_ms}, limits);
    EXPECT_EQ(timeout.count(), x.expected_ms)
        << "deadline " << x.deadline_ms << " ms, now " << x.now_ms << " ms";
  }
}

} // namespace
} // namespace apm
