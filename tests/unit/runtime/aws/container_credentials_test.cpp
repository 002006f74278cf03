// Tests of container_credentials.hpp. Source of members and headers: AWS SDKs
// and Tools reference guide, "Container credential provider".
#include "runtime/aws/container_credentials.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

constexpr const char* uri = "http://127.0.0.1:9001/credentials";

struct need_case {
  std::string uri, id, secret;
  bool needs;
};

TEST(container_credentials, are_needed_where_the_environment_has_no_keys) {
  const need_case cases[] = {
      {uri, "", "", true},         {uri, "AKIA", "", true},
      {uri, "", "hush", true},     {uri, "AKIA", "hush", false},
      {"", "AKIA", "hush", false}, {"", "", "", false},
  };
  for (const auto& c : cases) {
    settings config;
    config.aws_container_uri = c.uri;
    config.aws_access_key_id = c.id;
    config.aws_secret_access_key = c.secret;
    EXPECT_EQ(needs_container_keys(config), c.needs)
        << c.uri << ' ' << c.id << ' ' << c.secret;
  }
}

TEST(container_credentials, are_asked_for_with_the_token_and_unsigned) {
  settings config;
  config.aws_container_uri = uri;
  const auto call = make_keys_call(config, " t0k3n\n");
  ASSERT_TRUE(call);
  const auto& request = call.value().request;
  EXPECT_FALSE(call.value().signing);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, uri);
  EXPECT_EQ(request.body.size(), 0U);
  EXPECT_GT(request.timeout_ms, 0);
  EXPECT_FALSE(request.with_credentials);
  ASSERT_EQ(request.headers.size(), 2U);
  EXPECT_EQ(request.headers[1].name, "Authorization");
  EXPECT_EQ(request.headers[1].value, "t0k3n");
}

TEST(container_credentials, are_asked_for_without_a_token_that_is_not_there) {
  const auto call = make_keys_call({}, "\n");
  ASSERT_TRUE(call);
  EXPECT_EQ(call.value().request.headers.size(), 1U);
}

TEST(container_credentials, need_a_token_that_a_header_can_carry) {
  EXPECT_FALSE(make_keys_call({}, "a\r\nX: b"));
}

keys_answer read(uint16_t status, const std::string& body) {
  http_response answer;
  answer.status = status;
  answer.body = bytes{body};
  return read_keys_answer(answer);
}

TEST(container_credentials, are_read) {
  const auto whole =
      read(200, R"({"AccessKeyId":"ASIA","SecretAccessKey":"s/\u002b",
    "Token":"t==","Expiration":"2026-01-01T00:00:00Z","RoleArn":"r"})");
  EXPECT_EQ(whole.outcome, fetch_outcome::got) << whole.problem;
  EXPECT_EQ(whole.keys.access_key_id, "ASIA");
  EXPECT_EQ(whole.keys.secret_access_key, "s/+");
  EXPECT_EQ(whole.keys.session_token, "t==");
  const auto lasting =
      read(200, R"({"AccessKeyId":"A","SecretAccessKey":"s"})");
  EXPECT_EQ(lasting.outcome, fetch_outcome::got);
  EXPECT_EQ(lasting.keys.session_token, "");
}

struct bad_case {
  uint16_t status;
  std::string body;
  fetch_outcome outcome;
  std::string says;
};

TEST(container_credentials, are_refused_with_a_reason_and_without_secrets) {
  const auto failed = fetch_outcome::failed;
  const auto again = fetch_outcome::try_again;
  const bad_case cases[] = {
      {200, "hush", failed, "no JSON"},
      {200, "[]", failed, "no AccessKeyId"},
      {200, R"({"SecretAccessKey":"hush"})", failed, "no AccessKeyId"},
      {200, R"({"AccessKeyId":"hush"})", failed, "no SecretAccessKey"},
      {200, R"({"AccessKeyId":1,"SecretAccessKey":"hush"})", failed, "no Acc"},
      {200, R"({"AccessKeyId":"A","SecretAccessKey":"hush","Token":"a\nb"})",
       failed, "control character"},
      {401, R"({"code":"Unauthorized","message":"who"})", failed,
       "status 401: who; check AWS_CONTAINER"},
      {404, "", failed, "status 404; check"},
      {302, "", failed, "status 302"},
      {429, "", again, "status 429"},
      {500, R"({"Message":"not yet"})", again, "status 500: not yet"},
  };
  for (const auto& c : cases) {
    const auto answer = read(c.status, c.body);
    EXPECT_EQ(answer.outcome, c.outcome) << c.body;
    EXPECT_NE(answer.problem.find(c.says), std::string::npos) << answer.problem;
    EXPECT_EQ(answer.problem.find("hush"), std::string::npos) << answer.problem;
    EXPECT_EQ(answer.keys.secret_access_key, "") << c.body;
  }
}

TEST(container_credentials, may_come_another_time_where_no_answer_came) {
  http_response answer;
  answer.failure = http_failure::timeout;
  answer.detail = "slow";
  EXPECT_EQ(read_keys_answer(answer).outcome, fetch_outcome::try_again);
  EXPECT_EQ(read_keys_answer(answer).problem, "no answer (slow)");
  answer.failure = http_failure::tls;
  EXPECT_EQ(read_keys_answer(answer).outcome, fetch_outcome::failed);
}

} // namespace
} // namespace apm
