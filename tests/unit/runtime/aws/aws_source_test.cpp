// Tests of aws_source.hpp: what is fetched, and from where.
#include "runtime/aws/aws_source.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

constexpr const char* arn =
    "arn:aws:secretsmanager:us-west-2:123456789012:secret:apm-AbCdEf";

settings with_server() {
  settings config;
  config.server_url = "https://apm.example";
  config.region = "eu-central-1";
  return config;
}

TEST(aws_sources, are_none_where_nothing_is_named) {
  EXPECT_TRUE(aws_sources(with_server()).empty());
}

TEST(aws_sources, are_none_without_an_apm_server) {
  auto config = with_server();
  config.server_url.clear();
  config.ssm_api_key_name = "key";
  EXPECT_TRUE(aws_sources(config).empty());
}

TEST(aws_sources, are_all_that_is_named) {
  auto config = with_server();
  config.secrets_manager_api_key_id = "a";
  config.secrets_manager_secret_token_id = "b#token";
  config.ssm_api_key_name = "/apm/c";
  config.ssm_secret_token_name = "/apm/d#deep#er";
  config.ca_acm_id = "e";
  const auto sources = aws_sources(config);
  ASSERT_EQ(sources.size(), 5U);
  struct row {
    std::string variable, id, member;
    credential_kind kind;
    credential_origin origin;
    aws_service service;
  };
  using kind = credential_kind;
  using origin = credential_origin;
  using service = aws_service;
  const row rows[] = {
      {"ELASTIC_APM_SECRETS_MANAGER_API_KEY_ID", "a", "", kind::api_key,
       origin::secrets_manager, service::secrets_manager},
      {"ELASTIC_APM_SECRETS_MANAGER_SECRET_TOKEN_ID", "b", "token",
       kind::secret_token, origin::secrets_manager, service::secrets_manager},
      {"ELASTIC_APM_SSM_API_KEY_NAME", "/apm/c", "", kind::api_key,
       origin::parameter_store, service::parameter_store},
      {"ELASTIC_APM_SSM_SECRET_TOKEN_NAME", "/apm/d", "deep#er",
       kind::secret_token, origin::parameter_store, service::parameter_store},
      {"ELASTIC_APM_SERVER_CA_CERT_ACM_ID", "e", "", kind::ca_pem,
       origin::secrets_manager, service::certificate_manager},
  };
  for (size_t i = 0; i < sources.size(); ++i) {
    EXPECT_EQ(sources[i].variable, rows[i].variable);
    EXPECT_EQ(sources[i].id, rows[i].id);
    EXPECT_EQ(sources[i].member, rows[i].member);
    EXPECT_EQ(sources[i].kind, rows[i].kind) << rows[i].variable;
    EXPECT_EQ(sources[i].origin, rows[i].origin) << rows[i].variable;
    EXPECT_EQ(sources[i].service, rows[i].service) << rows[i].variable;
  }
}

TEST(region_of, is_the_arns_own) {
  const auto config = with_server();
  aws_source source;
  for (const auto& [id, region] :
       {std::pair{arn, "us-west-2"},
        {"apm", "eu-central-1"},
        {"arn:aws:x", "eu-central-1"},
        {"arn:aws:ssm::1:parameter/x", "eu-central-1"}}) {
    source.id = id;
    EXPECT_EQ(region_of(source, config), region) << id;
  }
}

struct endpoint_case {
  std::string region;
  aws_service service;
  std::string common, own;
  std::string expected;
};

const endpoint_case endpoint_cases[] = {
    {"eu-central-1", aws_service::secrets_manager, "", "",
     "https://secretsmanager.eu-central-1.amazonaws.com"},
    {"us-gov-west-1", aws_service::parameter_store, "", "",
     "https://ssm.us-gov-west-1.amazonaws.com"},
    {"cn-north-1", aws_service::certificate_manager, "", "",
     "https://acm.cn-north-1.amazonaws.com.cn"},
    {"eu-central-1", aws_service::parameter_store, "http://all:1", "",
     "http://all:1"},
    {"eu-central-1", aws_service::secrets_manager, "http://all:1",
     "http://own:2", "http://own:2"},
};

TEST(endpoint_of, is_as_awss_own_variables_say) {
  for (const auto& c : endpoint_cases) {
    auto config = with_server();
    config.region = c.region;
    config.aws_endpoint = c.common;
    config.aws_endpoint_secrets_manager = c.own;
    aws_source source;
    source.service = c.service;
    EXPECT_EQ(endpoint_of(source, config), c.expected);
  }
}

} // namespace
} // namespace apm
