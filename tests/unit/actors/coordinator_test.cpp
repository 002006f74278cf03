// INVOCATION COORDINATOR with its real children: who ends an event, what is
// sent when, what is kept when it cannot be sent.
#include "tests/support/coordinator_world.hpp"

#include <gtest/gtest.h>

namespace apm::test {
namespace {

class coordinator_test : public ::testing::Test {
protected:
  void TearDown() override { world.check_books(); }

  /// An invocation from INVOKE to the agent's signal, its POST accepted.
  void quick_invocation(const std::string& request_id) {
    const auto event = world.invoke(request_id, 3s);
    world.send(agent_data(1, request_id, 1));
    world.send(agent_flush(2));
    world.settle();
    world.answer(intake_path, answered(202));
    world.settle();
    ASSERT_TRUE(world.is_done(event));
  }

  size_t held() { return world.state().held().held_lines(); }

  coordinator_world world;
};

// -- the three signals --------------------------------------------------------

TEST_F(coordinator_test, the_agents_signal_ends_an_invocation) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 2));
  world.settle();
  EXPECT_FALSE(world.has_open(intake_path)); // it waits for company
  world.send(agent_flush(2));
  world.settle();
  EXPECT_EQ(world.posted().size(), 4U); // metadata, transaction, two spans
  EXPECT_FALSE(world.is_done(event));
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
  EXPECT_EQ(held(), 0U);
  EXPECT_EQ(world.armed_timers(), 0U); // nothing goes off during the freeze
}

TEST_F(coordinator_test, every_agent_request_is_answered_202_ok) {
  world.begin();
  world.send(agent_data(7, "r0", 1)); // even before the first event
  world.settle();
  ASSERT_EQ(world.agent_answers.size(), 1U);
  EXPECT_EQ(world.agent_answers[0].id, 7U);
  EXPECT_EQ(world.agent_answers[0].status, 202);
  EXPECT_EQ(world.agent_answers[0].body.view(), "ok");
}

TEST_F(coordinator_test, data_and_signal_may_come_in_one_request) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0, true)); // as the Python agent does
  world.settle();
  EXPECT_EQ(world.posted().size(), 2U);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
}

TEST_F(coordinator_test, runtime_done_ends_an_invocation_with_its_logs) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.send(delivered(
      1, {function_log("one"), function_log("two"), runtime_done("r1")}));
  world.settle();
  EXPECT_EQ(world.telemetry_answers[0].status, 200);
  EXPECT_EQ(world.posted().size(), 3U); // metadata of our own, two logs
  EXPECT_NE(world.posted()[0].find(R"("name":"orders-api")"),
            std::string::npos);
  EXPECT_NE(world.posted()[1].find(R"("execution":"r1")"), std::string::npos);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
}

TEST_F(coordinator_test, the_end_of_another_request_ends_nothing) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.send(delivered(1, {runtime_done("r0")}));
  world.settle();
  EXPECT_FALSE(world.is_done(event));
}

TEST_F(coordinator_test, without_a_signal_it_ends_200_ms_before_the_deadline) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.advance(2799ms);
  EXPECT_FALSE(world.is_done(event));
  world.advance(1ms);
  EXPECT_TRUE(world.is_done(event));
}

TEST_F(coordinator_test, the_first_signal_wins_and_the_others_change_nothing) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0, true));
  world.send(delivered(1, {runtime_done("r1")}));
  world.settle();
  world.answer(intake_path, answered(202));
  world.settle();
  world.advance(5s);
  EXPECT_EQ(world.events_done, (std::vector<uint64_t>{event}));
}

// -- registered transactions
// ---------------------------------------------------

TEST_F(coordinator_test, a_registration_is_answered_200_and_gives_metadata) {
  world.begin();
  world.invoke("r1", 3s);
  world.send(registration(7, "r1"));
  world.send(delivered(1, {function_log("one"), runtime_done("r1")}));
  world.settle();
  ASSERT_EQ(world.agent_answers.size(), 1U);
  EXPECT_EQ(world.agent_answers[0].id, 7U);
  EXPECT_EQ(world.agent_answers[0].status, 200);
  world.advance(0ms);
  ASSERT_EQ(world.posted().size(), 3U) << "metadata, the log, the substitute";
  EXPECT_NE(world.posted()[0].find("registered-service"), std::string::npos);
}

