// Tests of what the COORDINATOR leaves to the sandbox's next process, and of
// what it makes of what an earlier one has left.
#include "tests/support/coordinator_world.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

using namespace std::chrono_literals;
using test::agent_data;
using test::coordinator_world;
using test::intake_path;

class coordinator_spill_test : public testing::Test {
protected:
  void TearDown() override { world.check_books(); }

  /// The APM Server cannot be reached, however often it is asked.
  void fail_all_posts() {
    http_response none;
    none.failure = http_failure::connect;
    while (world.has_open(intake_path)) {
      world.answer(intake_path, none);
      world.settle();
      world.advance(400ms); // the longest pause between two tries
    }
  }

  coordinator_world world;
};

TEST_F(coordinator_spill_test, what_is_held_at_shutdown_goes_to_the_next) {
  world.have_spill();
  world.begin(telemetry_api::none);
  EXPECT_EQ(world.spill_asked, 1U);
  world.send(agent_data(1, "r1", 3));
  const auto last = world.shutdown();
  world.settle();
  fail_all_posts();
  ASSERT_TRUE(world.is_done(last));
  ASSERT_EQ(world.stored.size(), 1U);
  ASSERT_EQ(world.stored[0].content.size(), 1U);
  const auto& left = world.stored[0].content[0];
  EXPECT_EQ(left.count, world.state().held().held_lines());
  EXPECT_FALSE(left.metadata.empty());
  EXPECT_EQ(left.value, static_cast<uint8_t>(line_value::agent));
}

TEST_F(coordinator_spill_test, nothing_is_left_where_all_was_delivered) {
  world.have_spill();
  world.begin(telemetry_api::none);
  const auto last = world.shutdown();
  world.settle();
  ASSERT_TRUE(world.is_done(last));
  EXPECT_TRUE(world.stored.empty());
}

TEST_F(coordinator_spill_test, no_invocation_but_the_last_leaves_anything) {
  world.have_spill();
  world.begin(telemetry_api::none);
  const auto event = world.invoke("r1", 1s);
  world.send(agent_data(1, "r1", 3));
  world.settle();
  world.advance(3s);
  fail_all_posts();
  ASSERT_TRUE(world.is_done(event));
  EXPECT_TRUE(world.stored.empty());
}

TEST_F(coordinator_spill_test, what_was_found_is_sent_first_and_as_it_was) {
  world.have_spill();
  world.begin(telemetry_api::none);
  const bytes metadata{R"({"metadata":{"earlier":1}})"};
  world.send(spill_found{
      1,
      {{metadata, "agent/0", 3, 2, bytes{std::string{"one\ntwo\n"}}},
       {bytes{}, "", 0, 1, bytes{std::string{"log\n"}}}},
      0,
      ""});
  world.settle();
  EXPECT_EQ(world.state().books().total().received, 3U);
  world.shutdown();
  world.settle();
  ASSERT_TRUE(world.has_open(intake_path));
  EXPECT_EQ(world.posted(),
            (std::vector<std::string>{R"({"metadata":{"earlier":1}})", "one",
                                      "two", "log"}));
}

TEST_F(coordinator_spill_test, what_was_ignored_is_told_with_its_size) {
  world.have_spill();
  world.begin(telemetry_api::none);
  world.send(spill_found{1, {}, 17, "it is torn"});
  world.settle();
  EXPECT_NE(world.log_text.find("it is torn"), std::string::npos);
  EXPECT_NE(world.log_text.find("17"), std::string::npos);
}

} // namespace
} // namespace apm
