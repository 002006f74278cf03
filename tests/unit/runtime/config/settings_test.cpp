// Tests of settings.hpp: what is read from several variables together. Each
// variable for itself is in settings_table_test.cpp.
#include "runtime/config/configuration_report.hpp"
#include "runtime/config/settings_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm {
namespace {

using std::chrono::milliseconds;

/// An environment that is sound, and `more` of it.
environment with(environment more) {
  more.insert({"ELASTIC_APM_LAMBDA_APM_SERVER", "https://apm.example"});
  return more;
}

const settings_problem* problem_of(const loaded_settings& loaded,
                                   std::string_view variable) {
  const auto found = std::find_if(
      loaded.problems.begin(), loaded.problems.end(),
      [&](const settings_problem& p) { return p.variable == variable; });
  return found == loaded.problems.end() ? nullptr : &*found;
}

constexpr const char* server = "ELASTIC_APM_LAMBDA_APM_SERVER";
constexpr const char* receiver = "ELASTIC_APM_DATA_RECEIVER_TIMEOUT";
constexpr const char* receiver_s = "ELASTIC_APM_DATA_RECEIVER_TIMEOUT_SECONDS";
constexpr const char* forwarder = "ELASTIC_APM_DATA_FORWARDER_TIMEOUT";
constexpr const char* forwarder_s =
    "ELASTIC_APM_DATA_FORWARDER_TIMEOUT_SECONDS";

// The extension registers, says once what is wrong, and idles.
TEST(settings, idles_without_a_server) {
  for (const auto& none : {environment{}, environment{{server, ""}}}) {
    const auto loaded = load_settings(none);
    EXPECT_EQ(loaded.values.server_url, "");
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_EQ(loaded.problems[0].variable, server);
    EXPECT_TRUE(loaded.problems[0].is_fatal);
    EXPECT_NE(loaded.problems[0].message.find("Set it to"), std::string::npos);
  }
}

// A value may have been put into the wrong variable: none is repeated that
// could be a secret, and those that are no words or numbers could be.
TEST(settings, never_repeats_what_may_be_secret) {
  for (const auto& row : settings_table()) {
    if (row.shown == display::plain)
      continue;
    const auto loaded = load_settings(
        with({{std::string{row.variable}, "ftp://user:pass-word@h/\x01?q"}}));
    for (const auto& p : loaded.problems)
      EXPECT_EQ(p.message.find("pass-word"), std::string::npos) << p.message;
  }
}

TEST(settings, knows_what_no_log_may_show) {
  const auto loaded = load_settings({
      {server, "https://user:pass-word@h/p@th"},
      {"ELASTIC_APM_API_KEY", "key"},
      {"ELASTIC_APM_SECRET_TOKEN", "token"},
      {"AWS_SECRET_ACCESS_KEY", "aws"},
      {"AWS_SESSION_TOKEN", "session"},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "container"},
      {"HTTPS_PROXY", "me:proxy-word@proxy:3128"},
      {"HTTP_PROXY", "http://user-alone@proxy:3128"},
  });
  const auto values = confidential_values(loaded.values);
  for (const auto* secret :
       {"user:pass-word", "pass-word", "key", "token", "aws", "session",
        "container", "me:proxy-word", "proxy-word", "user-alone"})
    EXPECT_EQ(std::count(values.begin(), values.end(), secret), 1) << secret;
  EXPECT_EQ(values.size(), 10U);
  EXPECT_TRUE(confidential_values(settings{}).empty());
}

struct deprecated_case {
  const char* current;
  const char* deprecated;
  milliseconds settings::*field;
};

constexpr deprecated_case deprecated[] = {
    {receiver, receiver_s, &settings::receiver_timeout},
    {forwarder, forwarder_s, &settings::forwarder_timeout},
};

