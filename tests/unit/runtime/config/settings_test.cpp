// Table tests of settings.hpp. Source of names, meanings, defaults and what a
// bad value leads to: compatibility.md §1, §6 and §7.
#include "runtime/config/settings.hpp"

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

/// How a setting reads, as text: one table then holds settings of all types.
using reading = std::string (*)(const settings&);

std::string ms(milliseconds x) {
  return std::to_string(x.count()) + " ms";
}

std::string flag(bool x) {
  return x ? "true" : "false";
}

std::string server_of(const settings& x) {
  return x.server_url;
}
std::string api_key_of(const settings& x) {
  return x.api_key;
}
std::string token_of(const settings& x) {
  return x.secret_token;
}
std::string runtime_of(const settings& x) {
  return x.runtime_api;
}
std::string receiver_of(const settings& x) {
  return ms(x.receiver_timeout);
}
std::string forwarder_of(const settings& x) {
  return ms(x.forwarder_timeout);
}
std::string margin_of(const settings& x) {
  return ms(x.flush_margin);
}
std::string port_of(const settings& x) {
  return std::to_string(x.receiver_port);
}
std::string buffer_of(const settings& x) {
  return std::to_string(x.buffer_bytes);
}
std::string strategy_of(const settings& x) {
  return x.strategy == send_strategy::background ? "background" : "syncflush";
}
std::string delivery_of(const settings& x) {
  return x.delivery == delivery_policy::at_most_once ? "at most" : "at least";
}
std::string level_of(const settings& x) {
  return std::string{to_string(x.level)};
}
std::string captures_of(const settings& x) {
  return flag(x.captures_logs);
}
std::string disables_of(const settings& x) {
  return flag(x.disables_logs_api);
}
std::string region_of(const settings& x) {
  return x.region;
}

struct sound_case {
  const char* variable;
  const char* value;
  reading read;
  const char* expected;
};

constexpr const char* server = "ELASTIC_APM_LAMBDA_APM_SERVER";
constexpr const char* receiver = "ELASTIC_APM_DATA_RECEIVER_TIMEOUT";
constexpr const char* receiver_s = "ELASTIC_APM_DATA_RECEIVER_TIMEOUT_SECONDS";
constexpr const char* forwarder = "ELASTIC_APM_DATA_FORWARDER_TIMEOUT";
constexpr const char* forwarder_s =
    "ELASTIC_APM_DATA_FORWARDER_TIMEOUT_SECONDS";
constexpr const char* port = "ELASTIC_APM_DATA_RECEIVER_SERVER_PORT";
constexpr const char* strategy = "ELASTIC_APM_SEND_STRATEGY";
constexpr const char* level = "ELASTIC_APM_LOG_LEVEL";
constexpr const char* captures = "ELASTIC_APM_LAMBDA_CAPTURE_LOGS";
constexpr const char* disables = "ELASTIC_APM_LAMBDA_DISABLE_LOGS_API";
constexpr const char* margin = "ELASTIC_APM_LAMBDA_FLUSH_MARGIN";
constexpr const char* buffer = "ELASTIC_APM_LAMBDA_BUFFER_BYTES";
constexpr const char* policy = "ELASTIC_APM_LAMBDA_DELIVERY";

constexpr sound_case sound[] = {
    {server, "https://apm.example", server_of, "https://apm.example"},
    {server, "https://apm.example/", server_of, "https://apm.example"},
    {server, "https://apm.example//", server_of, "https://apm.example"},
    {server, "http://10.0.0.1:8200", server_of, "http://10.0.0.1:8200"},
    {server, "http://[::1]:8200/", server_of, "http://[::1]:8200"},
    {server, "https://h/base/path/", server_of, "https://h/base/path"},
    // RFC 3986, 3.1: schemes are case-insensitive.
    {server, "HTTPS://apm.example", server_of, "HTTPS://apm.example"},
    {"ELASTIC_APM_API_KEY", "k==", api_key_of, "k=="},
    {"ELASTIC_APM_SECRET_TOKEN", "t", token_of, "t"},
    {"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001", runtime_of, "127.0.0.1:9001"},
    {"AWS_REGION", "eu-central-1", region_of, "eu-central-1"},
    {receiver, "1m30s", receiver_of, "90000 ms"},
    {receiver, "500ms", receiver_of, "500 ms"},
    {receiver_s, "20", receiver_of, "20000 ms"},
    {forwarder, "10s", forwarder_of, "10000 ms"},
    {forwarder, "1.5s", forwarder_of, "1500 ms"},
    {forwarder_s, "7", forwarder_of, "7000 ms"},
    {port, "8201", port_of, "8201"},
    {port, "65535", port_of, "65535"},
    {strategy, "background", strategy_of, "background"},
    {strategy, "BackGround", strategy_of, "background"},
    {strategy, "SYNCFLUSH", strategy_of, "syncflush"},
    {level, "trace", level_of, "trace"},
    {level, "DEBUG", level_of, "debug"},
    {level, "Warn", level_of, "warn"},
    {level, "WARNING", level_of, "warn"},
    {level, "error", level_of, "error"},
    {level, "critical", level_of, "critical"},
    {level, "off", level_of, "off"},
    {captures, "false", captures_of, "false"},
    {captures, "0", captures_of, "false"},
    {captures, "F", captures_of, "false"},
    {captures, "True", captures_of, "true"},
    {disables, "true", disables_of, "true"},
    {disables, "1", disables_of, "true"},
    {disables, "TRUE", disables_of, "true"},
    {margin, "350ms", margin_of, "350 ms"},
    {margin, "0s", margin_of, "0 ms"},
    {buffer, "1048576", buffer_of, "1048576"},
    {policy, "at_most_once", delivery_of, "at most"},
    {policy, "At_Least_Once", delivery_of, "at least"},
};

