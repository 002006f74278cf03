// LIFECYCLE POLLER: the Extensions API from registration to exit, and what it
// does when Lambda answers oddly.
#include "actors/lifecycle_poller.hpp"
#include "tests/support/coordinator_probe.hpp"

#include <gtest/gtest.h>

namespace apm::test {
namespace {

const std::string register_path = "/2020-01-01/extension/register";
const std::string telemetry_path = "/2022-07-01/telemetry";
const std::string logs_path = "/2020-08-15/logs";
const std::string next_path = "/2020-01-01/extension/event/next";

class lifecycle_poller_test : public ::testing::Test {
protected:
  void begin(uint16_t telemetry_port = 4243) {
    lifecycle_poller_setup setup;
    setup.coordinator = coordinator.handle;
    setup.runtime_api = "127.0.0.1:9001";
    setup.extension_name = "apm-lambda-extension";
    setup.telemetry_port = telemetry_port;
    setup.telemetry_types = {"platform", "function"};
    poller = world.spawn(lifecycle_poller, world.ports(), setup);
    world.settle();
  }

  void answer(const std::string& path, http_response with) {
    world.answer(path, std::move(with));
    world.settle();
  }

  void register_and_subscribe() {
    begin();
    answer(register_path, registered_answer());
    answer(telemetry_path, answered(200, R"("OK")"));
  }

  static http_response registered_answer() {
    return answered(200,
                    R"({"accountId":"123456789012","functionName":"orders",)"
                    R"("functionVersion":"$LATEST","handler":"app.handler"})",
                    {{"lambda-extension-identifier", "id-1"}});
  }

  http_response invoke(const std::string& request_id, int64_t time_left_ms) {
    return answered(
        200, R"({"eventType":"INVOKE","deadlineMs":)"
                 + std::to_string(world.ports().time->wall() + time_left_ms)
                 + R"(,"requestId":")" + request_id
                 + R"(","invokedFunctionArn":"arn:f","tracing":{}})");
  }

  http_response shutdown(const std::string& reason) {
    return answered(200, R"({"eventType":"SHUTDOWN","shutdownReason":")"
                             + reason + R"(","deadlineMs":)"
                             + std::to_string(world.ports().time->wall() + 2000)
                             + "}");
  }

  void event_over(uint64_t sequence) {
    caf::anon_send(poller, event_done{sequence});
    world.settle();
  }

  static std::string header(const http_request& request,
                            const std::string& name) {
    for (const auto& h : request.headers)
      if (h.name == name)
        return h.value;
    return "(none)";
  }

  virtual_world world;
  coordinator_probe coordinator{world};
  lifecycle_poller_actor poller;
};

TEST_F(lifecycle_poller_test, registers_subscribes_and_asks) {
  begin();
  const auto registration = world.open(register_path).request;
  EXPECT_EQ(registration.method, "POST");
  EXPECT_EQ(header(registration, "Lambda-Extension-Name"),
            "apm-lambda-extension");
  EXPECT_EQ(registration.body.view(), R"({"events":["INVOKE","SHUTDOWN"]})");
  answer(register_path, registered_answer());
  const auto subscription = world.open(telemetry_path).request;
  EXPECT_EQ(subscription.method, "PUT");
  EXPECT_EQ(header(subscription, "Lambda-Extension-Identifier"), "id-1");
  EXPECT_NE(subscription.body.view().find("http://sandbox.localdomain:4243"),
            std::string_view::npos);
  EXPECT_FALSE(world.has_open(next_path)); // it would close the subscription
  answer(telemetry_path, answered(200, R"("OK")"));
  ASSERT_EQ(coordinator.registrations.size(), 1U);
  const auto& known = coordinator.registrations[0];
  EXPECT_EQ(known.function_name, "orders");
  EXPECT_EQ(known.account_id, "123456789012");
  EXPECT_EQ(known.telemetry, telemetry_api::telemetry);
  const auto& next = world.open(next_path).request;
  EXPECT_EQ(next.method, "GET");
  EXPECT_EQ(next.timeout_ms, 0); // a freeze may lie before the answer
  EXPECT_EQ(header(next, "Lambda-Extension-Identifier"), "id-1");
}

