// Tests of invocation_history.hpp: as long as needed, and no longer.
#include "runtime/delivery/invocation_history.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

invocation_facts invocation(size_t number) {
  invocation_facts x;
  x.sequence = number;
  x.request_id = "r" + std::to_string(number);
  return x;
}

TEST(invocation_history, an_invocation_is_known_until_it_is_reported) {
  // Invocations of 1 ms, reported 50 ms later: 25 ms of buffering and as much
  // again on the way.
  std::deque<invocation_facts> known;
  for (size_t i = 0; i < 200; ++i) {
    known.push_back(invocation(i));
    trim_invocations(known);
    ASSERT_EQ(known.back().sequence, i);
    if (i < 50)
      continue;
    const auto late = i - 50;
    ASSERT_LE(known.front().sequence, late);
    trim_invocations(known, {"r" + std::to_string(late)});
    ASSERT_LE(known.size(), 50 + reported_invocations_max);
  }
}

TEST(invocation_history, a_reported_one_stays_for_its_late_lines) {
  std::deque<invocation_facts> known;
  for (size_t i = 0; i < 30; ++i) {
    known.push_back(invocation(i));
    trim_invocations(known, {"r" + std::to_string(i)});
  }
  EXPECT_EQ(known.size(), reported_invocations_max);
  EXPECT_EQ(known.front().sequence, 30 - reported_invocations_max);
}

TEST(invocation_history, it_is_bounded_without_reports) {
  std::deque<invocation_facts> known;
  for (size_t i = 0; i < 1000; ++i) {
    known.push_back(invocation(i));
    trim_invocations(known);
  }
  EXPECT_EQ(known.size(), known_invocations_max);
  EXPECT_EQ(known.back().sequence, 999U);
}

TEST(invocation_history, one_without_a_report_keeps_no_other) {
  std::deque<invocation_facts> known;
  known.push_back(invocation(0)); // its report is lost
  for (size_t i = 1; i < 1000; ++i) {
    known.push_back(invocation(i));
    trim_invocations(known, {"r" + std::to_string(i)});
  }
  EXPECT_LE(known.size(), known_invocations_max);
}

TEST(invocation_history, one_that_runs_for_long_outlives_the_short_ones) {
  std::deque<invocation_facts> known;
  known.push_back({}); // of no request
  known.push_back(invocation(0));
  for (size_t i = 1; i < 5000; ++i) {
    known.push_back(invocation(i));
    trim_invocations(known, {"r" + std::to_string(i)});
    ASSERT_LE(known.size(), 2 + reported_invocations_max);
  }
  EXPECT_TRUE(known[0].request_id.empty());
  EXPECT_EQ(known[1].request_id, "r0");
}

TEST(invocation_history, as_many_as_run_side_by_side_are_known) {
  std::deque<invocation_facts> known;
  for (size_t i = 0; i < 3000; ++i) {
    known.push_back(invocation(i));
    trim_invocations(known, {}, concurrent_invocations_max);
  }
  EXPECT_EQ(known.size(), concurrent_invocations_max);
}

TEST(invocation_history, nothing_is_known_of_nothing) {
  std::deque<invocation_facts> known;
  trim_invocations(known, {"r1"});
  EXPECT_TRUE(known.empty());
}

} // namespace
} // namespace apm
