// TIMER: one alarm, one *done*, nothing left behind.
#include "actors/timer.hpp"
#include "tests/support/coordinator_probe.hpp"

#include <gtest/gtest.h>

namespace apm::test {
namespace {

TEST(timer_actor, says_done_at_its_time_and_not_before) {
  virtual_world world;
  coordinator_probe coordinator{world};
  world.spawn(timer, world.ports(), coordinator.handle, uint64_t{7},
              world.now() + 2800ms);
  world.advance(2799ms);
  EXPECT_TRUE(coordinator.dones.empty());
  world.advance(1ms);
  ASSERT_EQ(coordinator.dones.size(), 1U);
  EXPECT_EQ(coordinator.dones[0].signal, end_signal::deadline);
  EXPECT_EQ(coordinator.dones[0].sequence, 7U);
}

TEST(timer_actor, takes_its_alarm_back_when_it_is_ended) {
  virtual_world world;
  coordinator_probe coordinator{world};
  auto actor = world.spawn(timer, world.ports(), coordinator.handle,
                           uint64_t{1}, world.now() + 1s);
  world.settle();
  EXPECT_EQ(world.armed_timers(), 1U);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  world.settle();
  EXPECT_EQ(world.armed_timers(), 0U);
  world.advance(2s);
  EXPECT_TRUE(coordinator.dones.empty());
}

} // namespace
} // namespace apm::test