TEST_F(lifecycle_poller_test, falls_back_to_the_logs_api_and_to_none) {
  for (const auto& refusal :
       {answered(202, R"({"errorType":"Telemetry.NotSupported"})"),
        answered(403), answered(500), failed(http_failure::timeout, true)}) {
    SCOPED_TRACE(refusal.status);
    begin();
    answer(register_path, registered_answer());
    answer(telemetry_path, refusal);
    answer(logs_path, answered(200, R"("OK")"));
    EXPECT_EQ(coordinator.registrations.back().telemetry, telemetry_api::logs);
    EXPECT_TRUE(world.has_open(next_path));
    world.requests.clear();

    begin();
    answer(register_path, registered_answer());
    answer(telemetry_path, refusal);
    answer(logs_path, refusal);
    EXPECT_EQ(coordinator.registrations.back().telemetry, telemetry_api::none);
    EXPECT_TRUE(world.has_open(next_path));
    world.requests.clear();
  }
}

TEST_F(lifecycle_poller_test, falls_back_to_an_older_schema) {
  const auto subscribed_schema = [&](const char* version) {
    const auto body = world.open(telemetry_path).request.body;
    return body.view().find('"' + std::string{version} + '"')
           != std::string_view::npos;
  };
  begin();
  answer(register_path, registered_answer());
  EXPECT_TRUE(subscribed_schema("2025-01-29"));
  answer(telemetry_path, answered(400, R"({"errorType":"ValidationError"})"));
  EXPECT_TRUE(subscribed_schema("2022-12-13"));
  answer(telemetry_path, answered(200, R"("OK")"));
  EXPECT_EQ(coordinator.registrations.back().telemetry,
            telemetry_api::telemetry);
  EXPECT_TRUE(world.has_open(next_path));
  world.requests.clear();

  begin();
  answer(register_path, registered_answer());
  answer(telemetry_path, answered(400));
  answer(telemetry_path, answered(400));
  answer(logs_path, answered(200, R"("OK")"));
  EXPECT_EQ(coordinator.registrations.back().telemetry, telemetry_api::logs);
}

TEST_F(lifecycle_poller_test, never_subscribes_to_logs_of_extensions) {
  begin();
  answer(register_path, registered_answer());
  for (const auto& path : {telemetry_path, logs_path}) {
    const auto body = world.open(path).request.body;
    EXPECT_NE(body.view().find(R"("types":[)"), std::string_view::npos);
    EXPECT_EQ(body.view().find(R"("extension")"), std::string_view::npos);
    answer(path, answered(500));
  }
}

TEST_F(lifecycle_poller_test, subscribes_to_nothing_without_a_listener) {
  begin(0);
  answer(register_path, registered_answer());
  EXPECT_TRUE(world.has_open(next_path));
  EXPECT_EQ(coordinator.registrations[0].telemetry, telemetry_api::none);
}

TEST_F(lifecycle_poller_test, ends_with_1_where_lambda_refuses_it) {
  begin();
  answer(register_path, answered(403, R"({"errorType":"Extension.Invalid"})"));
  EXPECT_EQ(world.exit_code, 1);
}

TEST_F(lifecycle_poller_test, hands_an_event_over_and_waits_for_its_end) {
  register_and_subscribe();
  world.advance(1h); // as long as it takes
  const auto wall = world.ports().time->wall();
  answer(next_path, invoke("request-1", 2500));
  ASSERT_EQ(coordinator.events.size(), 1U);
  const auto& event = coordinator.events[0];
  EXPECT_EQ(event.sequence, 1U);
  EXPECT_EQ(event.kind, event_kind::invoke);
  EXPECT_EQ(event.request_id, "request-1");
  EXPECT_EQ(event.function_arn, "arn:f");
  EXPECT_EQ(event.received_ms, wall);
  EXPECT_EQ(event.deadline, world.now() + 2500ms); // to the millisecond
  EXPECT_FALSE(world.has_open(next_path));
  event_over(1);
  EXPECT_TRUE(world.has_open(next_path));
}