TEST_F(coordinator_test,
       a_transaction_that_never_comes_is_replaced_at_the_end) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.send(registration(1, "r1"));
  world.send(delivered(1, {runtime_done("r1")}));
  world.settle();
  EXPECT_TRUE(world.requests.empty()) << "it may have arrived in the same turn";
  world.advance(0ms);
  ASSERT_EQ(world.posted().size(), 2U);
  EXPECT_NE(world.posted()[1].find(R"("result":"success")"), std::string::npos);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
  EXPECT_EQ(world.state().books().total().accepted, 1U);
}

TEST_F(coordinator_test,
       data_that_comes_with_runtime_done_needs_no_substitute) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.send(registration(1, "r1"));
  world.send(delivered(1, {runtime_done("r1")}));
  world.settle();
  world.send(agent_data(2, "r1", 0)); // transaction t-r1
  world.advance(0ms);
  ASSERT_EQ(world.posted().size(), 2U); // metadata and the agent's own
  EXPECT_EQ(world.posted()[1].find("result"), std::string::npos);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
}

TEST_F(coordinator_test, a_body_on_its_way_in_delays_the_substitute) {
  world.begin();
  const auto first = world.invoke("r1", 3s);
  world.send(registration(1, "r1"));
  world.send(intake_open{1});
  world.send(delivered(1, {runtime_done("r1")}));
  world.settle();
  world.advance(0ms);
  EXPECT_TRUE(world.is_done(first)) << "it does not hold up the invocation";
  const auto second = world.invoke("r2", 3s);
  world.send(agent_data(2, "r1", 0)); // what was on its way
  world.send(intake_open{0});
  world.send(delivered(2, {runtime_done("r2")}));
  world.settle();
  world.advance(0ms);
  EXPECT_EQ(world.posted().size(), 2U);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(second));
}

TEST_F(coordinator_test, a_transaction_that_comes_after_its_substitute_is_cut) {
  world.begin();
  world.invoke("r1", 3s);
  world.send(registration(1, "r1"));
  world.send(delivered(1, {runtime_done("r1")}));
  world.settle();
  world.advance(0ms);
  world.answer(intake_path, answered(202));
  world.settle();
  world.invoke("r2", 3s);
  world.send(agent_data(2, "r1", 2));
  world.send(delivered(2, {runtime_done("r2")}));
  world.settle();
  const auto lines = world.posted();
  EXPECT_EQ(lines.size(), 3U) << "metadata and two spans";
  world.answer(intake_path, answered(202));
  world.settle();
  world.check_books();
  const auto& total = world.state().books().total();
  EXPECT_EQ(total.dropped[static_cast<size_t>(drop_reason::duplicate)], 1U);
}

TEST_F(coordinator_test, at_shutdown_the_reason_says_how_a_transaction_ended) {
  world.begin(telemetry_api::none);
  const auto first = world.invoke("r1", 3s);
  world.send(registration(1, "r1"));
  world.settle();
  world.advance(3000ms); // Lambda says so after its deadline
  ASSERT_TRUE(world.is_done(first));
  const auto last = world.shutdown("timeout");
  world.settle();
  world.advance(0ms);
  ASSERT_EQ(world.posted().size(), 2U);
  EXPECT_NE(world.posted()[1].find(R"("result":"timeout")"), std::string::npos);
  EXPECT_NE(world.posted()[1].find(R"("duration":3000)"), std::string::npos);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(last));
}

// -- SnapStart ----------------------------------------------------------------