TEST(settings, reads_each_variable) {
  for (const auto& x : sound) {
    const auto loaded = load_settings(std::string_view{x.variable} == server
                                          ? environment{{x.variable, x.value}}
                                          : with({{x.variable, x.value}}));
    SCOPED_TRACE(std::string{x.variable} + '=' + x.value);
    EXPECT_EQ(x.read(loaded.values), x.expected);
    for (const auto& p : loaded.problems)
      EXPECT_TRUE(p.message.find("deprecated") != std::string::npos)
          << p.message;
  }
}

struct default_case {
  reading read;
  const char* expected;
};

constexpr default_case defaults[] = {
    {receiver_of, "15000 ms"},  {forwarder_of, "3000 ms"},
    {margin_of, "200 ms"},      {port_of, "8200"},
    {strategy_of, "syncflush"}, {level_of, "info"},
    {captures_of, "true"},      {disables_of, "false"},
    {buffer_of, "8388608"},     {delivery_of, "at least"},
    {api_key_of, ""},           {token_of, ""},
};

TEST(settings, has_defaults_that_need_no_thought) {
  const auto loaded = load_settings(with({}));
  EXPECT_TRUE(loaded.problems.empty());
  for (const auto& x : defaults)
    EXPECT_EQ(x.read(loaded.values), x.expected);
}

TEST(settings, takes_an_empty_variable_for_none) {
  environment empty;
  for (const auto& x : sound)
    empty[x.variable] = "";
  empty[server] = "https://apm.example";
  const auto loaded = load_settings(empty);
  EXPECT_TRUE(loaded.problems.empty());
  for (const auto& x : defaults)
    EXPECT_EQ(x.read(loaded.values), x.expected);
}

struct bad_case {
  const char* variable;
  const char* value;
  reading read;
  const char* expected; ///< the default
};

constexpr bad_case bad[] = {
    {receiver, "15", receiver_of, "15000 ms"}, // no unit
    {receiver, "abc", receiver_of, "15000 ms"},
    {receiver, "-1s", receiver_of, "15000 ms"},
    {receiver_s, "1.5", receiver_of, "15000 ms"},
    {receiver_s, "-1", receiver_of, "15000 ms"},
    {receiver_s, "15s", receiver_of, "15000 ms"},
    // House style: every request has a finite time-out. 0 would mean none, or
    // the end of every request, and so would what is cut to 0 ms.
    {receiver, "0s", receiver_of, "15000 ms"},
    {receiver_s, "0", receiver_of, "15000 ms"},
    {forwarder, "0", forwarder_of, "3000 ms"},
    {forwarder, "999us", forwarder_of, "3000 ms"},
    {forwarder, "3 s", forwarder_of, "3000 ms"},
    {forwarder_s, "99999999999999999999", forwarder_of, "3000 ms"},
    // 200 years: sound as a duration, but "now + time-out" has no room for it.
    {forwarder, "1752000h", forwarder_of, "3000 ms"},
    {receiver, "1752000h", receiver_of, "15000 ms"},
    {margin, "1752000h", margin_of, "200 ms"},
    {margin, "200", margin_of, "200 ms"},
    {port, "0", port_of, "8200"},
    {port, "65536", port_of, "8200"},
    {port, "http", port_of, "8200"},
    {port, "8200 ", port_of, "8200"},
    {strategy, "sync", strategy_of, "syncflush"},
    {level, "loud", level_of, "info"},
    {captures, "yes", captures_of, "true"},
    {captures, "tRUE", captures_of, "true"}, // Go does not take it either
    {disables, "2", disables_of, "false"},
    {buffer, "0", buffer_of, "8388608"},
    {buffer, "8MiB", buffer_of, "8388608"},
    {buffer, "99999999999999999999", buffer_of, "8388608"},
    {policy, "exactly_once", delivery_of, "at least"},
};

