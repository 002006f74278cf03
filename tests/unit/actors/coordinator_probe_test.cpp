// Tests of how long the COORDINATOR waits, at an invocation's end, for the
// answer to a probe of an APM Server that has failed.
#include "tests/support/coordinator_world.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

using namespace std::chrono_literals;
using test::agent_data;
using test::agent_flush;
using test::answered;
using test::coordinator_world;
using test::intake_path;

class coordinator_probe_test : public testing::Test {
protected:
  coordinator_probe_test() { world.begin(telemetry_api::none); }

  void TearDown() override { world.check_books(); }

  /// An invocation whose agent sends and flushes; the POST, if there is one, is
  /// under way then.
  uint64_t invoke() {
    const auto request = "r" + std::to_string(++last_);
    const auto event = world.invoke(request, 3s);
    world.settle(); // a probe goes out first
    world.send(agent_data(2 * last_, request, 1));
    world.send(agent_flush(2 * last_ + 1));
    world.settle();
    return event;
  }

  void answer(uint16_t status, std::chrono::milliseconds after) {
    ASSERT_TRUE(world.has_open(intake_path));
    world.advance(after);
    world.answer(intake_path, answered(status));
    world.settle();
  }

  coordinator_world world;
  uint64_t last_ = 0;
};

TEST_F(coordinator_probe_test, is_awaited_as_long_as_a_well_server_takes) {
  auto event = invoke();
  answer(202, 60ms);
  ASSERT_TRUE(world.is_done(event));
  event = invoke();
  answer(503, 1ms);
  ASSERT_TRUE(world.is_done(event));
  event = invoke();
  EXPECT_FALSE(world.is_done(event)) << "its answer is to be expected";
  answer(202, 60ms);
  answer(202, 60ms); // what has come meanwhile
  EXPECT_TRUE(world.is_done(event));
  EXPECT_EQ(world.state().held().held_lines(), 0U);
}

TEST_F(coordinator_probe_test, is_given_up_soon_where_the_server_hangs) {
  invoke();
  answer(202, 60ms);
  invoke();
  answer(503, 1ms);
  const auto event = invoke();
  world.advance(119ms);
  EXPECT_FALSE(world.is_done(event));
  world.advance(1ms); // twice what it took before
  EXPECT_TRUE(world.is_done(event));
  EXPECT_FALSE(world.has_open(intake_path));
}

TEST_F(coordinator_probe_test, is_not_awaited_where_none_was_ever_answered) {
  invoke();
  answer(503, 1ms);
  const auto event = invoke();
  EXPECT_TRUE(world.is_done(event));
}

/// It has failed while the function worked, and was well again before its end.
TEST_F(coordinator_probe_test, a_server_that_has_answered_since_gets_the_rest) {
  const auto event = world.invoke("r1", 6s);
  world.settle();
  world.send(agent_data(1, "r1", 1));
  world.settle();
  world.advance(1s); // lines have waited for company long enough
  answer(503, 1ms);
  world.advance(1s); // the longest that it is left alone after one failure
  answer(202, 1ms);
  world.send(agent_data(2, "r1", 2));
  world.send(agent_flush(3));
  world.settle();
  EXPECT_FALSE(world.is_done(event));
  answer(202, 1ms);
  EXPECT_TRUE(world.is_done(event));
  EXPECT_EQ(world.state().held().held_lines(), 0U);
}

} // namespace
} // namespace apm
