// Tests of timers_port.hpp: the loop's timers for actors, each with ids of its
// own.
#include "runtime/ports/timers_port.hpp"
#include "tests/support/loop_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <vector>

#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {
namespace {

using std::chrono::milliseconds;
using test::loop_world;

class timers_port_test : public testing::Test {
protected:
  /// An actor that keeps the ids of its timers that fired.
  timer_sink spawn(std::vector<uint64_t>* fired) {
    return world_.spawn([=](timer_sink::pointer) -> timer_sink::behavior_type {
      return {[=](const timer_fired& x) { fired->push_back(x.id); }};
    });
  }

  /// As if `who` had sent it.
  template <class Message>
  void send_as(const timer_sink& who, Message x) {
    caf::send_as(who, timers_, x);
    world_.settle();
  }

  timer_set set_in(milliseconds ahead, uint64_t id) {
    return {id, world_.loop().time().now() + ahead};
  }

  loop_world world_;
  timers_actor timers_ = world_.spawn(timers_port, &world_.loop().timers());
  std::vector<uint64_t> fired_a_;
  std::vector<uint64_t> fired_b_;
  timer_sink a_ = spawn(&fired_a_);
  timer_sink b_ = spawn(&fired_b_);
};

using ids = std::vector<uint64_t>;
constexpr std::chrono::hours long_after{2};
constexpr std::chrono::minutes soon{60};

TEST_F(timers_port_test, tells_who_asked_once_it_is_due) {
  send_as(a_, set_in(soon, 7));
  send_as(b_, set_in(long_after, 7));
  EXPECT_EQ(fired_a_, ids{});
  world_.fire_timers(soon);
  EXPECT_EQ(fired_a_, ids{7});
  EXPECT_EQ(fired_b_, ids{});
  world_.fire_timers(long_after);
  EXPECT_EQ(fired_a_, ids{7});
  EXPECT_EQ(fired_b_, ids{7});
}

TEST_F(timers_port_test, tells_at_once_what_is_overdue) {
  send_as(a_, set_in(-soon, 7));
  EXPECT_EQ(fired_a_, ids{7});
}

TEST_F(timers_port_test, takes_a_timer_back) {
  send_as(a_, set_in(soon, 7));
  send_as(a_, set_in(soon, 8));
  send_as(b_, timer_cancel{7}); // none of its own
  send_as(a_, timer_cancel{8});
  send_as(a_, timer_cancel{9});
  world_.fire_timers(long_after);
  EXPECT_EQ(fired_a_, ids{7});
  send_as(a_, timer_cancel{7});
  EXPECT_EQ(world_.loop().timers().next_due(), steady_time::max());
}

TEST_F(timers_port_test, replaces_a_timer_of_the_same_id) {
  send_as(a_, set_in(soon, 7));
  send_as(a_, set_in(long_after, 7));
  world_.fire_timers(soon);
  EXPECT_EQ(fired_a_, ids{});
  world_.fire_timers(long_after);
  EXPECT_EQ(fired_a_, ids{7});
}

TEST_F(timers_port_test, takes_its_timers_along_when_it_ends) {
  send_as(a_, set_in(soon, 7));
  caf::anon_send_exit(timers_, caf::exit_reason::kill);
  timers_ = nullptr;
  world_.settle();
  EXPECT_EQ(world_.loop().timers().next_due(), steady_time::max());
  world_.fire_timers(long_after);
  EXPECT_EQ(fired_a_, ids{});
}

} // namespace
} // namespace apm