TEST(settings, leaves_the_default_where_a_value_is_bad_and_says_so) {
  for (const auto& x : bad) {
    const auto loaded = load_settings(with({{x.variable, x.value}}));
    SCOPED_TRACE(std::string{x.variable} + '=' + x.value);
    EXPECT_EQ(x.read(loaded.values), x.expected);
    const auto* problem = problem_of(loaded, x.variable);
    ASSERT_NE(problem, nullptr);
    EXPECT_FALSE(problem->is_fatal);
    EXPECT_NE(problem->message.find("is used instead"), std::string::npos)
        << problem->message;
  }
}

constexpr const char* bad_urls[] = {
    "apm.example",         "apm.example:8200",
    "ftp://apm.example",   "https://",
    "https:///path",       "https:/apm.example",
    "https://apm example", "https://h/?x=1",
    "https://h/#x",        "/intake",
    "https://h\n",
};

// §6 and T23: the extension registers, says once what is wrong, and idles.
TEST(settings, idles_without_a_usable_server) {
  for (const std::string url : bad_urls) {
    const auto loaded = load_settings({{server, url}});
    SCOPED_TRACE(url);
    EXPECT_EQ(loaded.values.server_url, "");
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_EQ(loaded.problems[0].variable, server);
    EXPECT_TRUE(loaded.problems[0].is_fatal);
  }
  for (const auto& none : {environment{}, environment{{server, ""}}}) {
    const auto loaded = load_settings(none);
    EXPECT_EQ(loaded.values.server_url, "");
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_EQ(loaded.problems[0].variable, server);
    EXPECT_TRUE(loaded.problems[0].is_fatal);
  }
}

TEST(settings, never_repeats_what_may_be_secret) {
  const auto loaded = load_settings({
      {server, "https://user:pass-word@h/?q"},
      {"ELASTIC_APM_API_KEY", "api-key-value"},
      {"ELASTIC_APM_SECRET_TOKEN", "token-value"},
  });
  ASSERT_FALSE(loaded.problems.empty());
  for (const auto& p : loaded.problems)
    for (const auto* secret : {"pass-word", "api-key-value", "token-value"})
      EXPECT_EQ(p.message.find(secret), std::string::npos) << p.message;
}

struct deprecated_case {
  const char* current;
  const char* deprecated;
  reading read;
};

constexpr deprecated_case deprecated[] = {
    {receiver, receiver_s, receiver_of},
    {forwarder, forwarder_s, forwarder_of},
};

// "Used only if the other is unset; log one deprecation warning."
TEST(settings, warns_of_deprecated_variables) {
  for (const auto& x : deprecated) {
    const auto loaded = load_settings(with({{x.deprecated, "20"}}));
    EXPECT_EQ(x.read(loaded.values), "20000 ms");
    ASSERT_EQ(loaded.problems.size(), 1U) << x.deprecated;
    const auto& problem = loaded.problems[0];
    EXPECT_EQ(problem.variable, x.deprecated);
    EXPECT_FALSE(problem.is_fatal);
    EXPECT_NE(problem.message.find("deprecated"), std::string::npos);
    EXPECT_NE(problem.message.find(x.current), std::string::npos)
        << "what to use instead";
  }
}

TEST(settings, prefers_the_current_variable_to_the_deprecated_one) {
  for (const auto& x : deprecated)
    EXPECT_EQ(
        x.read(load_settings(with({{x.current, "5s"}, {x.deprecated, "20"}}))
                   .values),
        "5000 ms");
}

TEST(settings, uses_no_deprecated_variable_where_the_current_is_bad) {
  const auto loaded =
      load_settings(with({{forwarder, "soon"}, {forwarder_s, "20"}}));
  EXPECT_EQ(forwarder_of(loaded.values), "3000 ms") << "as its problem says";
  const auto* problem = problem_of(loaded, forwarder);
  ASSERT_NE(problem, nullptr);
  EXPECT_NE(problem->message.find("3s is used instead"), std::string::npos);
}

// For metadata of our own, T8: what agents' own variables say wins over
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

TEST(settings, reports_every_problem_in_the_tables_order) {
  const auto loaded = load_settings({
      {policy, "x"},
      {port, "x"},
      {level, "x"},
      {server, "x"},
  });
  std::vector<std::string> variables;
  for (const auto& p : loaded.problems)
    variables.push_back(p.variable);
  EXPECT_EQ(variables, (std::vector<std::string>{server, port, level, policy}));
}

} // namespace
} // namespace apm
