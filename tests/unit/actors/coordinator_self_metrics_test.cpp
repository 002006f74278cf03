// Tests of what the COORDINATOR tells the APM Server of itself.
#include "tests/support/coordinator_world.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

using namespace std::chrono_literals;
using test::agent_data;
using test::agent_flush;
using test::coordinator_world;
using test::intake_path;

class coordinator_self_metrics_test : public testing::Test {
protected:
  coordinator_self_metrics_test() { world.config.sends_self_metrics = true; }

  void TearDown() override { world.check_books(); }

  void answer(uint16_t status) {
    http_response x;
    x.status = status;
    world.answer(intake_path, x);
    world.settle();
  }

  /// An invocation whose agent sends one line and is answered.
  void invocation(const std::string& request_id, uint16_t status = 202) {
    world.invoke(request_id, 3s);
    world.settle();
    world.send(agent_data(++last_id_, request_id, 0));
    world.settle();
    world.send(agent_flush(++last_id_));
    world.settle();
    ASSERT_TRUE(world.has_open(intake_path));
    last_posted = world.posted();
    answer(status);
  }

  /// The value of a sample in what was posted last, as text.
  std::string sample(const std::string& name) const {
    const auto key = "\"apm_lambda_extension." + name + "\":{\"value\":";
    for (const auto& line : last_posted)
      if (const auto at = line.find(key); at != std::string::npos)
        return line.substr(at + key.size(),
                           line.find('}', at) - at - key.size());
    return "(none)";
  }

  coordinator_world world;
  std::vector<std::string> last_posted;

private:
  uint64_t last_id_ = 0;
};

TEST_F(coordinator_self_metrics_test, go_with_the_next_batch) {
  world.begin(telemetry_api::none);
  invocation("r1");
  EXPECT_EQ(last_posted.size(), 2U) << "nothing to tell yet";
  invocation("r2");
  ASSERT_EQ(last_posted.size(), 3U);
  EXPECT_NE(last_posted[2].find("\"execution\":\"r1\""), std::string::npos);
  EXPECT_NE(last_posted[2].find("agent_flushed"), std::string::npos);
  EXPECT_EQ(sample("invocation.lines.received"), "1");
  EXPECT_EQ(sample("lines.accepted"), "1");
  EXPECT_EQ(sample("lines.dropped.total"), "0");
  EXPECT_EQ(sample("requests.total"), "1");
  EXPECT_EQ(sample("breaker.open"), "0");
}

TEST_F(coordinator_self_metrics_test, make_no_request_of_their_own) {
  world.begin(telemetry_api::none);
  invocation("r1");
  const auto last = world.shutdown();
  world.settle();
  EXPECT_FALSE(world.has_open(intake_path));
  EXPECT_TRUE(world.is_done(last));
}

TEST_F(coordinator_self_metrics_test, but_at_shutdown_for_what_was_lost) {
  world.begin(telemetry_api::none);
  invocation("r1", 400); // the server judges, and refuses
  const auto last = world.shutdown();
  world.settle();
  ASSERT_TRUE(world.has_open(intake_path));
  last_posted = world.posted();
  EXPECT_EQ(sample("lines.dropped.total"), "1");
  EXPECT_EQ(sample("lines.dropped.rejected"), "1");
  answer(202);
  EXPECT_TRUE(world.is_done(last));
}

TEST_F(coordinator_self_metrics_test, say_what_an_outage_did) {
  world.begin(telemetry_api::none);
  invocation("r1", 503);
  world.shutdown();
  world.settle();
  last_posted = world.posted();
  EXPECT_EQ(sample("lines.held"), "1");
  EXPECT_EQ(sample("requests.failed"), "1");
  EXPECT_EQ(sample("breaker.open"), "1");
  answer(202);
}

TEST_F(coordinator_self_metrics_test, can_be_turned_off) {
  world.config.sends_self_metrics = false;
  world.begin(telemetry_api::none);
  invocation("r1");
  invocation("r2");
  EXPECT_EQ(last_posted.size(), 2U);
}

TEST_F(coordinator_self_metrics_test,
       the_log_has_a_line_an_invocation_at_most) {
  const auto told_at_info = [this] {
    const std::string mark = R"("log.level":"info")";
    size_t count = 0;
    for (auto at = world.log_text.find(mark); at != std::string::npos;
         at = world.log_text.find(mark, at + 1))
      ++count;
    return count;
  };
  world.begin(telemetry_api::none);
  for (int i = 0; i < 30; ++i)
    invocation("healthy" + std::to_string(i));
  EXPECT_EQ(told_at_info(), 0U) << world.log_text;
  invocation("outage", 503);
  EXPECT_EQ(told_at_info(), 1U);
  for (int i = 0; i < 30; ++i) {
    const auto before = told_at_info();
    const auto event = world.invoke("away" + std::to_string(i), 1s);
    world.settle();
    while (world.has_open(intake_path))
      answer(503);
    world.advance(1s);
    while (world.has_open(intake_path))
      answer(503);
    ASSERT_TRUE(world.is_done(event));
    EXPECT_LE(told_at_info() - before, 1U) << world.log_text;
  }
}

TEST_F(coordinator_self_metrics_test, do_not_pile_up) {
  world.begin(telemetry_api::none);
  for (int i = 0; i < 100; ++i) {
    const auto event = world.invoke("quiet" + std::to_string(i), 1s);
    world.settle();
    world.advance(1s);
    ASSERT_TRUE(world.is_done(event));
  }
  invocation("r1");
  EXPECT_EQ(last_posted.size(), 2U + 64U);
}

} // namespace
} // namespace apm
