// Tests of repeat_limiter.hpp, under times of their own.
#include "runtime/log/log.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

using std::chrono::milliseconds;

constexpr repeat_limits limits{2, milliseconds{1'000}, 3};

steady_time at(int ms) {
  return steady_time{} + milliseconds{ms};
}

TEST(repeat_limiter, admits_a_message_so_often_in_a_window) {
  repeat_limiter limiter{limits};
  EXPECT_TRUE(limiter.admit(at(0), log_level::warn, "m"));
  EXPECT_TRUE(limiter.admit(at(999), log_level::warn, "m"));
  EXPECT_FALSE(limiter.admit(at(999), log_level::warn, "m"));
  EXPECT_TRUE(limiter.admit(at(999), log_level::warn, "another"));
  EXPECT_TRUE(limiter.admit(at(999), log_level::error, "m"));
  EXPECT_TRUE(limiter.take_due(at(999)).empty()) << "the window goes on";
  const auto due = limiter.take_due(at(1'000));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].level, log_level::warn);
  EXPECT_EQ(due[0].message, "m");
  EXPECT_EQ(due[0].count, 1U);
  EXPECT_TRUE(limiter.admit(at(1'000), log_level::warn, "m"));
  EXPECT_TRUE(limiter.take_due(at(1'000)).empty()) << "told once";
}

TEST(repeat_limiter, owes_nothing_where_nothing_was_withheld) {
  repeat_limiter limiter{limits};
  limiter.admit(at(0), log_level::warn, "m");
  EXPECT_TRUE(limiter.take_due(at(5'000)).empty());
  EXPECT_TRUE(limiter.take_all().empty());
}

// A freeze may last for hours: all windows are over then.
TEST(repeat_limiter, tells_in_the_order_of_the_windows) {
  repeat_limiter limiter{limits};
  for (int i = 0; i < 4; ++i)
    limiter.admit(at(i), log_level::warn, "first");
  for (int i = 4; i < 7; ++i)
    limiter.admit(at(i), log_level::info, "second");
  const auto due = limiter.take_due(at(3'600'000));
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[0].message, "first");
  EXPECT_EQ(due[0].count, 2U);
  EXPECT_EQ(due[1].message, "second");
  EXPECT_EQ(due[1].count, 1U);
}

// What others say is quoted in messages: there is no end of different ones.
TEST(repeat_limiter, watches_so_many_and_lets_the_oldest_go) {
  repeat_limiter limiter{limits};
  for (int i = 0; i < 3; ++i)
    limiter.admit(at(0), log_level::warn, "oldest");
  limiter.admit(at(1), log_level::warn, "b");
  limiter.admit(at(2), log_level::warn, "c");
  EXPECT_TRUE(limiter.take_due(at(2)).empty());
  EXPECT_TRUE(limiter.admit(at(3), log_level::warn, "d"));
  const auto due = limiter.take_due(at(3));
  ASSERT_EQ(due.size(), 1U) << "let go, but not forgotten";
  EXPECT_EQ(due[0].message, "oldest");
  EXPECT_TRUE(limiter.admit(at(4), log_level::warn, "oldest"));
}

TEST(repeat_limiter, gives_out_everything_at_the_end) {
  repeat_limiter limiter{limits};
  for (int i = 0; i < 5; ++i)
    limiter.admit(at(0), log_level::warn, "m");
  const auto all = limiter.take_all();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].count, 3U);
  EXPECT_TRUE(limiter.take_all().empty());
}

} // namespace
} // namespace apm
