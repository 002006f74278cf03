// What libcurl makes of our requests to AWS, over a real socket, judged by the
// sandbox's own reading of Signature Version 4, which shares nothing with it.
#include "runtime/aws/aws_request.hpp"
#include "runtime/loop/http_client.hpp"
#include "tests/support/loop_world.hpp"
#include "tools/lambda-sandbox/aws/sigv4.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace apm::test {
namespace {

/// The time that the request says of itself, so that no clock is asked.
std::int64_t signed_at(const raw_message& request) {
  std::tm time{};
  strptime(request.header("x-amz-date").c_str(), "%Y%m%dT%H%M%SZ", &time);
  return timegm(&time);
}

sandbox::http_request as_sandbox_sees_it(const raw_message& request) {
  sandbox::http_request seen;
  const auto& line = request.start_line;
  const auto first = line.find(' ');
  seen.method = line.substr(0, first);
  seen.target = line.substr(first + 1, line.rfind(' ') - first - 1);
  for (const auto& h : request.headers)
    seen.headers.emplace_back(h.name, h.value);
  seen.body = request.body;
  return seen;
}

class aws_signing_test : public ::testing::Test {
protected:
  raw_message sent(aws_service service, const std::string& path = "") {
    const sandbox::aws_identity identity;
    settings config;
    config.region = "eu-central-1";
    config.aws_access_key_id = identity.access_key_id;
    config.aws_secret_access_key = identity.secret_access_key;
    config.aws_session_token = identity.session_token;
    config.aws_endpoint = listener.url(path);
    aws_source source;
    source.service = service;
    source.id = "arn:aws:x:eu-central-1:1:secret:a-b_c";
    const auto call = make_aws_call(source, config, keys_of(config)).value();
    client.start(
        call.request, [this](http_response x) { answer = x; }, call.signing);
    auto peer = listener.accept();
    auto request = peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    world.run_until([this] { return answer.status != 0; });
    return request;
  }

  loop_world world;
  raw_listener listener{world};
  http_client client{world.loop()};
  http_response answer;
};

TEST_F(aws_signing_test, every_service_finds_the_signature_right) {
  for (const auto service :
       {aws_service::secrets_manager, aws_service::parameter_store,
        aws_service::certificate_manager}) {
    answer = {};
    const auto request = sent(service);
    EXPECT_EQ(check_sigv4(as_sandbox_sees_it(request), sandbox::aws_identity{},
                          signing_name(service), signed_at(request)),
              "");
  }
}

TEST_F(aws_signing_test, session_token_and_target_are_signed) {
  const auto request = sent(aws_service::secrets_manager);
  sandbox::sigv4_authorization parsed;
  ASSERT_TRUE(sandbox::parse_sigv4(request.header("authorization"), parsed));
  EXPECT_EQ(parsed.signed_headers,
            (std::vector<std::string>{"content-type", "host", "x-amz-date",
                                      "x-amz-security-token", "x-amz-target"}));
}

TEST_F(aws_signing_test, an_endpoint_may_have_a_path) {
  const auto request = sent(aws_service::parameter_store, "/proxy/aws");
  EXPECT_EQ(request.start_line, "POST /proxy/aws/ HTTP/1.1");
  EXPECT_EQ(check_sigv4(as_sandbox_sees_it(request), sandbox::aws_identity{},
                        "ssm", signed_at(request)),
            "");
}

// libcurl's handles are used again; nothing of a signature may stay with them.
TEST_F(aws_signing_test, the_next_request_carries_no_signature) {
  sent(aws_service::secrets_manager);
  answer = {};
  http_request plain;
  plain.method = "GET";
  raw_listener other{world};
  plain.url = other.url();
  plain.timeout_ms = 1000;
  plain.response_bytes_max = 100;
  client.start(plain, [this](http_response x) { answer = x; });
  const auto request = other.accept().read_request();
  EXPECT_EQ(request.header("authorization"), "");
  EXPECT_EQ(request.header("x-amz-date"), "");
}

} // namespace
} // namespace apm::test
