// Tests of lambda_json.hpp: the forms that AWS documents, and what lacks parts.
#include "runtime/formats/lambda_json.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

#include <random>

namespace apm {
namespace {

TEST(lambda_json, register_answers) {
  // The form of AWS's documentation, "Register".
  auto facts = parse_register_answer(
      R"({"functionName":"orders-api","functionVersion":"$LATEST",)"
      R"("handler":"app.handler","accountId":"123456789012"})");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts.value().function_name, "orders-api");
  EXPECT_EQ(facts.value().function_version, "$LATEST");
  EXPECT_EQ(facts.value().handler, "app.handler");
  EXPECT_EQ(facts.value().account_id, "123456789012");
  EXPECT_EQ(facts.value().telemetry, telemetry_api::none);
}

TEST(lambda_json, register_answers_may_lack_anything) {
  for (auto body : {"{}", R"({"functionName":7,"new":{}})"}) {
    auto facts = parse_register_answer(body);
    ASSERT_TRUE(facts) << body;
    EXPECT_EQ(facts.value().function_name, "");
  }
}

TEST(lambda_json, register_answers_that_are_none) {
  const std::pair<std::string, errc> cases[] = {
      {"", errc::bad_json},
      {"<html>", errc::bad_json},
      {"{\"functionName\":\"a\"", errc::bad_json},
      {"[]", errc::bad_shape},
      {"\"OK\"", errc::bad_shape},
      {std::string(2'000'000, '['), errc::bad_json},
  };
  for (auto& [body, code] : cases) {
    auto facts = parse_register_answer(body);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code, code);
    EXPECT_NE(facts.error().detail.find("register"), std::string::npos);
  }
}

TEST(lambda_json, invoke_events) {
  // The form of AWS's documentation, "Next".
  auto event = parse_next_event(
      R"({"eventType":"INVOKE","deadlineMs":1795348711368,"requestId":)"
      R"("3da1f2dc-3222-475e-9205-e2e6c6318895","invokedFunctionArn":)"
      R"("arn:aws:lambda:us-east-1:123456789012:function:ExtensionTest",)"
      R"("tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-5f35ae12"}})");
  ASSERT_TRUE(event) << event.error().detail;
  EXPECT_EQ(event.value().kind, event_kind::invoke);
  EXPECT_EQ(event.value().request_id, "3da1f2dc-3222-475e-9205-e2e6c6318895");
  EXPECT_EQ(event.value().function_arn,
            "arn:aws:lambda:us-east-1:123456789012:function:ExtensionTest");
  EXPECT_EQ(event.value().deadline_ms, 1'795'348'711'368);
  EXPECT_EQ(event.value().reason, "");
}

TEST(lambda_json, shutdown_events) {
  for (std::string reason :
       {"spindown", "timeout", "failure", "SandboxReset"}) {
    auto event =
        parse_next_event(R"({"eventType":"SHUTDOWN","shutdownReason":")"
                         + reason + R"(","deadlineMs":42})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event.value().kind, event_kind::shutdown);
    EXPECT_EQ(event.value().reason, reason);
    EXPECT_EQ(event.value().deadline_ms, 42);
  }
  // Nothing depends on the reason: a shutdown without one is still one.
  EXPECT_TRUE(parse_next_event(R"({"eventType":"SHUTDOWN","deadlineMs":42})"));
}

struct refused_case {
  const char* body;
  errc code;
  const char* says;
};