TEST_F(coordinator_test, after_a_restore_no_old_connection_is_trusted) {
  world.config.initialization_type = "snap-start";
  world.begin();
  world.invoke("r1", 3s);
  world.settle();
  EXPECT_EQ(world.restores, 1U);
  world.send(agent_data(1, "r1", 0, true));
  world.settle();
  world.answer(intake_path, answered(202));
  world.settle();
  world.invoke("r2", 3s);
  world.settle();
  EXPECT_EQ(world.restores, 1U) << "later events come in the same process";
}

// -- rule 6: a signal belongs to an invocation --------------------------------

TEST_F(coordinator_test, a_late_signal_does_not_end_the_next_invocation) {
  world.begin();
  const auto first = world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0));
  world.send(delivered(1, {runtime_done("r1")}));
  world.settle();
  world.answer(intake_path, answered(202));
  world.settle();
  ASSERT_TRUE(world.is_done(first));
  const auto second = world.invoke("r2", 3s);
  world.send(agent_flush(2)); // still owed for r1
  world.settle();
  EXPECT_FALSE(world.is_done(second));
  world.send(agent_data(3, "r2", 0));
  world.send(agent_flush(4));
  world.settle();
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(second));
}

TEST_F(coordinator_test, a_signal_between_two_events_ends_neither) {
  world.begin();
  quick_invocation("r1");
  world.send(agent_flush(5));
  const auto second = world.invoke("r2", 3s);
  world.settle();
  EXPECT_FALSE(world.is_done(second));
}

TEST_F(coordinator_test, a_signal_that_overtook_its_invoke_counts) {
  world.begin();
  quick_invocation("r1");
  world.send(agent_data(3, "r2", 0)); // read before Lambda's answer was
  world.send(agent_flush(4));
  const auto second = world.invoke("r2", 3s);
  world.settle();
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(second));
}

// -- flush --------------------------------------------------------------------

TEST_F(coordinator_test, what_arrives_during_the_flush_goes_out_with_it) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0, true));
  world.settle();
  world.send(agent_data(2, "r1", 3));
  world.send(delivered(1, {function_log("late")}));
  world.settle();
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_FALSE(world.is_done(event));
  EXPECT_EQ(world.posted().size(), 6U); // metadata, 4 agent lines, a log
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
}

TEST_F(coordinator_test, a_hanging_server_costs_one_forwarder_timeout_at_most) {
  world.begin();
  const auto event = world.invoke("r1", 60s);
  world.send(agent_data(1, "r1", 0, true));
  world.advance(2999ms); // the default forwarder time-out is 3 s
  EXPECT_FALSE(world.is_done(event));
  world.advance(1ms);
  EXPECT_TRUE(world.is_done(event));
  EXPECT_FALSE(world.has_open(intake_path)); // taken back
  EXPECT_EQ(held(), 1U);                     // and kept
}

TEST_F(coordinator_test, a_flush_ends_50_ms_before_the_deadline) {
  world.begin();
  const auto event = world.invoke("r1", 1s);
  world.advance(800ms); // the deadline's signal
  world.send(agent_data(1, "r1", 0));
  world.settle();
  EXPECT_TRUE(world.is_done(event)); // there was nothing to flush then
  const auto second = world.invoke("r2", 1s);
  world.send(agent_data(2, "r2", 0));
  world.advance(949ms);
  EXPECT_FALSE(world.is_done(second));
  world.advance(1ms);
  EXPECT_TRUE(world.is_done(second));
}

TEST_F(coordinator_test, after_a_failure_an_invocation_is_held_for_nothing) {
  world.begin();
  const auto first = world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0, true));
  world.settle();
  world.answer(intake_path, answered(503));
  world.settle();
  EXPECT_TRUE(world.is_done(first));
  EXPECT_EQ(held(), 1U);

  const auto second = world.invoke("r2", 3s);
  world.settle();
  EXPECT_TRUE(world.has_open(intake_path)); // the probe
  world.send(agent_data(2, "r2", 0, true));
  world.settle(); // and not a moment more
  EXPECT_TRUE(world.is_done(second));
  EXPECT_EQ(world.under_way_at_next, (std::vector<size_t>{0, 0}));
  EXPECT_EQ(held(), 2U);

  world.advance(1100ms); // the longest grace after two failures
  const auto third = world.invoke("r3", 3s);
  world.settle();
  world.answer(intake_path, answered(202)); // well again
  world.settle();
  EXPECT_EQ(held(), 0U);
  world.send(agent_data(3, "r3", 0, true));
  world.settle();
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(third));
}

