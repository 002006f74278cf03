// INVOCATION COORDINATOR under Managed Instances: one event of kind *session*,
// requests side by side in it, of which only telemetry tells. AWS's platform
// sends no platform.runtimeDone there: platform.report ends a request.
#include "tests/support/coordinator_world.hpp"

#include <gtest/gtest.h>

namespace apm::test {
namespace {

class coordinator_session_test : public ::testing::Test {
protected:
  void TearDown() override { world.check_books(); }

  /// What the APM Server gets once the timer is due, accepted.
  std::string after_the_timer() {
    world.settle();
    world.advance(1s);
    std::string text;
    while (world.has_open(intake_path)) {
      for (const auto& line : world.posted())
        text += line + '\n';
      world.answer(intake_path, answered(202));
      world.settle();
    }
    return text;
  }

  coordinator_world world;
};

telemetry_record start(const std::string& request_id) {
  return record("platform.start", R"({"requestId":")" + request_id + "\"}");
}

/// As Managed Instances report: a duration, and nothing else.
telemetry_record brief_report(const std::string& request_id,
                              const std::string& status) {
  return record("platform.report",
                R"({"requestId":")" + request_id + R"(","status":")" + status
                    + R"(","metrics":{"durationMs":1.148}})");
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(coordinator_session_test,
       a_session_ships_on_a_timer_and_no_signal_ends_it) {
  world.begin();
  const auto session = world.open_session();
  world.send(agent_data(1, "r1", 1, true));
  world.send(agent_data(2, "r2", 1, true));
  world.send(delivered(1, {runtime_done("r1"), runtime_done("r2")}));
  world.settle();
  EXPECT_TRUE(world.requests.empty()) << "lines wait for company";
  world.advance(1s);
  EXPECT_EQ(world.posted().size(), 5U); // metadata, two and two
  world.answer(intake_path, answered(202));
  world.settle();
  world.advance(60s);
  EXPECT_FALSE(world.is_done(session));
  world.check_books();
}

TEST_F(coordinator_session_test,
       a_session_replaces_transactions_of_concurrent_requests) {
  world.begin();
  world.open_session();
  world.send(registration(1, "r1"));
  world.send(registration(2, "r2"));
  world.send(agent_data(3, "r2", 0));
  world.send(delivered(1, {runtime_done("r2"), runtime_done("r1")}));
  world.settle();
  world.advance(1s);
  const auto lines = world.posted();
  ASSERT_GE(lines.size(), 2U);
  world.answer(intake_path, answered(202));
  world.settle();
  world.advance(2s);
  if (!world.requests.empty()) { // the registration's metadata is another one
    EXPECT_EQ(world.posted().size(), 2U);
    world.answer(intake_path, answered(202));
    world.settle();
  }
  EXPECT_EQ(world.state().books().total().accepted, 2U);
  EXPECT_EQ(world.state().books().total().received, 2U);
}

TEST_F(coordinator_session_test,
       shutdown_ends_a_session_and_sends_what_is_held) {
  world.begin();
  const auto session = world.open_session();
  world.send(agent_data(1, "r1", 1));
  world.settle();
  const auto last = world.shutdown();
  world.settle();
  EXPECT_TRUE(world.is_done(session));
  world.advance(0ms);
  ASSERT_EQ(world.posted().size(), 3U);
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_TRUE(world.is_done(last));
}

TEST_F(coordinator_session_test, a_session_probes_a_failing_server) {
  world.random.value = 500; // of grace, in ms
  world.begin();
  world.open_session();
  world.send(agent_data(1, "r1", 0));
  world.settle();
  world.advance(1s);
  world.answer(intake_path, answered(503));
  world.settle();
  world.advance(1s);
  ASSERT_EQ(world.requests.size(), 1U) << "tried again without an event";
  world.answer(intake_path, answered(202));
  world.settle();
  EXPECT_EQ(world.state().held().held_lines(), 0U);
}

TEST_F(coordinator_session_test, a_report_is_the_end_of_its_request_alone) {
  world.begin();
  world.open_session();
  world.send(registration(1, "r1"));
  world.send(registration(2, "r2"));
  world.send(delivered(1, {start("r1"), start("r2")}));
  world.send(delivered(2, {brief_report("r2", "error")}));
  const auto text = after_the_timer() + after_the_timer();
  EXPECT_TRUE(contains(text, R"("id":"r2-t","result":"error")")) << text;
  EXPECT_FALSE(contains(text, "r1-t")) << "it still runs\n" << text;
  world.send(agent_data(3, "r1", 0));
  EXPECT_TRUE(contains(after_the_timer(), R"("id":"r1-t")"));
  world.send(delivered(3, {brief_report("r1", "success")}));
  EXPECT_FALSE(contains(after_the_timer(), "r1-t")) << "its own was there";
}

TEST_F(coordinator_session_test, a_runtime_s_end_and_a_report_are_one_end) {
  world.begin();
  world.open_session();
  world.send(registration(1, "r1"));
  world.send(delivered(
      1, {start("r1"), runtime_done("r1"), brief_report("r1", "success")}));
  EXPECT_TRUE(contains(after_the_timer() + after_the_timer(), "r1-t"));
  world.send(delivered(2, {brief_report("r1", "success")}));
  EXPECT_FALSE(contains(after_the_timer(), "r1-t"));
}