// "Used only if the other is unset; log one deprecation warning."
TEST(settings, warns_of_deprecated_variables) {
  for (const auto& x : deprecated) {
    const auto loaded = load_settings(with({{x.deprecated, "20"}}));
    EXPECT_EQ(loaded.values.*x.field, milliseconds{20'000});
    ASSERT_EQ(loaded.problems.size(), 1U) << x.deprecated;
    const auto& problem = loaded.problems[0];
    EXPECT_EQ(problem.variable, x.deprecated);
    EXPECT_FALSE(problem.is_fatal);
    EXPECT_TRUE(problem.is_advice);
    EXPECT_NE(problem.message.find("deprecated"), std::string::npos);
    EXPECT_NE(problem.message.find(std::string{x.current} + "=20s"),
              std::string::npos)
        << "what to use instead: " << problem.message;
  }
}

struct precedence_case {
  const char* wins;
  const char* loses;
  const char* winning;
  const char* losing;
  std::string settings::*field;
};

// Go's httpproxy looks at the upper case first, AWS's SDKs at AWS_REGION.
constexpr precedence_case precedence[] = {
    {"HTTPS_PROXY", "https_proxy", "a:1", "b:1", &settings::https_proxy},
    {"HTTP_PROXY", "http_proxy", "a:1", "b:1", &settings::http_proxy},
    {"NO_PROXY", "no_proxy", "a", "b", &settings::no_proxy},
    {"AWS_REGION", "AWS_DEFAULT_REGION", "a", "b", &settings::region},
    {"ELASTIC_APM_SERVICE_VERSION", "AWS_LAMBDA_FUNCTION_VERSION", "1", "2",
     &settings::service_version},
    {"ELASTIC_APM_SERVICE_NAME", "AWS_LAMBDA_FUNCTION_NAME", "a", "b",
     &settings::service_name},
};

TEST(settings, prefers_one_variable_to_another) {
  for (const auto& x : precedence) {
    EXPECT_EQ(
        load_settings(with({{x.wins, x.winning}, {x.loses, x.losing}})).values
            .*x.field,
        x.winning);
    EXPECT_EQ(load_settings(with({{x.wins, ""}, {x.loses, x.losing}})).values
                  .*x.field,
              x.losing)
        << "an empty one is none: " << x.wins;
  }
  for (const auto& x : deprecated) {
    const auto loaded =
        load_settings(with({{x.current, "5s"}, {x.deprecated, "20"}}));
    EXPECT_EQ(loaded.values.*x.field, milliseconds{5'000});
    EXPECT_TRUE(loaded.problems.empty()) << "it is not used";
  }
}

// They are fetched later; until then, and if that fails, the plain ones hold.
TEST(settings, keeps_plain_credentials_beside_those_to_fetch) {
  const auto values =
      load_settings(with({{"ELASTIC_APM_API_KEY", "plain"},
                          {"ELASTIC_APM_SECRETS_MANAGER_API_KEY_ID", "id"}}))
          .values;
  EXPECT_EQ(values.api_key, "plain");
  EXPECT_EQ(values.secrets_manager_api_key_id, "id");
}

TEST(settings, uses_no_deprecated_variable_where_the_current_is_bad) {
  const auto loaded =
      load_settings(with({{forwarder, "soon"}, {forwarder_s, "20"}}));
  EXPECT_EQ(loaded.values.forwarder_timeout, milliseconds{3'000});
  const auto* problem = problem_of(loaded, forwarder);
  ASSERT_NE(problem, nullptr);
  EXPECT_NE(problem->message.find("3s is used instead"), std::string::npos);
}

// For metadata of our own: what agents' own variables say wins over
// Lambda's.
TEST(settings, describes_the_service) {
  const environment lambda{{"AWS_LAMBDA_FUNCTION_NAME", "orders-api"},
                           {"AWS_LAMBDA_FUNCTION_VERSION", "7"}};
  auto values = load_settings(lambda).values;
  EXPECT_EQ(values.function_name, "orders-api");
  EXPECT_EQ(values.service_name, "orders-api");
  EXPECT_EQ(values.service_version, "7");
  EXPECT_EQ(values.service_environment, "");
  auto named = lambda;
  named["ELASTIC_APM_SERVICE_NAME"] = "orders";
  named["ELASTIC_APM_SERVICE_VERSION"] = "1.2.3";
  named["ELASTIC_APM_ENVIRONMENT"] = "production";
  values = load_settings(named).values;
  EXPECT_EQ(values.function_name, "orders-api");
  EXPECT_EQ(values.service_name, "orders");
  EXPECT_EQ(values.service_version, "1.2.3");
  EXPECT_EQ(values.service_environment, "production");
}

TEST(settings, reports_what_is_fatal_first_then_in_the_tables_order) {
  environment all_bad;
  for (const auto& row : settings_table())
    all_bad[std::string{row.variable}] = "\x01";
  all_bad[server] = "";
  std::vector<std::string_view> expected{server};
  for (const auto& row : settings_table()) {
    settings scratch;
    if (row.variable != server && row.superseded_by.empty()
        && !row.value.read(scratch, "\x01"))
      expected.push_back(row.variable);
  }
  const auto loaded = load_settings(all_bad);
  std::vector<std::string_view> variables;
  for (const auto& p : loaded.problems)
    variables.push_back(p.variable);
  EXPECT_EQ(variables, expected);
  EXPECT_GT(variables.size(), 20U);
}

TEST(settings, leaves_the_function_its_memory) {
  environment env{{"ELASTIC_APM_LAMBDA_APM_SERVER", "https://apm.example"},
                  {"ELASTIC_APM_LAMBDA_BUFFER_BYTES", "16777217"},
                  {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"}};
  const auto cut = load_settings(env);
  EXPECT_EQ(cut.values.buffer_bytes, 16'777'216U);
  ASSERT_EQ(cut.problems.size(), 1U);
  EXPECT_EQ(cut.problems[0].variable, "ELASTIC_APM_LAMBDA_BUFFER_BYTES");
  EXPECT_EQ(cut.problems[0].message,
            "is more than an eighth of the function's memory; 16777216 is used "
            "instead");
  env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "129";
  EXPECT_TRUE(load_settings(env).problems.empty());
  // A default is cut without a word: nobody has chosen it.
  env.erase("ELASTIC_APM_LAMBDA_BUFFER_BYTES");
  env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = "32";
  EXPECT_EQ(load_settings(env).values.buffer_bytes, 4'194'304U);
  EXPECT_TRUE(load_settings(env).problems.empty());
}

TEST(describe_changed_values, tells_what_differs_and_no_secret) {
  const auto loaded = load_settings(
      {{"ELASTIC_APM_LAMBDA_APM_SERVER", "https://user:CANARY@apm.example"},
       {"ELASTIC_APM_API_KEY", "CANARY"},
       {"ELASTIC_APM_SECRET_TOKEN", "CANARY"},
       {"AWS_SECRET_ACCESS_KEY", "CANARY"},
       {"AWS_SESSION_TOKEN", "CANARY"},
       {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "CANARY"},
       {"HTTPS_PROXY", "http://user:CANARY@proxy.example:3128"},
       {"ELASTIC_APM_SERVER_CA_CERT_ACM_ID",
        "arn:aws:acm:eu-central-1:123456789012:certificate/1"},
       {"ELASTIC_APM_SEND_STRATEGY", "background"},
       {"ELASTIC_APM_LAMBDA_FLUSH_MARGIN", "200ms"}});
  const auto rows = describe_changed_values(loaded.values);
  const std::vector<std::string> expected = {
      "ELASTIC_APM_LAMBDA_APM_SERVER=https://apm.example",
      "ELASTIC_APM_API_KEY=(present)",
      "ELASTIC_APM_SECRET_TOKEN=(present)",
      "ELASTIC_APM_SEND_STRATEGY=background",
      "ELASTIC_APM_SERVER_CA_CERT_ACM_ID="
      "arn:aws:acm:eu-central-1:111111111111:certificate/1",
      "HTTPS_PROXY=http://proxy.example:3128",
      "AWS_SECRET_ACCESS_KEY=(present)",
      "AWS_SESSION_TOKEN=(present)",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN=(present)"};
  EXPECT_EQ(rows, expected);
  EXPECT_TRUE(describe_changed_values(settings{}).empty());
}

} // namespace
} // namespace apm