TEST_F(coordinator_test, the_accepted_count_cuts_the_batch) {
  world.begin();
  world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 3, true));
  world.settle();
  world.answer(intake_path, answered(503, R"({"accepted":3})"));
  world.settle();
  EXPECT_EQ(held(), 1U);
  world.invoke("r2", 3s);
  world.settle();
  EXPECT_EQ(world.posted().size(), 2U); // metadata and the last span
  EXPECT_NE(world.posted()[1].find("r1-2"), std::string::npos);
}

TEST_F(coordinator_test, what_the_server_rejects_is_dropped_and_counted) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 3, true));
  world.settle();
  world.answer(intake_path, answered(400, R"({"accepted":2,"errors":[]})"));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
  const auto& total = world.state().books().total();
  EXPECT_EQ(total.accepted, 2U);
  EXPECT_EQ(total.dropped[static_cast<size_t>(drop_reason::rejected)], 2U);
}

TEST_F(coordinator_test, one_request_per_metadata) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  auto other = agent_data(1, "r1", 0);
  other.metadata = bytes{R"({"metadata":{"service":{"name":"worker"}}})"};
  world.send(std::move(other));
  world.send(agent_data(2, "r1", 0, true));
  world.settle();
  EXPECT_NE(world.posted()[0].find("worker"), std::string::npos);
  EXPECT_EQ(world.posted().size(), 2U);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_NE(world.posted()[0].find("orders-api"), std::string::npos);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
}

TEST_F(coordinator_test, a_long_invocation_is_shipped_while_it_runs) {
  world.begin();
  world.invoke("r1", 900s);
  world.send(agent_data(1, "r1", 0));
  world.advance(999ms); // `ship_interval` is 1 s
  EXPECT_FALSE(world.has_open(intake_path));
  world.advance(1ms);
  EXPECT_TRUE(world.has_open(intake_path));
}

// -- background ---------------------------------------------------------------

TEST_F(coordinator_test, background_returns_at_once_and_sends_with_the_next) {
  world.config.strategy = send_strategy::background;
  world.begin();
  const auto first = world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0, true));
  world.settle();
  EXPECT_TRUE(world.is_done(first));
  EXPECT_FALSE(world.has_open(intake_path));
  const auto second = world.invoke("r2", 3s);
  world.settle();
  EXPECT_TRUE(world.has_open(intake_path));
  world.send(agent_flush(2));
  world.settle();
  EXPECT_TRUE(world.is_done(second)); // although the POST is under way
  EXPECT_TRUE(world.has_open(intake_path));
  world.answer(intake_path, answered(202)); // after the thaw
  world.settle();
  EXPECT_EQ(held(), 0U);
}

TEST_F(coordinator_test, background_flushes_at_shutdown) {
  world.config.strategy = send_strategy::background;
  world.begin(telemetry_api::none);
  world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0, true));
  world.settle();
  const auto last = world.shutdown();
  world.settle();
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(last));
  EXPECT_EQ(held(), 0U);
}

TEST_F(coordinator_test, shutdown_waits_for_a_post_that_background_left_open) {
  world.config.strategy = send_strategy::background;
  world.begin(telemetry_api::none);
  world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0, true));
  world.settle();
  world.invoke("r2", 3s);
  world.settle();
  EXPECT_TRUE(world.has_open(intake_path));
  world.send(agent_flush(2));
  world.settle();
  const auto last = world.shutdown();
  world.settle();
  EXPECT_FALSE(world.is_done(last));
  world.answer(intake_path, failed(http_failure::timeout, true));
  world.settle();
  world.answer(intake_path, answered(202)); // sent again
  world.settle();
  EXPECT_TRUE(world.is_done(last));
  EXPECT_EQ(held(), 0U);
}

