// Tests of aws_request.hpp. Source of targets and members: the services' API
// references.
#include "runtime/aws/aws_request.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

settings complete() {
  settings config;
  config.region = "eu-central-1";
  config.aws_access_key_id = "AKIA";
  config.aws_secret_access_key = "hush";
  config.aws_session_token = "token";
  return config;
}

struct request_case {
  aws_service service;
  std::string target, body, scope;
};

const request_case request_cases[] = {
    {aws_service::secrets_manager, "secretsmanager.GetSecretValue",
     R"({"SecretId":"a\"b"})", "aws:amz:eu-central-1:secretsmanager"},
    {aws_service::parameter_store, "AmazonSSM.GetParameter",
     R"({"Name":"a\"b","WithDecryption":true})", "aws:amz:eu-central-1:ssm"},
    {aws_service::certificate_manager, "CertificateManager.GetCertificate",
     R"({"CertificateArn":"a\"b"})", "aws:amz:eu-central-1:acm"},
};

std::vector<std::string> lines_of(const std::vector<http_header>& headers) {
  std::vector<std::string> lines;
  for (const auto& h : headers)
    lines.push_back(h.name + ": " + h.value);
  return lines;
}

TEST(make_aws_call, asks_as_the_service_wants_it) {
  for (const auto& c : request_cases) {
    aws_source source;
    source.service = c.service;
    source.id = "a\"b";
    const auto call = make_aws_call(source, complete(), keys_of(complete()));
    ASSERT_TRUE(call) << call.error().detail;
    const auto& request = call.value().request;
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.body.view(), c.body);
    EXPECT_EQ(lines_of(request.headers),
              (std::vector<std::string>{
                  "Content-Type: application/x-amz-json-1.1",
                  "X-Amz-Target: " + c.target, "X-Amz-Security-Token: token"}));
    EXPECT_GT(request.timeout_ms, 0);
    EXPECT_GT(request.response_bytes_max, 64U * 1024); // of a secret
    EXPECT_FALSE(request.with_credentials);
    ASSERT_TRUE(call.value().signing);
    EXPECT_EQ(call.value().signing->scope, c.scope);
    EXPECT_EQ(call.value().signing->access_key_id, "AKIA");
    EXPECT_EQ(call.value().signing->secret_access_key, "hush");
  }
}

TEST(make_aws_call, sends_no_empty_session_token) {
  auto config = complete();
  config.aws_session_token.clear();
  EXPECT_EQ(
      make_aws_call({}, config, keys_of(config)).value().request.headers.size(),
      2U);
}

TEST(make_aws_call, says_what_a_signature_lacks) {
  auto nowhere = complete();
  nowhere.region.clear();
  EXPECT_EQ(make_aws_call({}, nowhere, keys_of(nowhere)).error().detail,
            "AWS_REGION is not set");
  auto nobody = complete();
  nobody.aws_secret_access_key.clear();
  EXPECT_NE(make_aws_call({}, nobody, keys_of(nobody))
                .error()
                .detail.find("AWS_SECRET_ACCESS_KEY"),
            std::string::npos);
}

} // namespace
} // namespace apm
