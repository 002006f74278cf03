// CREDENTIALS: all is asked for at once, tried again within a bound, put into
// the store, and told without any secret.
#include "runtime/ports/credentials_port.hpp"
#include "tests/support/virtual_world.hpp"

#include <gtest/gtest.h>

#include "caf/stateful_actor.hpp"

namespace apm::test {
namespace {

struct open_call {
  aws_call call;
  std::function<void(http_response)> on_answer;
};

class credentials_port_test : public ::testing::Test {
protected:
  credentials_port_test() {
    config.server_url = "https://apm.example";
    config.region = "eu-central-1";
    config.aws_access_key_id = "AKIA";
    config.aws_secret_access_key = "hush";
  }

  void begin() {
    credentials_port_setup setup;
    setup.config = &config;
    setup.store = &store;
    setup.sources = aws_sources(config);
    setup.call = [this](const aws_call& x,
                        std::function<void(http_response)> on_answer) {
      calls.push_back({x, std::move(on_answer)});
    };
    setup.timers = world.ports().timers;
    setup.time = world.ports().time;
    port = world.spawn(credentials_port, setup);
    asker = world.spawn(
        [this](credentials_sink::pointer) -> credentials_sink::behavior_type {
          return {[this](const credentials_ready& x) { ready.push_back(x); }};
        });
    ask(1);
  }

  void ask(uint64_t id) {
    caf::send_as(asker, port, credentials_wanted{id});
    world.settle();
  }

  /// Answers the oldest call that is open.
  void answer(http_response with) {
    ASSERT_FALSE(calls.empty());
    auto call = std::move(calls.front());
    calls.erase(calls.begin());
    call.on_answer(std::move(with));
    world.settle();
  }

  settings config;
  credential_store store;
  virtual_world world;
  std::vector<open_call> calls;
  std::vector<credentials_ready> ready;
  credentials_actor port;
  credentials_sink asker;
};

using texts = std::vector<std::string>;

TEST_F(credentials_port_test, asks_for_all_at_once) {
  config.secrets_manager_api_key_id = "key";
  config.ssm_secret_token_name = "token";
  begin();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].call.signing.scope, "aws:amz:eu-central-1:secretsmanager");
  EXPECT_EQ(calls[1].call.signing.scope, "aws:amz:eu-central-1:ssm");
  answer(answered(200, R"({"SecretString":"s3cr3t"})"));
  EXPECT_TRUE(ready.empty());
  answer(answered(200, R"({"Parameter":{"Value":"t0k3n"}})"));
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].id, 1U);
  EXPECT_EQ(ready[0].fetched, (texts{"ELASTIC_APM_SECRETS_MANAGER_API_KEY_ID",
                                     "ELASTIC_APM_SSM_SECRET_TOKEN_NAME"}));
  EXPECT_TRUE(ready[0].failed.empty());
  EXPECT_EQ(store.authorization(), "ApiKey s3cr3t");
}

TEST_F(credentials_port_test, tries_three_times_with_growing_pauses) {
  config.secrets_manager_api_key_id = "key";
  begin();
  answer(failed(http_failure::timeout, true)); // as after a freeze
  EXPECT_TRUE(calls.empty());
  world.advance(199ms);
  EXPECT_TRUE(calls.empty());
  world.advance(1ms);
  answer(answered(500));
  world.advance(400ms);
  ASSERT_EQ(calls.size(), 1U);
  answer(answered(503));
  ASSERT_EQ(ready.size(), 1U);
  ASSERT_EQ(ready[0].failed.size(), 1U);
  EXPECT_EQ(ready[0].failed[0].substr(0, 80),
            "cannot fetch key from AWS Secrets Manager "
            "(ELASTIC_APM_SECRETS_MANAGER_API_KEY_I");
  EXPECT_EQ(world.armed_timers(), 0U);
}

TEST_F(credentials_port_test, the_second_try_may_succeed) {
  config.ssm_api_key_name = "key";
  begin();
  answer(answered(400, R"({"__type":"ThrottlingException"})"));
  world.advance(200ms);
  answer(answered(200, R"({"Parameter":{"Value":"k"}})"));
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_TRUE(ready[0].failed.empty());
  EXPECT_EQ(store.authorization(), "ApiKey k");
}

TEST_F(credentials_port_test, does_not_repeat_what_is_denied) {
  config.api_key = "plain";
  config.secrets_manager_api_key_id = "key";
  store.put(credential_kind::api_key, credential_origin::plain, config.api_key);
  begin();
  answer(answered(400, R"({"__type":"AccessDeniedException"})"));
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].failed.size(), 1U);
  EXPECT_EQ(store.authorization(), "ApiKey plain");
}

TEST_F(credentials_port_test, says_what_the_environment_lacks) {
  config.region.clear();
  config.secrets_manager_api_key_id = "key";
  begin();
  EXPECT_TRUE(calls.empty());
  ASSERT_EQ(ready.size(), 1U);
  ASSERT_EQ(ready[0].failed.size(), 1U);
  EXPECT_NE(ready[0].failed[0].find("AWS_REGION"), std::string::npos);
}

TEST_F(credentials_port_test, fetches_anew_but_a_ca_only_once) {
  std::string pem;
  store.on_ca_pem([&](const std::string& text) { pem = text; });
  config.secrets_manager_secret_token_id = "token";
  config.ca_acm_id = "arn:aws:acm:eu-west-1:1:certificate/2";
  begin();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[1].call.signing.scope, "aws:amz:eu-west-1:acm");
  answer(answered(200, R"({"SecretString":"old"})"));
  answer(
      answered(200, R"({"Certificate":"-----BEGIN CERTIFICATE-----\nA\n"})"));
  EXPECT_EQ(pem, "-----BEGIN CERTIFICATE-----\nA\n");
  EXPECT_EQ(store.authorization(), "Bearer old");
  ask(2);
  ASSERT_EQ(calls.size(), 1U);
  answer(answered(200, R"({"SecretString":"new"})"));
  ASSERT_EQ(ready.size(), 2U);
  EXPECT_EQ(ready[1].id, 2U);
  EXPECT_EQ(store.authorization(), "Bearer new");
}

TEST_F(credentials_port_test, keeps_the_old_one_where_a_fresh_fetch_fails) {
  config.secrets_manager_api_key_id = "key";
  begin();
  answer(answered(200, R"({"SecretString":"old"})"));
  ask(2);
  answer(answered(400, R"({"__type":"ResourceNotFoundException"})"));
  EXPECT_EQ(store.authorization(), "ApiKey old");
  EXPECT_EQ(ready[1].failed.size(), 1U);
}

TEST_F(credentials_port_test, asked_again_meanwhile_it_answers_the_last) {
  config.secrets_manager_api_key_id = "key";
  begin();
  ask(2);
  EXPECT_EQ(calls.size(), 1U);
  answer(answered(200, R"({"SecretString":"k"})"));
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].id, 2U);
}

} // namespace
} // namespace apm::test
