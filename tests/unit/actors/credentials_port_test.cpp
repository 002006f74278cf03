// CREDENTIALS: all is asked for at once, tried again within a bound, put into
// the store, and told without any secret.
#include "runtime/ports/credentials_port.hpp"
#include "tests/support/virtual_world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

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
    setup.read_file = [this](const std::string& path) -> result<std::string> {
      const auto found = files.find(path);
      if (found == files.end())
        return error{errc::io, path + ": No such file or directory"};
      return found->second;
    };
    setup.hide = [this](const std::string& secret) { hidden.insert(secret); };
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
  std::map<std::string, std::string> files;
  std::set<std::string> hidden; ///< what the log must not show
  credentials_actor port;
  credentials_sink asker;
};

using texts = std::vector<std::string>;

TEST_F(credentials_port_test, asks_for_all_at_once) {
  config.secrets_manager_api_key_id = "key";
  config.ssm_secret_token_name = "token";
  begin();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].call.signing->scope,
            "aws:amz:eu-central-1:secretsmanager");
  EXPECT_EQ(calls[1].call.signing->scope, "aws:amz:eu-central-1:ssm");
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
  EXPECT_EQ(calls[1].call.signing->scope, "aws:amz:eu-west-1:acm");
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

// -- keys from the container endpoint -----------------------------------------

/// As under SnapStart.
class container_test : public credentials_port_test {
protected:
  container_test() {
    config.aws_access_key_id.clear();
    config.aws_secret_access_key.clear();
    config.aws_container_uri = "http://127.0.0.1:9001/keys";
    config.aws_container_token = "t0k3n";
    config.secrets_manager_api_key_id = "key";
  }

  static http_response keys(const std::string& number) {
    return answered(200, R"({"AccessKeyId":"ASIA)" + number
                             + R"(","SecretAccessKey":"hush)" + number
                             + R"(","Token":"session)" + number + R"("})");
  }

  /// The `Authorization` of the only open call, which asks for keys.
  std::string shown_token() {
    EXPECT_EQ(calls.size(), 1U);
    EXPECT_FALSE(calls.at(0).call.signing);
    EXPECT_EQ(calls.at(0).call.request.url, config.aws_container_uri);
    return calls.at(0).call.request.headers.back().value;
  }

  std::string signer() { return calls.at(0).call.signing->access_key_id; }
};

TEST_F(container_test, signs_with_keys_that_it_fetches_first_and_anew) {
  config.ssm_secret_token_name = "token";
  begin();
  EXPECT_EQ(shown_token(), "t0k3n");
  answer(keys("1"));
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(signer(), "ASIA1");
  EXPECT_EQ(calls[1].call.signing->secret_access_key, "hush1");
  EXPECT_EQ(calls[1].call.request.headers.back().value, "session1");
  answer(answered(200, R"({"SecretString":"old"})"));
  answer(answered(200, R"({"Parameter":{"Value":"x"}})"));
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].fetched.size(), 2U);
  ask(2);
  EXPECT_EQ(shown_token(), "t0k3n");
  answer(keys("2"));
  EXPECT_EQ(signer(), "ASIA2");
  for (const auto* secret : {"t0k3n", "ASIA1", "hush1", "session1", "hush2"})
    EXPECT_EQ(hidden.count(secret), 1U) << secret;
}

TEST_F(container_test, keys_of_the_environment_win) {
  config.aws_access_key_id = "AKIA";
  config.aws_secret_access_key = "hush";
  begin();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(signer(), "AKIA");
}

TEST_F(container_test, takes_the_token_from_its_file_each_time) {
  config.aws_container_token_file = "/run/token";
  files["/run/token"] = "first\n";
  begin();
  EXPECT_EQ(shown_token(), "first");
  answer(failed(http_failure::timeout, true));
  files["/run/token"] = "second";
  world.advance(200ms);
  EXPECT_EQ(shown_token(), "second");
}

TEST_F(container_test, says_that_the_tokens_file_cannot_be_read) {
  config.aws_container_token_file = "/run/token";
  begin();
  EXPECT_TRUE(calls.empty());
  ASSERT_EQ(ready.size(), 1U);
  ASSERT_EQ(ready[0].failed.size(), 1U);
  EXPECT_NE(ready[0].failed[0].find("TOKEN_FILE cannot be read: /run/token: No "
                                    "such file"),
            std::string::npos)
      << ready[0].failed[0];
}

TEST_F(container_test, tries_three_times_for_the_keys_then_fails_all) {
  config.ssm_secret_token_name = "token";
  begin();
  answer(failed(http_failure::timeout, true));
  world.advance(200ms);
  answer(answered(500));
  world.advance(400ms);
  answer(answered(500));
  EXPECT_TRUE(calls.empty());
  ASSERT_EQ(ready.size(), 1U);
  ASSERT_EQ(ready[0].failed.size(), 2U);
  EXPECT_NE(ready[0].failed[1].find("(ELASTIC_APM_SSM_SECRET_TOKEN_NAME): no "
                                    "keys from http://127.0.0.1:9001/keys"),
            std::string::npos)
      << ready[0].failed[1];
  EXPECT_EQ(world.armed_timers(), 0U);
  ask(2); // another time they may be there
  answer(keys("1"));
  EXPECT_EQ(signer(), "ASIA1");
}

// A snapshot may be taken while a fetch is under way, and be restored weeks
// later: what belongs to it is worth nothing then.
TEST_F(container_test, a_restore_abandons_what_was_under_way) {
  begin();
  answer(keys("1"));
  ASSERT_EQ(calls.size(), 1U);
  ask(2);
  ASSERT_EQ(calls.size(), 2U);
  answer(answered(200, R"({"SecretString":"old"})"));
  EXPECT_TRUE(ready.empty());
  EXPECT_EQ(store.authorization(), "");
  answer(keys("2"));
  EXPECT_EQ(signer(), "ASIA2");
  answer(answered(200, R"({"SecretString":"new"})"));
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready[0].id, 2U);
  EXPECT_EQ(ready[0].fetched.size(), 1U);
  EXPECT_EQ(store.authorization(), "ApiKey new");
}

TEST_F(container_test, a_restore_ends_the_pauses_from_before) {
  begin();
  answer(failed(http_failure::timeout, true));
  ask(2);
  ASSERT_EQ(calls.size(), 1U);
  world.advance(200ms);
  EXPECT_EQ(calls.size(), 1U);
}

} // namespace
} // namespace apm::test
