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
      "",
      {}});
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
  world.send(spill_found{1, {}, 17, "it is torn", {}});
  world.settle();
  EXPECT_NE(world.log_text.find("it is torn"), std::string::npos);
  EXPECT_NE(world.log_text.find("17"), std::string::npos);
}

// -- what is on record for the case that we are killed --

class coordinator_held_test : public coordinator_spill_test {
protected:
  coordinator_held_test() { world.have_spill(); }

  void begin_after(const held_figures& lost) {
    world.begin(telemetry_api::telemetry);
    spill_found found;
    found.lost = lost;
    world.send(found);
    world.settle();
  }

  held_figures last() const {
    return world.noted.empty() ? held_figures{} : world.noted.back();
  }
};

TEST_F(coordinator_held_test, is_noted_before_the_agent_has_its_answer) {
  begin_after({});
  world.invoke("r1", 1s);
  world.settle();
  world.send(agent_data(1, "r1", 3));
  world.step(0);
  EXPECT_EQ(last().lines, world.state().held().held_lines());
  EXPECT_GT(last().lines, 0U);
  EXPECT_EQ(last().bytes, world.state().held().held_bytes());
  EXPECT_TRUE(world.agent_answers.empty());
  world.settle();
}

TEST_F(coordinator_held_test, says_what_is_under_way_and_what_was_delivered) {
  begin_after({});
  world.invoke("r1", 1s);
  world.send(agent_data(1, "r1", 3));
  world.send(test::agent_flush(2));
  world.settle();
  ASSERT_TRUE(world.has_open(intake_path));
  EXPECT_EQ(last().lines_under_way, last().lines);
  EXPECT_GT(last().lines, 0U);
  world.answer(intake_path, test::answered(202));
  world.settle();
  EXPECT_EQ(last(), held_figures{});
}

TEST_F(coordinator_held_test, says_what_was_dropped) {
  begin_after({});
  world.invoke("r1", 1s);
  world.send(agent_data(1, "r1", 3));
  world.send(test::agent_flush(2));
  world.settle();
  world.answer(intake_path, test::answered(400)); // and accepted none
  world.settle();
  EXPECT_EQ(last().lines, 0U);
  EXPECT_GT(last().dropped, 0U);
}

TEST_F(coordinator_held_test, counts_telemetry_until_lines_are_made_of_it) {
  begin_after({});
  world.invoke("r1", 1s);
  world.settle();
  world.send(test::delivered(1, {test::function_log("hello")}));
  world.step(0);
  EXPECT_EQ(last(), (held_figures{0, 0, 0, 1}));
  world.settle();
  EXPECT_EQ(last().deliveries, 0U);
  EXPECT_EQ(last().lines, 1U);
}

TEST_F(coordinator_held_test, a_loss_is_told_and_counted_as_dropped) {
  begin_after({5, 600, 2, 1, 4});
  EXPECT_NE(world.log_text.find("\"lost_lines\":5"), std::string::npos)
      << world.log_text;
  EXPECT_NE(world.log_text.find("\"lost_bytes\":600"), std::string::npos);
  EXPECT_NE(world.log_text.find("\"lines_under_way\":2"), std::string::npos);
  EXPECT_NE(world.log_text.find("\"lost_telemetry_deliveries\":1"),
            std::string::npos);
  EXPECT_NE(world.log_text.find("\"dropped_lines\":4"), std::string::npos);
  const auto& total = world.state().books().total();
  EXPECT_EQ(total.received, 5U);
  EXPECT_EQ(total.dropped[static_cast<size_t>(drop_reason::killed)], 5U);
  EXPECT_EQ(last(), held_figures{}) << "it is told: the next need not";
}

TEST_F(coordinator_held_test, where_nothing_was_lost_nothing_is_told) {
  begin_after({});
  EXPECT_EQ(world.log_text, "");
}

TEST_F(coordinator_held_test, earlier_figures_stay_until_they_are_told) {
  world.begin(telemetry_api::telemetry);
  world.invoke("r1", 1s);
  world.send(agent_data(1, "r1", 3)); // SPILL has not answered yet
  world.settle();
  EXPECT_TRUE(world.noted.empty());
  spill_found found;
  found.lost.lines = 5;
  world.send(found);
  world.settle();
  EXPECT_EQ(last().lines, world.state().held().held_lines());
}

TEST_F(coordinator_held_test, what_was_found_is_held_by_us_now) {
  world.begin(telemetry_api::none);
  world.send(spill_found{
      1, {{bytes{}, "", 0, 1, bytes{std::string{"log\n"}}}}, 0, "", {}});
  world.settle();
  EXPECT_EQ(last(), (held_figures{1, 4, 0, 0}));
}

} // namespace
} // namespace apm
