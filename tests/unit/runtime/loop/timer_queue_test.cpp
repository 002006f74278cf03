// Tests of timer_queue.hpp. All times are ms of a clock of their own.
#include "runtime/loop/timer_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace apm {
namespace {

steady_time at(int64_t ms) {
  return steady_time{std::chrono::milliseconds{ms}};
}

/// A queue whose timers write their names down.
struct written {
  timer_queue::timer_id set(int64_t due_ms, std::string name) {
    return timers.set(at(due_ms), [this, name] { fired += name; });
  }

  timer_queue timers;
  std::string fired;
};

TEST(timer_queue, fires_by_time_and_equals_in_the_order_they_were_set) {
  written queue;
  queue.set(20, "c");
  queue.set(10, "a");
  queue.set(10, "b");
  queue.set(31, "d");
  queue.timers.fire(at(9));
  EXPECT_EQ(queue.fired, "");
  queue.timers.fire(at(10));
  EXPECT_EQ(queue.fired, "ab");
  queue.timers.fire(at(30));
  EXPECT_EQ(queue.fired, "abc");
  queue.timers.fire(at(30));
  EXPECT_EQ(queue.fired, "abc") << "each fires once";
}

TEST(timer_queue, says_when_the_next_is_due) {
  written queue;
  EXPECT_EQ(queue.timers.next_due(), steady_time::max());
  queue.set(20, "b");
  const auto first = queue.set(10, "a");
  EXPECT_EQ(queue.timers.next_due(), at(10));
  queue.timers.cancel(first);
  EXPECT_EQ(queue.timers.next_due(), at(20));
  queue.timers.fire(at(20));
  EXPECT_EQ(queue.timers.next_due(), steady_time::max());
}

TEST(timer_queue, takes_a_timer_back) {
  written queue;
  const auto a = queue.set(10, "a");
  const auto b = queue.set(10, "b");
  queue.timers.cancel(a);
  queue.timers.cancel(a);
  queue.timers.fire(at(10));
  EXPECT_EQ(queue.fired, "b");
  queue.set(10, "c");
  queue.timers.cancel(b); // has fired, and is not the new one
  queue.timers.fire(at(10));
  EXPECT_EQ(queue.fired, "bc");
}

TEST(timer_queue, takes_back_what_is_due_at_the_same_time) {
  written queue;
  timer_queue::timer_id later;
  queue.timers.set(at(10), [&] {
    queue.fired += "a";
    queue.timers.cancel(later);
  });
  later = queue.set(10, "b");
  queue.timers.fire(at(10));
  EXPECT_EQ(queue.fired, "a");
}

TEST(timer_queue, leaves_what_its_timers_set_for_the_next_time) {
  written queue;
  queue.timers.set(at(10), [&] {
    queue.fired += "a";
    queue.set(5, "b");
  });
  queue.timers.fire(at(10));
  EXPECT_EQ(queue.fired, "a");
  EXPECT_EQ(queue.timers.next_due(), at(5));
  queue.timers.fire(at(10));
  EXPECT_EQ(queue.fired, "ab");
}

// After a freeze one that comes every 10 ms has many turns to catch up with.
TEST(timer_queue, is_not_held_up_by_one_that_sets_itself_again) {
  written queue;
  std::function<void(int64_t)> set_again = [&](int64_t due_ms) {
    queue.timers.set(at(due_ms), [&, due_ms] {
      queue.fired += "r";
      set_again(due_ms + 10);
    });
  };
  set_again(10);
  queue.set(500, "late");
  queue.timers.fire(at(1000));
  EXPECT_EQ(queue.fired, "rlate");
}

} // namespace
} // namespace apm