TEST_F(coordinator_session_test, a_body_of_another_holds_no_substitute_back) {
  world.begin();
  world.open_session();
  world.send(intake_open{1}); // some worker's always is
  world.send(registration(1, "r1"));
  world.send(delivered(1, {start("r1"), brief_report("r1", "error")}));
  EXPECT_TRUE(contains(after_the_timer() + after_the_timer(),
                       R"("id":"r1-t","result":"error")"));
}

TEST_F(coordinator_session_test, after_a_time_out_the_handler_runs_on) {
  world.begin();
  world.open_session();
  world.send(registration(1, "r1"));
  world.send(registration(2, "r2"));
  world.send(
      delivered(1, {start("r1"), start("r2"), brief_report("r1", "timeout"),
                    brief_report("r2", "timeout")}));
  EXPECT_FALSE(contains(after_the_timer() + after_the_timer(), "r1-t"));
  world.send(agent_data(3, "r1", 1)); // late for its caller, not for us
  std::string text;
  for (int i = 0; i < 12; ++i)
    text += after_the_timer();
  EXPECT_FALSE(contains(text, R"("id":"r1-t","result")")) << text;
  EXPECT_TRUE(contains(text, R"("id":"r1-t")"));
  EXPECT_TRUE(contains(text, R"("id":"r2-t","result":"timeout")"))
      << "nothing has come of it, and nothing else went on";
}

TEST_F(coordinator_session_test, a_thousand_may_run_and_none_is_given_up) {
  world.begin();
  world.open_session();
  for (uint64_t i = 1; i <= 1'000; ++i)
    world.send(registration(i, "r" + std::to_string(i)));
  std::vector<telemetry_record> starts;
  for (uint64_t i = 1; i <= 1'000; ++i)
    starts.push_back(start("r" + std::to_string(i)));
  world.send(delivered(1, std::move(starts)));
  EXPECT_EQ(after_the_timer(), "") << "all of them still run";
  // Each is known by its start: SHUTDOWN waits for its report.
  world.send(delivered(2, {brief_report("r1", "failure")}));
  EXPECT_TRUE(contains(after_the_timer() + after_the_timer(),
                       R"("id":"r1-t","result":"failure")"));
}

TEST_F(coordinator_session_test, with_all_reported_shutdown_waits_for_nothing) {
  world.begin();
  world.open_session();
  world.send(delivered(1, {start("r1"), start("r2")}));
  world.send(delivered(2, {report("r2"), report("r1")}));
  after_the_timer();
  const auto last = world.shutdown();
  world.settle();
  world.advance(0ms);
  EXPECT_TRUE(world.is_done(last));
}

TEST_F(coordinator_session_test, without_any_request_shutdown_waits_for_none) {
  world.begin();
  world.open_session();
  const auto last = world.shutdown();
  world.settle();
  world.advance(0ms);
  EXPECT_TRUE(world.is_done(last));
}

TEST_F(coordinator_session_test, shutdown_waits_for_the_reports_of_all) {
  world.begin();
  world.open_session();
  world.send(registration(1, "r1"));
  world.send(registration(2, "r2"));
  world.send(delivered(1, {start("r1"), start("r2")}));
  world.settle();
  const auto last = world.shutdown();
  world.send(delivered(2, {brief_report("r2", "failure")}));
  world.settle();
  world.answer(intake_path, answered(202)); // r2's metrics went out meanwhile
  world.settle();
  EXPECT_FALSE(world.is_done(last)) << "r1's is still to come";
  // Even now the stream does not say whose a line is.
  world.send(delivered(3, {function_log("whose?")}));
  world.send(delivered(4, {brief_report("r1", "failure")}));
  world.settle();
  std::string text;
  for (int i = 0; i < 4 && !world.is_done(last); ++i) {
    world.advance(0ms);
    for (const auto& line : world.posted())
      text += line + '\n';
    world.answer(intake_path, answered(202));
    world.settle();
  }
  EXPECT_TRUE(world.is_done(last));
  EXPECT_TRUE(contains(text, R"("id":"r1-t","result":"failure")")) << text;
  EXPECT_TRUE(contains(text, R"("id":"r2-t","result":"failure")")) << text;
  const auto log = text.substr(text.find(R"({"log")"));
  EXPECT_FALSE(contains(log.substr(0, log.find('\n')), "execution")) << log;
}

TEST_F(coordinator_session_test, a_crash_of_the_sandbox_fails_all_that_run) {
  world.begin(telemetry_api::none);
  world.open_session();
  world.send(registration(1, "r1"));
  world.send(registration(2, "r2"));
  world.settle();
  world.shutdown("failure");
  world.settle();
  world.advance(0ms);
  std::string text;
  for (const auto& line : world.posted())
    text += line + '\n';
  EXPECT_TRUE(contains(text, R"("id":"r1-t","result":"failure")")) << text;
  EXPECT_TRUE(contains(text, R"("id":"r2-t","result":"failure")")) << text;
  world.answer(intake_path, answered(202));
  world.settle();
}

} // namespace
} // namespace apm::test