TEST_F(lifecycle_poller_test, ends_after_shutdown) {
  register_and_subscribe();
  answer(next_path, shutdown("spindown"));
  EXPECT_EQ(coordinator.events[0].kind, event_kind::shutdown);
  EXPECT_EQ(coordinator.events[0].reason, "spindown");
  EXPECT_FALSE(world.exit_code);
  event_over(1);
  EXPECT_EQ(world.exit_code, 0);
}

TEST_F(lifecycle_poller_test, asks_again_after_an_odd_answer_but_not_at_once) {
  register_and_subscribe();
  const http_response odd[] = {
      answered(200, "not JSON"), answered(200, R"({"eventType":"DANCE"})"),
      answered(200, R"({"eventType":"INVOKE"})"), answered(500),
      failed(http_failure::closed, true)};
  auto pause = 100ms; // doubled each time
  for (const auto& answer_given : odd) {
    SCOPED_TRACE(answer_given.body.view());
    answer(next_path, answer_given);
    EXPECT_FALSE(world.has_open(next_path));
    world.advance(pause - 1ms);
    EXPECT_FALSE(world.has_open(next_path));
    world.advance(1ms);
    EXPECT_TRUE(world.has_open(next_path));
    pause *= 2;
  }
  EXPECT_TRUE(coordinator.events.empty());
  EXPECT_NE(world.log_text.find("DANCE"), std::string::npos);
  answer(next_path, invoke("request-1", 1000));
  EXPECT_EQ(coordinator.events.size(), 1U);
}

TEST_F(lifecycle_poller_test, gives_up_on_an_api_that_stays_odd) {
  register_and_subscribe();
  for (int i = 0; i < 20; ++i) { // `failures_max`
    ASSERT_FALSE(world.exit_code) << i;
    answer(next_path, answered(500));
    world.advance(2s);
  }
  EXPECT_EQ(world.exit_code, 1);
}

TEST_F(lifecycle_poller_test, a_signal_is_a_shutdown_of_its_own) {
  register_and_subscribe();
  caf::anon_send(poller, stop_requested{"SIGTERM"});
  world.settle();
  EXPECT_FALSE(world.has_open(next_path));
  ASSERT_EQ(coordinator.events.size(), 1U);
  EXPECT_EQ(coordinator.events[0].kind, event_kind::shutdown);
  EXPECT_EQ(coordinator.events[0].deadline, world.now() + 2s); // Lambda's own
  event_over(1);
  EXPECT_EQ(world.exit_code, 0);
}

TEST_F(lifecycle_poller_test, a_signal_does_not_wait_for_an_invocation) {
  register_and_subscribe();
  answer(next_path, invoke("request-1", 900'000));
  caf::anon_send(poller, stop_requested{"SIGTERM"});
  world.settle();
  ASSERT_EQ(coordinator.events.size(), 2U);
  event_over(1); // of the invocation: not what is waited for
  EXPECT_FALSE(world.exit_code);
  EXPECT_FALSE(world.has_open(next_path));
  event_over(2);
  EXPECT_EQ(world.exit_code, 0);
}

TEST_F(lifecycle_poller_test, a_second_signal_ends_at_once) {
  register_and_subscribe();
  caf::anon_send(poller, stop_requested{"SIGINT"});
  caf::anon_send(poller, stop_requested{"SIGINT"});
  world.settle();
  EXPECT_EQ(world.exit_code, 1);
}

} // namespace
} // namespace apm::test
