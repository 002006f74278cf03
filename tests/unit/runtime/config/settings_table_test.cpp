// A table test of every variable: what is read, what is refused, and what then
// holds. A row of settings_table.cpp that has no case here, or no line in the
// README, fails. Source of names, meanings and defaults: the documentation of
// Elastic's own extension.
#include "runtime/config/settings_table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace apm {
namespace {

std::string in_words(const std::string& x) {
  return x;
}

std::string in_words(bool x) {
  return x ? "true" : "false";
}

std::string in_words(uint64_t x) {
  return std::to_string(x);
}

std::string in_words(uint16_t x) {
  return std::to_string(x);
}

std::string in_words(std::chrono::milliseconds x) {
  return std::to_string(x.count()) + " ms";
}

std::string in_words(send_strategy x) {
  return x == send_strategy::background ? "background" : "syncflush";
}

std::string in_words(delivery_policy x) {
  return x == delivery_policy::at_most_once ? "at most" : "at least";
}

std::string in_words(trace::export_mode x) {
  switch (x) {
  case trace::export_mode::off:
    return "off";
  case trace::export_mode::ring:
    return "ring";
  case trace::export_mode::missed:
    return "missed";
  case trace::export_mode::all:
    break;
  }
  return "all";
}

std::string in_words(trace::payload_mode x) {
  switch (x) {
  case trace::payload_mode::digest:
    return "digest";
  case trace::payload_mode::shape:
    return "shape";
  case trace::payload_mode::full:
    break;
  }
  return "full";
}

std::string in_words(log_level x) {
  return std::string{to_string(x)};
}

/// How a setting reads, as text: one table then holds settings of all types.
/// The field is named here once more, since a row of the table could name a
/// wrong one for reading and showing alike.
using reading = std::string (*)(const settings&);

template <auto Field>
std::string field(const settings& x) {
  return in_words(x.*Field);
}

/// For a variable without a field.
std::string nothing(const settings&) {
  return "";
}

struct value_case {
  const char* variable;
  const char* value;
  reading read;
  const char* expected;
};

constexpr auto server_url = field<&settings::server_url>;
constexpr const char* server = "ELASTIC_APM_LAMBDA_APM_SERVER";
constexpr auto receiver_timeout = field<&settings::receiver_timeout>;
constexpr const char* receiver = "ELASTIC_APM_DATA_RECEIVER_TIMEOUT";
constexpr const char* receiver_s = "ELASTIC_APM_DATA_RECEIVER_TIMEOUT_SECONDS";
constexpr auto forwarder_timeout = field<&settings::forwarder_timeout>;
constexpr const char* forwarder = "ELASTIC_APM_DATA_FORWARDER_TIMEOUT";
constexpr const char* forwarder_s =
    "ELASTIC_APM_DATA_FORWARDER_TIMEOUT_SECONDS";
constexpr auto receiver_port = field<&settings::receiver_port>;
constexpr const char* port = "ELASTIC_APM_DATA_RECEIVER_SERVER_PORT";
constexpr auto send_kind = field<&settings::strategy>;
constexpr const char* strategy = "ELASTIC_APM_SEND_STRATEGY";
constexpr auto least_level = field<&settings::level>;
constexpr const char* level = "ELASTIC_APM_LOG_LEVEL";
constexpr auto captures_logs = field<&settings::captures_logs>;
constexpr const char* captures = "ELASTIC_APM_LAMBDA_CAPTURE_LOGS";
constexpr auto disables_api = field<&settings::disables_logs_api>;
constexpr const char* disables = "ELASTIC_APM_LAMBDA_DISABLE_LOGS_API";
constexpr auto flush_margin = field<&settings::flush_margin>;
constexpr const char* margin = "ELASTIC_APM_LAMBDA_FLUSH_MARGIN";
constexpr auto buffer_bytes = field<&settings::buffer_bytes>;
constexpr const char* buffer = "ELASTIC_APM_LAMBDA_BUFFER_BYTES";
constexpr auto delivery = field<&settings::delivery>;
constexpr const char* policy = "ELASTIC_APM_LAMBDA_DELIVERY";
constexpr auto verifies = field<&settings::verifies_server>;
constexpr const char* verify = "ELASTIC_APM_LAMBDA_VERIFY_SERVER_CERT";
constexpr auto ca_pem = field<&settings::ca_pem>;
constexpr const char* pem = "ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM";
constexpr auto ca_acm_id = field<&settings::ca_acm_id>;
constexpr const char* acm = "ELASTIC_APM_SERVER_CA_CERT_ACM_ID";
constexpr auto https_proxy = field<&settings::https_proxy>;
constexpr auto http_proxy = field<&settings::http_proxy>;
constexpr auto api_key = field<&settings::api_key>;
constexpr const char* key = "ELASTIC_APM_API_KEY";
constexpr auto memory_mb = field<&settings::memory_mb>;
constexpr const char* memory = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";
constexpr const char* payloads = "ELASTIC_APM_LAMBDA_AGENT_DATA_BUFFER_SIZE";

constexpr auto trace_exports = field<&settings::trace>;
constexpr const char* trace_variable = "ELASTIC_APM_LAMBDA_TRACE";
constexpr auto trace_payload = field<&settings::trace_payload>;
constexpr const char* payload = "ELASTIC_APM_LAMBDA_TRACE_PAYLOAD";
constexpr auto ring_bytes = field<&settings::trace_ring_bytes>;
constexpr const char* ring = "ELASTIC_APM_LAMBDA_TRACE_RING_BYTES";
constexpr auto total_bytes = field<&settings::trace_total_bytes>;
constexpr const char* total = "ELASTIC_APM_LAMBDA_TRACE_TOTAL_BYTES";
constexpr auto trace_sample = field<&settings::trace_sample>;
constexpr const char* sample = "ELASTIC_APM_LAMBDA_TRACE_SAMPLE";
constexpr auto container_uri = field<&settings::aws_container_uri>;
constexpr const char* container = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

constexpr value_case sound[] = {
    {server, "https://apm.example", server_url, "https://apm.example"},
    {server, "https://apm.example/", server_url, "https://apm.example"},
    {server, "https://apm.example//", server_url, "https://apm.example"},
    {server, "http://10.0.0.1:8200", server_url, "http://10.0.0.1:8200"},
    {server, "http://[::1]:8200/", server_url, "http://[::1]:8200"},
    {server, "http://[::1]", server_url, "http://[::1]"},
    {server, "https://h/base/path/", server_url, "https://h/base/path"},
    {server, "https://h/a:b", server_url, "https://h/a:b"},
    {server, "https://u:p@h", server_url, "https://u:p@h"},
    // RFC 3986, 3.1: schemes are case-insensitive.
    {server, "HTTPS://apm.example", server_url, "HTTPS://apm.example"},
    {key, "k==", api_key, "k=="},
    {key, " k== \n", api_key, "k=="},
    {"ELASTIC_APM_SECRET_TOKEN", "t\n", field<&settings::secret_token>, "t"},
    {"ELASTIC_APM_SECRETS_MANAGER_API_KEY_ID", "apm/key#k",
     field<&settings::secrets_manager_api_key_id>, "apm/key#k"},
    {"ELASTIC_APM_SECRETS_MANAGER_SECRET_TOKEN_ID", "apm/token",
     field<&settings::secrets_manager_secret_token_id>, "apm/token"},
    {"ELASTIC_APM_SSM_API_KEY_NAME", "/apm/key",
     field<&settings::ssm_api_key_name>, "/apm/key"},
    {"ELASTIC_APM_SSM_SECRET_TOKEN_NAME", "/apm/token",
     field<&settings::ssm_secret_token_name>, "/apm/token"},
    {receiver, "1m30s", receiver_timeout, "90000 ms"},
    {receiver, "500ms", receiver_timeout, "500 ms"},
    {receiver, "1h2m3.5s", receiver_timeout, "3723500 ms"},
    {receiver, "24h", receiver_timeout, "86400000 ms"},
    {receiver_s, "20", receiver_timeout, "20000 ms"},
    {receiver_s, "86400", receiver_timeout, "86400000 ms"},
    {forwarder, "10s", forwarder_timeout, "10000 ms"},
    {forwarder, "1.5s", forwarder_timeout, "1500 ms"},
    {forwarder, "300ms", forwarder_timeout, "300 ms"},
    {forwarder, "2000\xC2\xB5s", forwarder_timeout, "2 ms"}, // U+00B5
    {forwarder, "2000\xCE\xBCs", forwarder_timeout, "2 ms"}, // U+03BC
    {forwarder_s, "7", forwarder_timeout, "7000 ms"},
    {port, "8201", receiver_port, "8201"},
    {port, "65535", receiver_port, "65535"},
    {strategy, "background", send_kind, "background"},
    {strategy, "BackGround", send_kind, "background"},
    {strategy, "SYNCFLUSH", send_kind, "syncflush"},
    {level, "trace", least_level, "trace"},
    {level, "DEBUG", least_level, "debug"},
    {level, "Warn", least_level, "warn"},
    {level, "WARNING", least_level, "warn"},
    {level, "error", least_level, "error"},
    {level, "critical", least_level, "critical"},
    {level, "off", least_level, "off"},
    {captures, "false", captures_logs, "false"},
    {captures, "0", captures_logs, "false"},
    {captures, "F", captures_logs, "false"},
    {captures, "True", captures_logs, "true"},
    {disables, "true", disables_api, "true"},
    {disables, "1", disables_api, "true"},
    {disables, "TRUE", disables_api, "true"},
    {margin, "350ms", flush_margin, "350 ms"},
    {margin, "0s", flush_margin, "0 ms"},
    {margin, "1\xC2\xB5s", flush_margin, "0 ms"},
    {buffer, "1048576", buffer_bytes, "1048576"},
    {policy, "at_most_once", delivery, "at most"},
    {policy, "At_Least_Once", delivery, "at least"},
    {payloads, "100", nothing, ""},
    {payloads, "1", nothing, ""},
    {"ELASTIC_APM_LAMBDA_SPILL", "false", field<&settings::spills>, "false"},
    {"TMPDIR", "/var/tmp", field<&settings::temporary_folder>, "/var/tmp"},
    {"ELASTIC_APM_LAMBDA_SELF_METRICS", "f",
     field<&settings::sends_self_metrics>, "false"},
    {trace_variable, "off", trace_exports, "off"},
    {trace_variable, "Ring", trace_exports, "ring"},
    {trace_variable, "missed", trace_exports, "missed"},
    {trace_variable, "ALL", trace_exports, "all"},
    {"ELASTIC_APM_LAMBDA_TRACE_DIR", "/mnt/trace",
     field<&settings::trace_folder>, "/mnt/trace"},
    {ring, "65536", ring_bytes, "65536"},
    {total, "65536", total_bytes, "65536"},
    {payload, "digest", trace_payload, "digest"},
    {payload, "shape", trace_payload, "shape"},
    {payload, "Full", trace_payload, "full"},
    {sample, "100", trace_sample, "100"},
    {verify, "false", verifies, "false"},
    {verify, "0", verifies, "false"},
    {pem, R"(-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----)",
     ca_pem, "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"},
    {pem, "-----BEGIN CERTIFICATE-----\nAA==", ca_pem,
     "-----BEGIN CERTIFICATE-----\nAA=="},
    {"ELASTIC_APM_SERVER_CA_CERT_FILE", "/var/task/ca.pem",
     field<&settings::ca_file>, "/var/task/ca.pem"},
    {acm, "arn:aws:acm:eu-central-1:123456789012:certificate/1", ca_acm_id,
     "arn:aws:acm:eu-central-1:123456789012:certificate/1"},
    {acm, "arn:aws-cn:acm:cn-north-1:123456789012:certificate/1", ca_acm_id,
     "arn:aws-cn:acm:cn-north-1:123456789012:certificate/1"},
    // What Go's httpproxy documents: a URL, or host[:port].
    {"HTTPS_PROXY", "http://proxy.example:3128", https_proxy,
     "http://proxy.example:3128"},
    {"HTTPS_PROXY", "proxy.example:3128", https_proxy, "proxy.example:3128"},
    {"HTTPS_PROXY", "proxy.example", https_proxy, "proxy.example"},
    {"HTTPS_PROXY", "u:p@proxy.example", https_proxy, "u:p@proxy.example"},
    {"https_proxy", "socks5://[::1]:1080/", https_proxy,
     "socks5://[::1]:1080/"},
    {"HTTP_PROXY", "https://p:1", http_proxy, "https://p:1"},
    {"http_proxy", "10.0.0.1:80", http_proxy, "10.0.0.1:80"},
    {"NO_PROXY", "example.com,10.0.0.0/8", field<&settings::no_proxy>,
     "example.com,10.0.0.0/8"},
    {"no_proxy", "*", field<&settings::no_proxy>, "*"},
    {"SSL_CERT_FILE", "/ca.crt", field<&settings::ssl_cert_file>, "/ca.crt"},
    {"SSL_CERT_DIR", "/certs", field<&settings::ssl_cert_dir>, "/certs"},
    {"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001", field<&settings::runtime_api>,
     "127.0.0.1:9001"},
    {"AWS_LAMBDA_FUNCTION_NAME", "orders", field<&settings::function_name>,
     "orders"},
    {"AWS_LAMBDA_FUNCTION_VERSION", "7", field<&settings::service_version>,
     "7"},
    {memory, "10240", memory_mb, "10240"},
    {"AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start",
     field<&settings::initialization_type>, "snap-start"},
    {"AWS_REGION", "eu-central-1", field<&settings::region>, "eu-central-1"},
    {"AWS_DEFAULT_REGION", "eu-west-1", field<&settings::region>, "eu-west-1"},
    {"AWS_ACCESS_KEY_ID", "AKIA", field<&settings::aws_access_key_id>, "AKIA"},
    {"AWS_SECRET_ACCESS_KEY", "s", field<&settings::aws_secret_access_key>,
     "s"},
    {"AWS_SESSION_TOKEN", "t", field<&settings::aws_session_token>, "t"},
    {container, "http://127.0.0.1:9001/2021-08-23/credentials/", container_uri,
     "http://127.0.0.1:9001/2021-08-23/credentials/"}, // kept as it is
    {container, "http://localhost/x?y=z", container_uri,
     "http://localhost/x?y=z"},
    {container, "http://[::1]:80", container_uri, "http://[::1]:80"},
    // Elastic Container Service's and Elastic Kubernetes Service's.
    {container, "http://169.254.170.2/v2", container_uri,
     "http://169.254.170.2/v2"},
    {container, "https://keys.example/x", container_uri,
     "https://keys.example/x"},
    {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "t0k3n\n",
     field<&settings::aws_container_token>, "t0k3n"},
    {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/run/token",
     field<&settings::aws_container_token_file>, "/run/token"},
    {"AWS_ENDPOINT_URL", "http://127.0.0.1:1/", field<&settings::aws_endpoint>,
     "http://127.0.0.1:1"},
    {"AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:2",
     field<&settings::aws_endpoint_secrets_manager>, "http://127.0.0.1:2"},
    {"AWS_ENDPOINT_URL_ACM", "http://127.0.0.1:3",
     field<&settings::aws_endpoint_acm>, "http://127.0.0.1:3"},
    {"AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:4",
     field<&settings::aws_endpoint_ssm>, "http://127.0.0.1:4"},
    {"ELASTIC_APM_SERVICE_NAME", "orders", field<&settings::service_name>,
     "orders"},
    {"ELASTIC_APM_SERVICE_VERSION", "1.2", field<&settings::service_version>,
     "1.2"},
    {"ELASTIC_APM_ENVIRONMENT", "prod", field<&settings::service_environment>,
     "prod"},
};

/// What leads to a problem; `expected` is the default.
constexpr value_case bad[] = {
    {server, "apm.example", server_url, ""},
    {server, "apm.example:8200", server_url, ""},
    {server, "ftp://apm.example", server_url, ""},
    {server, "https:", server_url, ""},
    {server, "https://", server_url, ""},
    {server, "https:///path", server_url, ""},
    {server, "https:/apm.example", server_url, ""},
    {server, "https://apm example", server_url, ""},
    {server, "https://h/?x=1", server_url, ""},
    {server, "https://h/#x", server_url, ""},
    {server, "/intake", server_url, ""},
    {server, "https://h\n", server_url, ""},
    {server, "https://:8200", server_url, ""},
    {server, "https://u:p@", server_url, ""},
    {server, "https://h:0", server_url, ""},
    {server, "https://h:65536", server_url, ""},
    {server, "https://h:port/path", server_url, ""},
    {server, "https://h:/path", server_url, ""},
    {key, " \n", api_key, ""},
    {key, "one\ntwo", api_key, ""},
    {"ELASTIC_APM_SECRET_TOKEN", "a\rb", field<&settings::secret_token>, ""},
    {receiver, "15", receiver_timeout, "15000 ms"}, // no unit
    {receiver, "abc", receiver_timeout, "15000 ms"},
    {receiver, "-1s", receiver_timeout, "15000 ms"},
    {receiver_s, "1.5", receiver_timeout, "15000 ms"},
    {receiver_s, "-1", receiver_timeout, "15000 ms"},
    {receiver_s, "+1", receiver_timeout, "15000 ms"},
    {receiver_s, "15s", receiver_timeout, "15000 ms"},
    {receiver_s, "86401", receiver_timeout, "15000 ms"},
    // House rule: every request has a finite time-out. 0 would mean none, or
    // the end of every request, and so would what is cut to 0 ms.
    {receiver, "0s", receiver_timeout, "15000 ms"},
    {receiver_s, "0", receiver_timeout, "15000 ms"},
    {forwarder, "0", forwarder_timeout, "3000 ms"},
    {forwarder, "999us", forwarder_timeout, "3000 ms"},
    {forwarder, "1\xC2\xB5s", forwarder_timeout, "3000 ms"},
    {forwarder, "3 s", forwarder_timeout, "3000 ms"},
    {forwarder_s, "99999999999999999999", forwarder_timeout, "3000 ms"},
    // 200 years: sound as a duration, but "now + time-out" has no room for it.
    {forwarder, "1752000h", forwarder_timeout, "3000 ms"},
    {receiver, "1752000h", receiver_timeout, "15000 ms"},
    // 2^64 ns and more: must not wrap around.
    {forwarder, "18446744073710ms", forwarder_timeout, "3000 ms"},
    {forwarder, "99999999999999999999h", forwarder_timeout, "3000 ms"},
    {receiver, "24h0m0.001s", receiver_timeout, "15000 ms"},
    {margin, "1752000h", flush_margin, "200 ms"},
    {margin, "200", flush_margin, "200 ms"},
    {margin, "-200ms", flush_margin, "200 ms"},
    {port, "0", receiver_port, "8200"},
    {port, "65536", receiver_port, "8200"},
    {port, "-1", receiver_port, "8200"},
    {port, "http", receiver_port, "8200"},
    {port, "8200 ", receiver_port, "8200"},
    {strategy, "sync", send_kind, "syncflush"},
    {level, "loud", least_level, "info"},
    {captures, "yes", captures_logs, "true"},
    {captures, "tRUE", captures_logs, "true"}, // Go does not take it either
    {disables, "2", disables_api, "false"},
    {buffer, "0", buffer_bytes, "8388608"},
    {buffer, "8MiB", buffer_bytes, "8388608"},
    {buffer, "1073741825", buffer_bytes, "8388608"}, // 1 GiB + 1
    {buffer, "99999999999999999999", buffer_bytes, "8388608"},
    {policy, "exactly_once", delivery, "at least"},
    {payloads, "many", nothing, ""},
    {payloads, "0", nothing, ""},
    {"ELASTIC_APM_LAMBDA_SPILL", "off", field<&settings::spills>, "true"},
    {"ELASTIC_APM_LAMBDA_SELF_METRICS", "no",
     field<&settings::sends_self_metrics>, "true"},
    {trace_variable, "on", trace_exports, "missed"},
    {ring, "65535", ring_bytes, "524288"},
    {ring, "67108865", ring_bytes, "524288"}, // 64 MiB + 1
    {total, "0", total_bytes, "8388608"},
    {payload, "none", trace_payload, "shape"},
    {sample, "1048577", trace_sample, "0"}, // 2^20 + 1
    {sample, "1%", trace_sample, "0"},
    {verify, "none", verifies, "true"},
    {pem, "MIIB", ca_pem, ""},
    {pem, "/var/task/ca.pem", ca_pem, ""},
    {acm, "certificate/1", ca_acm_id, ""},
    {acm, "arn:aws:iam::123456789012:role/x", ca_acm_id, ""},
    {"HTTPS_PROXY", "ftp://proxy.example", https_proxy, ""},
    {"HTTPS_PROXY", "http://", https_proxy, ""},
    {"https_proxy", "proxy.example:port", https_proxy, ""},
    {"HTTP_PROXY", "proxy example", http_proxy, ""},
    {"http_proxy", "http:///", http_proxy, ""},
    {memory, "much", memory_mb, "0"},
    {container, "http://keys.example/x", container_uri, ""},
    {container, "http://10.0.0.1/x", container_uri, ""},
    {container, "http://169.253.1.1/x", container_uri, ""},
    {container, "http://169.254.1.1.example/x", container_uri, ""},
    {container, "http://127.0.0.1@keys.example/x", container_uri, ""},
    {container, "http://keys.example\\@127.0.0.1/x", container_uri, ""},
    {container, "http://127.0.0.1:0/x", container_uri, ""},
    {container, "ftp://127.0.0.1/x", container_uri, ""},
    {container, "/x", container_uri, ""},
    {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\nb",
     field<&settings::aws_container_token>, ""},
    {"AWS_ENDPOINT_URL", "localhost:4566", field<&settings::aws_endpoint>, ""},
    {"AWS_ENDPOINT_URL_SECRETS_MANAGER", "x",
     field<&settings::aws_endpoint_secrets_manager>, ""},
    {"AWS_ENDPOINT_URL_ACM", "x", field<&settings::aws_endpoint_acm>, ""},
    {"AWS_ENDPOINT_URL_SSM", "x", field<&settings::aws_endpoint_ssm>, ""},
};

/// An environment that is sound but for the one variable.
environment only(const value_case& x) {
  environment env{{x.variable, x.value}};
  env.insert({server, "https://apm.example"});
  return env;
}

TEST(settings_table, reads_each_variable) {
  for (const auto& x : sound) {
    const auto loaded = load_settings(only(x));
    SCOPED_TRACE(std::string{x.variable} + '=' + x.value);
    EXPECT_EQ(x.read(loaded.values), x.expected);
    for (const auto& p : loaded.problems)
      EXPECT_TRUE(p.is_advice) << p.message;
  }
}

TEST(settings_table, leaves_the_default_where_a_value_is_bad_and_says_so) {
  for (const auto& x : bad) {
    const auto loaded = load_settings(only(x));
    SCOPED_TRACE(std::string{x.variable} + '=' + x.value);
    EXPECT_EQ(x.read(loaded.values), x.expected);
    EXPECT_EQ(x.read(loaded.values), x.read(settings{}));
    ASSERT_EQ(loaded.problems.size(), 1U);
    const auto& problem = loaded.problems[0];
    EXPECT_EQ(problem.variable, x.variable);
    EXPECT_EQ(problem.is_fatal, x.variable == std::string_view{server});
    EXPECT_FALSE(problem.is_advice);
    const auto otherwise = find_setting(x.variable)->value.show(settings{});
    const auto ends = x.variable == std::string_view{server}
                          ? "nothing can be delivered"
                      : otherwise.empty() ? "it is not used"
                                          : otherwise + " is used instead";
    EXPECT_NE(problem.message.find("; " + ends), std::string::npos)
        << problem.message;
  }
}

TEST(settings_table, has_a_case_for_every_row) {
  std::set<std::string_view> read;
  std::set<std::string_view> refused;
  for (const auto& x : sound)
    read.insert(x.variable);
  for (const auto& x : bad)
    refused.insert(x.variable);
  for (const auto& row : settings_table()) {
    EXPECT_EQ(read.count(row.variable), 1U) << row.variable;
    // A text of which anything can be right has no bad value.
    settings scratch;
    const bool takes_anything =
        static_cast<bool>(row.value.read(scratch, "\x01"));
    EXPECT_EQ(refused.count(row.variable), takes_anything ? 0U : 1U)
        << row.variable;
  }
}

TEST(settings_table, has_each_variable_once) {
  std::set<std::string_view> names;
  for (const auto& row : settings_table()) {
    EXPECT_TRUE(names.insert(row.variable).second) << row.variable;
    EXPECT_EQ(find_setting(row.variable), &row);
  }
  EXPECT_EQ(find_setting("ELASTIC_APM_SERVER_URL"), nullptr);
}

TEST(settings_table, has_defaults_that_need_no_thought) {
  const auto loaded = load_settings({{server, "https://apm.example"}});
  EXPECT_TRUE(loaded.problems.empty());
  for (const auto& x : bad) {
    if (x.variable == std::string_view{server})
      continue;
    EXPECT_EQ(x.read(loaded.values), x.expected) << x.variable;
  }
  for (const auto& row : settings_table()) {
    const auto shown = row.value.show(settings{});
    EXPECT_TRUE(shown.empty() || shown == row.default_text)
        << row.variable << ": the default is " << shown;
  }
}

TEST(settings_table, takes_an_empty_variable_for_none) {
  environment empty;
  for (const auto& row : settings_table())
    empty[std::string{row.variable}] = "";
  empty[server] = "https://apm.example";
  const auto loaded = load_settings(empty);
  EXPECT_TRUE(loaded.problems.empty());
  for (const auto& x : sound) {
    if (x.variable == std::string_view{server})
      continue;
    EXPECT_EQ(x.read(loaded.values), x.read(settings{})) << x.variable;
  }
}

TEST(settings_table, shows_what_it_would_read) {
  for (const auto& x : sound) {
    const auto& row = *find_setting(x.variable);
    const auto values = load_settings(only(x)).values;
    const auto shown = row.value.show(values);
    // Durations of deprecated variables are shown as those of the current one.
    const auto& current =
        row.is_deprecated ? *find_setting(row.superseded_by) : row;
    settings again;
    if (shown == "no limit")
      continue;
    ASSERT_TRUE(current.value.read(again, shown)) << x.variable << ' ' << shown;
    EXPECT_EQ(x.read(again), x.read(values)) << x.variable;
  }
}

/// A row as the README has it.
std::string readme_line(const setting_row& row) {
  std::string name = "`" + std::string{row.variable} + '`';
  const bool is_value = !row.value.show(settings{}).empty();
  const std::string tick =
      is_value && row.default_text != "no limit" ? "`" : "";
  std::string line = "| " + name + " | " + std::string{row.meaning} + " | ";
  if (!row.default_text.empty())
    line += tick + std::string{row.default_text} + tick + ' ';
  line += "| ";
  if (!row.beyond.empty())
    line += std::string{row.beyond} + ' ';
  return line + '|';
}

TEST(settings_table, is_the_readmes) {
  std::ifstream file{APM_README};
  ASSERT_TRUE(file) << APM_README;
  std::set<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.insert(line);
  std::string missing;
  for (const auto& row : settings_table())
    if (lines.count(readme_line(row)) == 0)
      missing += readme_line(row) + '\n';
  EXPECT_EQ(missing, "") << "put these lines into the README's table";
}

} // namespace
} // namespace apm
