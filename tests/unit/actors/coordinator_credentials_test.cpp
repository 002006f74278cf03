// INVOCATION COORDINATOR and credentials from AWS: what waits for them and for
// how long, and when they are fetched anew.
#include "tests/support/coordinator_world.hpp"

#include <gtest/gtest.h>

namespace apm::test {
namespace {

class coordinator_credentials_test : public ::testing::Test {
protected:
  void TearDown() override { world.check_books(); }

  void begin() {
    world.name_credentials();
    world.begin();
  }

  /// An invocation whose agent has sent data and flushed.
  uint64_t flushed_invocation(const std::string& request_id) {
    const auto event = world.invoke(request_id, 30s);
    world.send(agent_data(1, request_id, 1));
    world.send(agent_flush(2));
    world.settle();
    return event;
  }

  void answer_post(uint16_t status) {
    world.answer(intake_path, answered(status));
    world.settle();
  }

  void give() {
    world.give_credentials();
    world.settle();
  }

  void refused_and_made_good(uint16_t status) {
    begin();
    give();
    const auto first = flushed_invocation("r1");
    answer_post(status);
    EXPECT_TRUE(world.is_done(first));
    EXPECT_EQ(held(), 2U);
    EXPECT_EQ(asked(), 1U); // not into the freeze
    world.invoke("r2", 30s);
    world.settle();
    EXPECT_EQ(asked(), 2U);
    EXPECT_FALSE(world.has_open(intake_path)); // not with the old ones
    give();
    EXPECT_EQ(world.posted().size(), 3U); // the probe
    answer_post(202);
    EXPECT_EQ(held(), 0U);
  }

  size_t held() const { return world.state().held().held_lines(); }

  size_t asked() const { return world.credentials_asked.size(); }