TEST_F(coordinator_test, a_server_that_hangs_is_not_asked_by_each_invocation) {
  world.config.strategy = send_strategy::background;
  world.begin(telemetry_api::none);
  for (uint64_t i = 1; i <= 6; ++i) {
    world.invoke("r" + std::to_string(i), 3s);
    world.send(agent_data(i, "r" + std::to_string(i), 0, true));
    world.settle();
  }
  EXPECT_EQ(world.requests.size(), 2U);
  EXPECT_EQ(held(), 6U);
  world.invoke("r7", 3s);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_EQ(world.requests.size(), 2U) << "the rest, as there is an answer";
}

TEST_F(coordinator_test, shutdown_ends_a_post_that_hangs_from_before) {
  world.config.strategy = send_strategy::background;
  world.begin(telemetry_api::none);
  world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0, true));
  world.settle();
  world.invoke("r2", 3s);
  world.settle();
  world.send(agent_flush(2));
  world.settle();
  const auto last = world.shutdown();
  world.advance(1799ms);
  EXPECT_FALSE(world.is_done(last));
  world.advance(1ms); // 200 ms before SIGKILL
  EXPECT_TRUE(world.is_done(last));
  EXPECT_TRUE(world.requests.empty());
  EXPECT_EQ(held(), 1U);
}

// -- between events, and the last ---------------------------------------------

TEST_F(coordinator_test, what_comes_between_events_waits_for_the_next) {
  world.begin();
  quick_invocation("r1");
  world.send(delivered(1, {runtime_done("r1"), report("r1")}));
  world.send(agent_data(9, "r1", 1));
  world.settle();
  EXPECT_TRUE(world.requests.empty());
  const auto second = world.invoke("r2", 3s);
  world.send(agent_data(2, "r2", 0, true));
  world.settle();
  // metadata, two late lines of r1, the report's metrics, r2's transaction
  EXPECT_EQ(world.posted().size(), 5U);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(second));
}

TEST_F(coordinator_test, shutdown_asks_a_server_that_hiccups_again) {
  world.begin(telemetry_api::none);
  world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 1));
  world.settle();
  world.advance(2800ms);
  world.answer(intake_path, answered(503));
  world.settle();
  const auto last = world.shutdown();
  world.settle();
  world.answer(intake_path, answered(503));
  world.settle();
  EXPECT_FALSE(world.is_done(last));
  world.advance(100ms);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(last));
  EXPECT_EQ(world.state().held().held_lines(), 0U);
  world.check_books();
}

TEST_F(coordinator_test, shutdown_gives_up_a_server_that_stays_away) {
  world.begin(telemetry_api::none);
  world.send(agent_data(1, "r1", 1));
  world.settle();
  const auto last = world.shutdown();
  world.settle();
  for (int tries = 0; tries < 4; ++tries) {
    world.advance(400ms); // the longest pause
    if (!world.is_done(last)) {
      world.answer(intake_path, answered(503));
      world.settle();
    }
  }
  EXPECT_TRUE(world.is_done(last)) << "within SHUTDOWN's 2 s";
}

TEST_F(coordinator_test, shutdown_waits_for_the_last_report) {
  world.begin();
  quick_invocation("r1");
  const auto last = world.shutdown();
  world.settle();
  EXPECT_FALSE(world.is_done(last));
  world.send(delivered(1, {runtime_done("r1"), report("r1")}));
  world.settle();
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(last));
}

TEST_F(coordinator_test, shutdown_sends_first_and_then_waits) {
  world.begin();
  world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0));
  const auto last = world.shutdown("timeout"); // of the function
  world.settle();
  EXPECT_EQ(world.posted().size(), 2U);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_FALSE(world.is_done(last));
  world.send(delivered(1, {report("r1")}));
  world.settle();
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(last));
}