TEST(lambda_json, events_that_are_none_are_refused_by_name) {
  constexpr refused_case cases[] = {
      {"", errc::bad_json, "no JSON"},
      {"{", errc::bad_json, "no JSON"},
      {"[]", errc::bad_shape, "no object"},
      {"{}", errc::bad_shape, "lacks eventType"},
      {R"({"eventType":7})", errc::bad_shape, "lacks eventType"},
      {R"({"eventType":"invoke"})", errc::bad_value, "\"invoke\""},
      {R"({"eventType":"PING","deadlineMs":1})", errc::bad_value, "\"PING\""},
      {R"({"eventType":"INVOKE"})", errc::bad_shape,
       "lacks requestId, invokedFunctionArn, deadlineMs"},
      {R"({"eventType":"INVOKE","requestId":"","invokedFunctionArn":"a",)"
       R"("deadlineMs":1})",
       errc::bad_shape, "lacks requestId"},
      {R"({"eventType":"INVOKE","requestId":"r","invokedFunctionArn":"a",)"
       R"("deadlineMs":"1"})",
       errc::bad_shape, "lacks deadlineMs"},
      {R"({"eventType":"INVOKE","requestId":"r","invokedFunctionArn":[],)"
       R"("deadlineMs":1})",
       errc::bad_shape, "lacks invokedFunctionArn"},
      {R"({"eventType":"INVOKE","requestId":"r","invokedFunctionArn":"a",)"
       R"("deadlineMs":1e300})",
       errc::bad_shape, "lacks deadlineMs"},
      {R"({"eventType":"SHUTDOWN","shutdownReason":"spindown"})",
       errc::bad_shape, "lacks deadlineMs"},
  };
  for (auto& x : cases) {
    auto event = parse_next_event(x.body);
    ASSERT_FALSE(event) << x.body;
    EXPECT_EQ(event.error().code, x.code) << x.body;
    EXPECT_NE(event.error().detail.find(x.says), std::string::npos)
        << event.error().detail;
  }
}

TEST(lambda_json, register_bodies) {
  EXPECT_EQ(register_body(true), R"({"events":["INVOKE","SHUTDOWN"]})");
  EXPECT_EQ(register_body(false), R"({"events":["SHUTDOWN"]})");
}

/// What both APIs demand of a subscription; the ranges are those of AWS's
/// documentation, "Buffering configuration".
void check_subscription(std::string_view text, int64_t timeout_ms_min) {
  auto body = test::strict_json(text);
  ASSERT_EQ(body.MemberCount(), 4u);
  auto& buffering = body["buffering"];
  EXPECT_GE(buffering["maxItems"].GetInt64(), 1'000);
  EXPECT_LE(buffering["maxItems"].GetInt64(), 10'000);
  EXPECT_GE(buffering["maxBytes"].GetInt64(), 262'144);
  EXPECT_LE(buffering["maxBytes"].GetInt64(), 1'048'576);
  EXPECT_EQ(buffering["timeoutMs"].GetInt64(), timeout_ms_min);
  EXPECT_STREQ(body["destination"]["protocol"].GetString(), "HTTP");
}

TEST(lambda_json, subscriptions) {
  std::string telemetry =
      telemetry_subscription("2025-01-29", {"platform", "function"}, 4323);
  EXPECT_EQ(telemetry,
            R"({"schemaVersion":"2025-01-29","types":["platform","function"],)"
            R"("buffering":{"maxItems":10000,"maxBytes":1048576,)"
            R"("timeoutMs":25},"destination":{"protocol":"HTTP",)"
            R"("URI":"http://sandbox.localdomain:4323"}})");
  check_subscription(telemetry, 25);
  std::string logs = logs_subscription({"platform"}, 65535);
  EXPECT_EQ(logs, R"({"schemaVersion":"2021-03-18","types":["platform"],)"
                  R"("buffering":{"maxItems":10000,"maxBytes":1048576,)"
                  R"("timeoutMs":100},"destination":{"protocol":"HTTP",)"
                  R"("URI":"http://sandbox.localdomain:65535"}})");
  check_subscription(logs, 100);
  check_subscription(telemetry_subscription("x", {}, 1), 25);
}

TEST(lambda_json, error_bodies) {
  EXPECT_EQ(error_body("Extension.ConfigInvalid", "no \"server\""),
            R"({"errorMessage":"no \"server\"",)"
            R"("errorType":"Extension.ConfigInvalid","stackTrace":[]})");
  test::strict_json(error_body("\xFF", "\n\xFF"));
}

TEST(lambda_json, any_text_is_survived) {
  std::mt19937 random{test::seed};
  for (int i = 0; i < 10'000; ++i) { // about 30 ms
    std::string text = "{\"eventType\":" + test::random_text(random, 40);
    ASSERT_FALSE(parse_next_event(text));
    (void)parse_register_answer(text);
  }
}

} // namespace
} // namespace apm