  coordinator_world world;
};

TEST_F(coordinator_credentials_test, nothing_is_asked_where_nothing_is_named) {
  world.begin();
  const auto event = flushed_invocation("r1");
  answer_post(401);
  EXPECT_TRUE(world.is_done(event));
  EXPECT_EQ(asked(), 0U);
}

TEST_F(coordinator_credentials_test, shutdown_takes_a_refusal_for_an_answer) {
  world.begin(telemetry_api::none);
  world.send(agent_data(1, "r1", 1));
  const auto last = world.shutdown();
  world.settle();
  answer_post(401);
  EXPECT_TRUE(world.is_done(last)) << "they are as wrong in 100 ms";
  EXPECT_EQ(held(), 2U);
}

TEST_F(coordinator_credentials_test, shutdown_fetches_what_is_refused_anew) {
  world.name_credentials();
  world.begin(telemetry_api::none);
  give();
  world.send(agent_data(1, "r1", 1));
  const auto last = world.shutdown();
  world.settle();
  answer_post(401);
  ASSERT_FALSE(world.is_done(last));
  EXPECT_EQ(asked(), 2U);
  give();
  answer_post(202);
  EXPECT_TRUE(world.is_done(last));
  EXPECT_EQ(held(), 0U);
}

TEST_F(coordinator_credentials_test, registration_asks_once) {
  begin();
  EXPECT_EQ(asked(), 1U);
  give();
  flushed_invocation("r1");
  answer_post(202);
  EXPECT_EQ(asked(), 1U);
}

TEST_F(coordinator_credentials_test, the_first_post_waits_for_them) {
  begin();
  const auto event = flushed_invocation("r1");
  world.advance(100ms);
  EXPECT_FALSE(world.has_open(intake_path));
  EXPECT_FALSE(world.is_done(event));
  give();
  EXPECT_EQ(world.posted().size(), 3U); // metadata, transaction, a span
  EXPECT_TRUE(world.open(intake_path).request.with_credentials);
  answer_post(202);
  EXPECT_TRUE(world.is_done(event));
}

TEST_F(coordinator_credentials_test, an_event_without_lines_does_not_wait) {
  begin();
  const auto event = world.invoke("r1", 30s);
  world.send(agent_data(1, "r1", 0));
  world.settle();
  give();
  world.send(agent_flush(2));
  world.settle();
  answer_post(202);
  ASSERT_TRUE(world.is_done(event));
}

TEST_F(coordinator_credentials_test, they_cost_one_flush_at_most) {
  begin();
  const auto first = flushed_invocation("r1");
  world.advance(2999ms); // the forwarder's time-out bounds a flush
  EXPECT_FALSE(world.is_done(first));
  world.advance(1ms);
  EXPECT_TRUE(world.is_done(first));
  EXPECT_EQ(world.armed_timers(), 0U);
  // The next one is not held up again, and what was held goes out with them.
  const auto second = flushed_invocation("r2");
  EXPECT_TRUE(world.is_done(second));
  EXPECT_EQ(held(), 4U);
  const auto third = world.invoke("r3", 30s);
  give();
  world.send(agent_flush(9));
  world.send(agent_data(8, "r3", 0, true));
  world.settle();
  EXPECT_EQ(world.posted().size(), 6U); // metadata, 5 lines
  answer_post(202);
  EXPECT_TRUE(world.is_done(third));
}

TEST_F(coordinator_credentials_test, shutdown_waits_up_to_its_flushs_end) {
  begin();
  flushed_invocation("r1");
  world.advance(3s);
  const auto last = world.shutdown();
  world.advance(1799ms); // 200 ms before the end of its 2 s
  EXPECT_FALSE(world.is_done(last));
  world.advance(1ms);
  EXPECT_TRUE(world.is_done(last));
}

TEST_F(coordinator_credentials_test, at_shutdown_they_may_still_come) {
  begin();
  flushed_invocation("r1");
  world.advance(3s);
  const auto last = world.shutdown();
  world.settle();
  give();
  answer_post(202);
  world.advance(1s); // for the last report, which does not come
  EXPECT_TRUE(world.is_done(last));
  EXPECT_EQ(held(), 0U);
}

TEST_F(coordinator_credentials_test, under_background_they_hold_up_nobody) {
  world.config.strategy = send_strategy::background;
  begin();
  const auto first = flushed_invocation("r1");
  EXPECT_TRUE(world.is_done(first));
  const auto second = world.invoke("r2", 30s);
  world.settle();
  EXPECT_FALSE(world.has_open(intake_path));
  give();
  EXPECT_EQ(world.posted().size(), 3U);
  EXPECT_FALSE(world.is_done(second));
}

TEST_F(coordinator_credentials_test,
       a_failure_is_told_once_and_does_not_block) {
  begin();
  world.give_credentials({"cannot fetch x: denied"});
  flushed_invocation("r1");
  answer_post(401);       // with the plain credentials, or none
  EXPECT_EQ(asked(), 1U); // it waits for the next event
  world.invoke("r2", 30s);
  world.settle();
  EXPECT_EQ(asked(), 2U);
  world.give_credentials({"cannot fetch x: denied"});
  world.settle();
  const auto first = world.log_text.find("cannot fetch x: denied");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(world.log_text.find("cannot fetch x: denied", first + 1),
            std::string::npos);
}

TEST_F(coordinator_credentials_test, a_401_has_them_fetched_for_what_was_kept) {
  refused_and_made_good(401);
}

TEST_F(coordinator_credentials_test, so_has_a_403) {
  refused_and_made_good(403);
}

TEST_F(coordinator_credentials_test,
       a_401_while_the_function_works_asks_at_once) {
  begin();
  give();
  const auto event = world.invoke("r1", 30s);
  world.send(agent_data(1, "r1", 1));
  world.advance(1s); // lines wait so long for company
  answer_post(401);
  EXPECT_EQ(asked(), 2U);
  give();
  answer_post(202);
  // The invocation's end flushes as if nothing had been.
  world.send(agent_data(2, "r1", 0, true));
  world.settle();
  EXPECT_EQ(world.posted().size(), 2U);
  answer_post(202);
  EXPECT_TRUE(world.is_done(event));
}

TEST_F(coordinator_credentials_test, fresh_ones_are_asked_for_once_a_minute) {
  begin();
  give();
  for (int i = 0; i < 180; ++i) { // three minutes, an invocation each second
    const auto before = asked();
    const auto event = world.invoke("r" + std::to_string(i), 30s);
    world.settle();
    if (asked() > before)
      give();
    if (world.has_open(intake_path)) // the probe
      answer_post(401);
    world.send(agent_data(1, "r" + std::to_string(i), 0, true));
    world.settle();
    if (world.has_open(intake_path)) // the flush
      answer_post(401);
    ASSERT_TRUE(world.is_done(event));
    world.advance(1s);
  }
  EXPECT_EQ(asked(), 1U + 3U);
}

TEST_F(coordinator_credentials_test, a_401_at_shutdown_is_made_good_in_it) {
  begin();
  give();
  world.send(agent_data(1, "r1", 1));
  const auto last = world.shutdown();
  world.settle();
  answer_post(401);
  EXPECT_EQ(asked(), 2U);
  EXPECT_FALSE(world.is_done(last));
  give();
  answer_post(202);
  EXPECT_TRUE(world.is_done(last));
  EXPECT_EQ(held(), 0U);
}

TEST_F(coordinator_credentials_test, what_failed_is_fetched_when_a_post_fails) {
  begin();
  world.give_credentials({"no certificate"});
  flushed_invocation("r1");
  world.answer(intake_path, failed(http_failure::tls, false));
  world.settle();
  world.invoke("r2", 30s);
  world.settle();
  EXPECT_EQ(asked(), 2U);
}

TEST_F(coordinator_credentials_test, other_failures_are_not_their_fault) {
  begin();
  give();
  flushed_invocation("r1");
  answer_post(503);
  world.invoke("r2", 30s);
  world.settle();
  EXPECT_EQ(asked(), 1U);
}

TEST_F(coordinator_credentials_test, relayed_requests_wait_for_them) {
  begin();
  world.send(agent_relay{4, "GET", "/", {}, {}});
  world.settle();
  EXPECT_FALSE(world.has_open("/"));
  give();
  EXPECT_TRUE(world.open("/").request.with_credentials);
  world.answer("/", answered(200, "{}"));
  world.settle();
  ASSERT_EQ(world.agent_answers.size(), 1U);
  EXPECT_EQ(world.agent_answers[0].status, 200);
}

// A function may wait for its agent's request.
TEST_F(coordinator_credentials_test, relayed_requests_wait_half_a_second) {
  begin();
  world.send(agent_relay{4, "GET", "/", {}, {}});
  world.advance(499ms);
  EXPECT_FALSE(world.has_open("/"));
  world.advance(1ms);
  EXPECT_TRUE(world.has_open("/"));
  world.answer("/", answered(401));
  world.settle();
  world.send(agent_relay{5, "GET", "/", {}, {}}); // nor does another one
  world.settle();
  EXPECT_TRUE(world.has_open("/"));
}

TEST_F(coordinator_credentials_test, only_so_many_relayed_requests_wait) {
  begin();
  for (uint64_t id = 1; id <= 9; ++id)
    world.send(agent_relay{id, "GET", "/", {}, {}});
  world.settle();
  EXPECT_EQ(world.requests.size(), 1U); // all but eight
  give();
  EXPECT_EQ(world.requests.size(), 9U);
}

TEST_F(coordinator_credentials_test, no_relayed_request_outlasts_its_event) {
  begin();
  const auto event = world.invoke("r1", 1s);
  world.advance(600ms);
  world.send(agent_relay{4, "GET", "/", {}, {}});
  world.advance(200ms); // the deadline's signal; there is nothing to flush
  EXPECT_TRUE(world.is_done(event));
  ASSERT_EQ(world.agent_answers.size(), 1U);
  EXPECT_EQ(world.agent_answers[0].status, 502);
  EXPECT_EQ(world.armed_timers(), 0U);
  give();
  EXPECT_FALSE(world.has_open("/"));
}

} // namespace
} // namespace apm::test