TEST_F(coordinator_test, shutdown_does_not_wait_for_what_cannot_come) {
  world.begin(telemetry_api::none);
  quick_invocation("r1");
  const auto last = world.shutdown();
  world.settle();
  EXPECT_TRUE(world.is_done(last));
}

TEST_F(coordinator_test, shutdown_waits_1_s_for_a_report_that_never_comes) {
  world.begin();
  quick_invocation("r1");
  const auto last = world.shutdown();
  world.advance(999ms); // the other half of Lambda's 2 s is the flush's
  EXPECT_FALSE(world.is_done(last));
  world.advance(1ms);
  EXPECT_TRUE(world.is_done(last));
}

TEST_F(coordinator_test, shutdown_ends_in_time_whatever_the_server_does) {
  world.begin(telemetry_api::none);
  world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 0));
  world.settle();
  const auto last = world.shutdown(); // overtakes the invocation
  world.advance(1799ms);
  EXPECT_FALSE(world.is_done(last)); // it tries
  world.advance(1ms);                // 200 ms before SIGKILL
  EXPECT_TRUE(world.is_done(last));
  EXPECT_TRUE(world.requests.empty());
}

// -- telemetry ----------------------------------------------------------------

TEST_F(coordinator_test, the_same_delivery_twice_counts_once) {
  world.begin();
  world.invoke("r1", 3s);
  auto again = delivered(2, {function_log("once")});
  again.fingerprint = 1; // of the first
  world.send(delivered(1, {function_log("once")}));
  world.send(std::move(again));
  world.settle();
  EXPECT_EQ(world.telemetry_answers.size(), 2U);
  EXPECT_EQ(world.telemetry_answers[1].status, 200);
  EXPECT_EQ(held(), 1U);
}

