// Tests of telemetry_listener.hpp: deliveries as Lambda's Telemetry API makes
// them.
#include "runtime/ports/telemetry_listener.hpp"
#include "tests/unit/runtime/ports/support.hpp"

#include <gtest/gtest.h>

#include <string>

namespace apm {
namespace {

using test::coordinator_sink;
using test::http_post;
using test::loop_world;
using test::raw_peer;

const std::string two_records =
    R"([{"time":"2026-01-01T00:00:00.000Z","type":"platform.start","record":{}},
{"time":"2026-01-01T00:00:00.001Z","type":"function","record":"a [line], {}"}])";

class telemetry_listener_test : public testing::Test {
protected:
  telemetry_listener_test() {
    listener_.connect(coordinator_.handle);
    port_ = listener_.server().listen().value();
  }

  void wait_for_refusal() {
    world_.run_until([this] { return !coordinator_.refusals.empty(); });
  }

  loop_world world_;
  coordinator_sink coordinator_{world_};
  telemetry_listener listener_{world_.loop(), {}};
  uint16_t port_ = 0;
};

TEST_F(telemetry_listener_test, hands_over_a_delivery_by_its_records) {
  raw_peer platform{world_, port_};
  platform.send(
      http_post("/", "Content-Type: application/json\r\n", two_records));
  world_.run_until([this] { return !coordinator_.batches.empty(); });
  const auto& batch = coordinator_.batches[0];
  EXPECT_EQ(batch.records.size(), 2U);
  EXPECT_EQ(batch.body_bytes, two_records.size());
  EXPECT_EQ(platform.received(), "") << "the COORDINATOR takes it or not";
  listener_.server().answer(batch.id, 503, {}, bytes{});
  EXPECT_EQ(platform.read_answer().status, 503);
}

// The platform delivers again what it believes was not taken.
TEST_F(telemetry_listener_test, gives_equal_deliveries_equal_fingerprints) {
  raw_peer platform{world_, port_};
  for (const auto* body : {"[]", "[ ]", "[]"}) {
    const auto before = coordinator_.batches.size();
    platform.send(http_post("/", "", body));
    world_.run_until([&] { return coordinator_.batches.size() > before; });
    listener_.server().answer(coordinator_.batches.back().id, 200, {}, bytes{});
    EXPECT_EQ(platform.read_answer().status, 200);
  }
  EXPECT_EQ(coordinator_.batches[0].fingerprint,
            coordinator_.batches[2].fingerprint);
  EXPECT_NE(coordinator_.batches[0].fingerprint,
            coordinator_.batches[1].fingerprint);
}

TEST_F(telemetry_listener_test, refuses_what_is_no_array) {
  for (const auto* body : {"", "{}", "[{}", "[1,]", "null"}) {
    SCOPED_TRACE(body);
    coordinator_.refusals.clear();
    raw_peer peer{world_, port_};
    peer.send(http_post("/", "", body));
    wait_for_refusal();
    const auto answer = peer.read_answer();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, coordinator_.refusals[0].reason + '\n');
    EXPECT_EQ(coordinator_.refusals[0].listener, "telemetry");
    EXPECT_EQ(coordinator_.refusals[0].status, 400);
    EXPECT_EQ(coordinator_.refusals[0].body_bytes, std::string{body}.size());
  }
  EXPECT_TRUE(coordinator_.batches.empty());
}

TEST_F(telemetry_listener_test, takes_only_post) {
  raw_peer peer{world_, port_};
  peer.send("GET / HTTP/1.1\r\n\r\n");
  wait_for_refusal();
  const auto answer = peer.read_answer();
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("allow"), "POST");
  EXPECT_EQ(coordinator_.refusals[0].status, 405);
}

} // namespace
} // namespace apm
