// APM FORWARDER: what a POST looks like, what is reported of it, and that it
// can be ended at any moment.
#include "actors/apm_forwarder.hpp"
#include "tests/support/coordinator_probe.hpp"
#include "tests/support/inputs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm::test {
namespace {

const std::string intake = "/base/intake/v2/events";

class apm_forwarder_test : public ::testing::Test {
protected:
  void begin(std::optional<std::chrono::milliseconds> time_left = 10s) {
    apm_forwarder_setup setup;
    setup.coordinator = coordinator.handle;
    setup.server_url = "https://apm.example/base";
    setup.user_agent = "apm-lambda-extension/9";
    if (time_left)
      setup.deadline = world.now() + *time_left;
    setup.compressor = &compressor;
    forwarder = world.spawn(apm_forwarder, world.ports(), setup);
  }

  void ship(uint64_t lease = 5) {
    batch b;
    b.lease = lease;
    b.user_agent = "apm-agent-nodejs/4";
    b.metadata = bytes{R"({"metadata":{}})"};
    b.chunks = {bytes{"{\"span\":1}\n{\"span\":2}\n"}, bytes{"{\"log\":3}\n"}};
    b.lines = 3;
    caf::anon_send(forwarder, std::move(b));
    world.settle();
  }

  std::string header(const std::string& name) {
    for (const auto& h : world.open(intake).request.headers)
      if (h.name == name)
        return h.value;
    return "(none)";
  }

  virtual_world world;
  coordinator_probe coordinator{world};
  gzip_compressor compressor;
  apm_forwarder_actor forwarder;
};

TEST_F(apm_forwarder_test, posts_metadata_first_then_the_lines_in_order) {
  begin();
  ship();
  const auto& request = world.open(intake).request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://apm.example/base/intake/v2/events");
  EXPECT_EQ(unpacked_lines(request),
            (std::vector<std::string>{R"({"metadata":{}})", R"({"span":1})",
                                      R"({"span":2})", R"({"log":3})"}));
  EXPECT_EQ(header("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(header("Content-Encoding"), "gzip");
  EXPECT_TRUE(request.with_credentials); // which are in no message
  EXPECT_EQ(header("Authorization"), "(none)");
  EXPECT_EQ(header("User-Agent"), "apm-lambda-extension/9 apm-agent-nodejs/4");
}

TEST_F(apm_forwarder_test, bounds_the_request_by_time_out_and_deadline) {
  begin(10s); // plenty: the default time-out of 3 s counts
  ship();
  EXPECT_EQ(world.open(intake).request.timeout_ms, 3000);
  world.requests.clear();
  begin(1s); // less: what is left, minus the 50 ms of `answer_margin`
  ship();
  EXPECT_EQ(world.open(intake).request.timeout_ms, 950);
  world.requests.clear();
  begin(20ms); // nothing is left: the least there is
  ship();
  EXPECT_EQ(world.open(intake).request.timeout_ms, 1);
  world.requests.clear();
  begin(std::nullopt); // background
  ship();
  EXPECT_EQ(world.open(intake).request.timeout_ms, 3000);
}

struct outcome_row {
  const char* name;
  http_response answer;
  delivery_outcome outcome;
  uint32_t accepted; ///< of 3 lines
  bool is_failing;
};

TEST_F(apm_forwarder_test, reports_what_the_answer_means) {
  using o = delivery_outcome;
  const outcome_row table[] = {
      {"accepted", answered(202), o::settled, 3, false},
      {"ok", answered(200), o::settled, 3, false},
      {"one refused", answered(400, R"({"accepted":2,"errors":[]})"),
       o::settled, 2, false},
      {"says more than was sent", answered(400, R"({"accepted":9})"),
       o::settled, 3, false},
      {"credentials", answered(401), o::not_taken, 0, true},
      {"forbidden", answered(403), o::not_taken, 0, true},
      {"deployment away", answered(404), o::not_taken, 0, true},
      {"too large", answered(413, R"({"accepted":1})"), o::settled, 1, false},
      {"rate limit", answered(429), o::not_taken, 0, true},
      {"queue full half-way", answered(503, R"({"accepted":1})"), o::not_taken,
       1, true},
      {"server error, no JSON", answered(500, "<html>"), o::not_taken, 0, true},
      {"refused", failed(http_failure::connect, false), o::not_taken, 0, true},
      {"no name", failed(http_failure::resolve, false), o::not_taken, 0, true},
      {"hangs", failed(http_failure::timeout, true), o::ambiguous, 0, true},
      {"hangs in connect", failed(http_failure::timeout, false), o::not_taken,
       0, true},
      {"cut off", failed(http_failure::closed, true), o::ambiguous, 0, true},
  };
  begin();
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    coordinator.deliveries.clear();
    ship(5);
    world.answer(intake, row.answer);
    world.settle();
    ASSERT_EQ(coordinator.deliveries.size(), 1U);
    const auto& d = coordinator.deliveries[0];
    EXPECT_EQ(d.lease, 5U);
    EXPECT_EQ(d.outcome, row.outcome);
    EXPECT_EQ(d.accepted, row.accepted);
    EXPECT_EQ(d.is_server_failing, row.is_failing);
    const bool is_clean = row.answer.status / 100 == 2;
    EXPECT_EQ(d.detail.empty(), is_clean) << d.detail;
  }
}

TEST_F(apm_forwarder_test, turns_the_agents_signal_into_done) {
  begin();
  caf::anon_send(forwarder, agent_signal{4});
  world.settle();
  ASSERT_EQ(coordinator.dones.size(), 1U);
  EXPECT_EQ(coordinator.dones[0].signal, end_signal::agent_flushed);
  EXPECT_EQ(coordinator.dones[0].sequence, 4U);
}

TEST_F(apm_forwarder_test, takes_its_request_back_when_it_is_ended) {
  begin();
  ship(8);
  caf::anon_send_exit(forwarder, caf::exit_reason::user_shutdown);
  world.settle();
  EXPECT_EQ(world.cancelled, (std::vector<uint64_t>{8}));
  EXPECT_TRUE(world.requests.empty());
  EXPECT_TRUE(coordinator.deliveries.empty());
}

TEST_F(apm_forwarder_test, drains_what_is_under_way_and_ends) {
  begin();
  ship();
  auto weak = caf::actor_cast<caf::actor_addr>(forwarder);
  caf::anon_send(forwarder, drain{1});
  world.settle();
  EXPECT_TRUE(world.has_open(intake));
  world.answer(intake, answered(202));
  world.settle();
  EXPECT_EQ(coordinator.deliveries.size(), 1U);
  // It has ended: another batch goes nowhere.
  ship(9);
  EXPECT_FALSE(world.has_open(intake));
}

} // namespace
} // namespace apm::test