TEST_F(coordinator_test, at_the_bound_the_platform_is_told_to_send_again) {
  world.config.buffer_bytes = 64 * 1024;
  world.begin();
  world.invoke("r1", 3s);
  auto first = delivered(1, {function_log(std::string(40'000, 'x'))});
  first.body_bytes = 40'100;
  world.send(std::move(first));
  world.settle();
  auto second = delivered(2, {function_log("y")});
  second.body_bytes = 40'000;
  world.send(std::move(second));
  world.settle();
  ASSERT_EQ(world.telemetry_answers.size(), 2U);
  EXPECT_EQ(world.telemetry_answers[0].status, 200);
  EXPECT_EQ(world.telemetry_answers[1].status, 503);
}

// It would come again for ever, and nothing else behind it.
TEST_F(coordinator_test, what_is_longer_than_the_bound_is_taken_at_once) {
  world.config.buffer_bytes = 64 * 1024;
  world.begin();
  auto large = delivered(1, {function_log("x")});
  large.body_bytes = 64 * 1024 + 1;
  world.send(std::move(large));
  world.settle();
  EXPECT_EQ(world.telemetry_answers[0].status, 200);
}

TEST_F(coordinator_test, at_the_bound_an_invocations_end_comes_through) {
  world.config.buffer_bytes = 64 * 1024;
  world.begin();
  const auto event = world.invoke("r1", 3s);
  auto large = delivered(1, {function_log("x"), runtime_done("r1")});
  large.body_bytes = 64 * 1024 + 1;
  world.send(std::move(large));
  world.settle();
  EXPECT_EQ(world.telemetry_answers[0].status, 200);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
}

TEST_F(coordinator_test, what_the_platform_dropped_is_told_and_counted) {
  world.begin();
  world.invoke("r1", 3s);
  world.send(delivered(
      1, {record("platform.logsDropped",
                 R"({"reason":"slow","droppedRecords":3,"droppedBytes":40})"),
          record("platform.logsDropped",
                 R"({"reason":"slow","droppedRecords":1,"droppedBytes":2})")}));
  world.settle();
  EXPECT_EQ(world.state().books().platform().records, 4U);
  EXPECT_EQ(world.state().books().platform().bytes, 42U);
  EXPECT_EQ(world.state().books().total().received, 0U);
  const std::string message = "the platform dropped telemetry";
  const auto told = world.log_text.find(message);
  ASSERT_NE(told, std::string::npos);
  EXPECT_EQ(world.log_text.find(message, told + 1), std::string::npos)
      << "once a delivery";
}

TEST_F(coordinator_test, its_own_log_makes_no_more_log) {
  world.begin();
  world.invoke("r1", 3s);
  const auto before = world.log_text;
  world.send(delivered(1, {record("extension", R"("a line of ours")"),
                           record("extension", R"({"message":"json"})")}));
  world.settle();
  EXPECT_EQ(world.log_text, before);
  EXPECT_EQ(held(), 0U);
  EXPECT_EQ(world.state().books().ignored_extension_records(), 2U);
}

TEST_F(coordinator_test, at_the_bound_logs_go_before_agent_data) {
  world.config.buffer_bytes = 64 * 1024;
  world.begin();
  world.invoke("r1", 3s);
  world.send(delivered(1, {function_log(std::string(30'000, 'x'))}));
  world.settle();
  world.send(agent_data(1, "r1", 1'500)); // about 30 bytes a span
  world.settle();
  EXPECT_EQ(world.agent_answers[0].status, 202);
  const auto& total = world.state().books().total();
  EXPECT_EQ(total.dropped[static_cast<size_t>(drop_reason::buffer_full)], 1U);
  EXPECT_EQ(held(), 1'501U);
}

// -- relay --------------------------------------------------------------------

TEST_F(coordinator_test, the_info_request_goes_to_the_server_and_back) {
  world.begin();
  world.send(agent_relay{4,
                         "GET",
                         "/",
                         {{"Authorization", "Bearer theirs"},
                          {"X-Forwarded-For", "10.0.0.1"},
                          {"User-Agent", "apm-agent-nodejs/4"}},
                         {}});
  world.settle();
  const auto request = world.open("/").request;
  std::map<std::string, std::string> headers;
  for (const auto& h : request.headers)
    EXPECT_TRUE(headers.emplace(h.name, h.value).second) << h.name;
  EXPECT_TRUE(request.with_credentials);
  EXPECT_EQ(headers["User-Agent"], "apm-lambda-extension/9 apm-agent-nodejs/4");
  EXPECT_EQ(headers.count("X-Forwarded-For"), 0U);
  world.answer("/", answered(200, R"({"version":"9.1.0"})"));
  world.settle();
  EXPECT_EQ(world.agent_answers[0].id, 4U);
  EXPECT_EQ(world.agent_answers[0].body.view(), R"({"version":"9.1.0"})");
}

TEST_F(coordinator_test, a_relayed_request_that_fails_is_a_502) {
  world.begin();
  world.send(agent_relay{4, "GET", "/", {}, {}});
  world.settle();
  world.answer("/", failed(http_failure::connect, false));
  world.settle();
  EXPECT_EQ(world.agent_answers[0].status, 502);
}

TEST_F(coordinator_test, nothing_relayed_is_in_flight_after_an_invocation) {
  world.begin();
  const auto event = world.invoke("r1", 3s);
  world.send(agent_relay{4, "GET", "/", {}, {}});
  world.send(agent_flush(5));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
  EXPECT_EQ(world.under_way_at_next, (std::vector<size_t>{0}));
  EXPECT_EQ(world.agent_answers.back().status, 502);
}

// -- without a server ---------------------------------------------------------

TEST_F(coordinator_test, without_a_server_it_is_in_nobodys_way) {
  world.config.server_url = "-"; // not empty: `begin` would fill it in
  world.begin();
  world.config.server_url.clear();
  const auto event = world.invoke("r1", 3s);
  world.send(agent_data(1, "r1", 1));
  world.settle();
  EXPECT_TRUE(world.is_done(event));
  EXPECT_EQ(world.agent_answers[0].status, 202);
  EXPECT_EQ(world.state().books().total().dropped[static_cast<size_t>(
                drop_reason::no_server)],
            2U);
}

} // namespace
} // namespace apm::test
