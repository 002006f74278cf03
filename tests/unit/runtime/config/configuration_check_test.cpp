// Tests of configuration_check.hpp and of the text that is made of it, in a
// world of their own: no file is opened, no port bound.
#include "runtime/config/configuration_check.hpp"
#include "runtime/config/configuration_report.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm {
namespace {

constexpr const char* server = "ELASTIC_APM_LAMBDA_APM_SERVER";
constexpr const char* key = "ELASTIC_APM_API_KEY";
constexpr const char* ca_file = "ELASTIC_APM_SERVER_CA_CERT_FILE";
constexpr const char* ca_pem = "ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM";
constexpr const char* verify = "ELASTIC_APM_LAMBDA_VERIFY_SERVER_CERT";
constexpr const char* port = "ELASTIC_APM_DATA_RECEIVER_SERVER_PORT";

constexpr wall_ms today = 1'795'348'800'000; // 2026-11-22, noon

/// A world in which all is well: "/ca.pem" is the only file, and sound.
outside_world sound_world() {
  outside_world world;
  world.now = today;
  world.can_read = [](const std::string& path) -> result<void> {
    if (path != "/ca.pem")
      return error{errc::io, path + ": No such file or directory"};
    return boost::outcome_v2::success();
  };
  world.read_file = [](const std::string& path) -> result<std::string> {
    if (path != "/ca.pem")
      return error{errc::io, path + ": No such file or directory"};
    return std::string{"a certificate"};
  };
  world.can_keep_files = [](const std::string& path) -> result<void> {
    if (path != "/tmp" && path != "/traces")
      return error{errc::io, path + ": No such file or directory"};
    return boost::outcome_v2::success();
  };
  world.can_listen = [](uint16_t) -> result<void> {
    return boost::outcome_v2::success();
  };
  world.read_certificates = [](std::string_view) {
    return result<std::vector<certificate_facts>>{
        std::vector<certificate_facts>{{"CN = root", today + 1}}};
  };
  return world;
}

/// An environment without a fault, and `more` of it.
environment with(environment more) {
  more.insert({{server, "https://apm.example"}, {key, "the-key"}});
  return more;
}

std::vector<settings_problem> check(const environment& env,
                                    const outside_world& world) {
  return check_thoroughly(env, load_settings(env).values, world);
}

TEST(configuration_check, has_nothing_to_say_where_all_is_well) {
  const auto env = with({{ca_file, "/ca.pem"}, {"SSL_CERT_FILE", "/ca.pem"}});
  EXPECT_TRUE(check(env, sound_world()).empty());
  auto loaded = load_settings(env);
  check_at_start(loaded, sound_world());
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.values.ca_file, "/ca.pem");
}

TEST(configuration_check, goes_on_without_a_ca_file_that_cannot_be_read) {
  auto loaded = load_settings(with({{ca_file, "/none.pem"}}));
  check_at_start(loaded, sound_world());
  ASSERT_EQ(loaded.problems.size(), 1U);
  const auto& x = loaded.problems[0];
  EXPECT_EQ(x.variable, ca_file);
  EXPECT_NE(x.message.find("/none.pem: No such file"), std::string::npos);
  EXPECT_FALSE(x.is_fatal);
  EXPECT_EQ(loaded.values.ca_file, "") << "nobody complains again";
}

struct advice_case {
  environment env;
  const char* variable;
  const char* says;
};

const advice_case advice[] = {
    {with({{verify, "false"}}), verify, "pose as the APM Server"},
    {with({{verify, "0"}, {ca_file, "/ca.pem"}}), verify, "not used"},
    {with({{server, "http://apm.example"}}), server, "read on the way"},
    {with({{server, "http://apm.example"}, {ca_file, "/ca.pem"}}), server,
     "certificates are not used"},
    {with({{"ELASTIC_APM_SECRET_TOKEN", "t"}}), "ELASTIC_APM_SECRET_TOKEN",
     "ELASTIC_APM_API_KEY wins"},
    {with({{key, ""}}), key, "anonymous"},
    {with({{"ELASTIC_APM_SSM_API_KEY_NAME", "n"}}), "AWS_REGION", "not set"},
    {with({{"ELASTIC_APM_LAMBDA_APM_SERVR", "x"}}),
     "ELASTIC_APM_LAMBDA_APM_SERVR", "did you mean"},
};

TEST(configuration_check, advises_where_settings_undo_each_other) {
  for (const auto& x : advice) {
    const auto found = check(x.env, sound_world());
    EXPECT_EQ(std::count_if(found.begin(), found.end(),
                            [&](const settings_problem& p) {
                              return p.variable == x.variable
                                     && p.message.find(x.says)
                                            != std::string::npos;
                            }),
              1)
        << x.variable << ' ' << x.says;
    for (const auto& p : found)
      EXPECT_TRUE(p.is_advice) << p.variable << ' ' << p.message;
    EXPECT_FALSE(is_anything_wrong(found));
  }
}

TEST(configuration_check, allows_http_on_loopback) {
  for (const std::string url : {"http://127.0.0.1:8200", "http://localhost",
                                "http://u:p@localhost:1/x", "http://[::1]:1"})
    EXPECT_TRUE(check(with({{server, url}}), sound_world()).empty()) << url;
  for (const std::string url :
       {"http://10.0.0.1", "http://localhost.example", "http://1127.0.0.1"})
    EXPECT_EQ(check(with({{server, url}}), sound_world()).size(), 1U) << url;
}

TEST(configuration_check, finds_folders_that_are_not_there) {
  constexpr const char* dir = "ELASTIC_APM_LAMBDA_TRACE_DIR";
  constexpr const char* trace = "ELASTIC_APM_LAMBDA_TRACE";
  constexpr const char* spill = "ELASTIC_APM_LAMBDA_SPILL";
  const struct {
    environment env;
    const char* variable; ///< null: all is well
  } cases[] = {
      {{{"TMPDIR", "/none"}}, "TMPDIR"},
      {{{dir, "/none"}}, dir},
      {{{dir, "/traces"}}, nullptr},
      {{{dir, "/none"}, {trace, "off"}}, nullptr},
      {{{"TMPDIR", "/none"}, {dir, "/traces"}}, "TMPDIR"},
      {{{"TMPDIR", "/none"}, {dir, "/traces"}, {spill, "false"}}, nullptr},
      {{{"TMPDIR", "/none"}, {trace, "off"}, {spill, "false"}}, nullptr},
  };
  for (const auto& x : cases) {
    const auto found = check(with(x.env), sound_world());
    ASSERT_EQ(found.size(), x.variable == nullptr ? 0U : 1U);
    if (found.empty())
      continue;
    EXPECT_EQ(found[0].variable, x.variable);
    EXPECT_FALSE(found[0].is_advice);
    EXPECT_NE(found[0].message.find("/none: No such file"), std::string::npos);
  }
}

TEST(configuration_check, finds_a_port_in_use) {
  auto world = sound_world();
  world.can_listen = [](uint16_t which) -> result<void> {
    return error{errc::io,
                 "port " + std::to_string(which) + ": Address already in use"};
  };
  const auto found = check(with({{port, "8201"}}), world);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].variable, port);
  EXPECT_FALSE(found[0].is_advice);
  EXPECT_NE(found[0].message.find("port 8201: Address already in use"),
            std::string::npos);
  EXPECT_NE(found[0].message.find("free port"), std::string::npos);
}

TEST(configuration_check, finds_damaged_and_expired_certificates) {
  auto world = sound_world();
  world.read_certificates = [](std::string_view) {
    return result<std::vector<certificate_facts>>{
        error{errc::bad_value, "has a damaged certificate: number 1 of 1"}};
  };
  for (const auto& env :
       {with({{ca_file, "/ca.pem"}}),
        with({{ca_pem, "-----BEGIN CERTIFICATE-----\\nAA=="}})}) {
    const auto found = check(env, world);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_FALSE(found[0].is_advice);
    EXPECT_NE(found[0].message.find("damaged"), std::string::npos);
  }
  world.read_certificates = [](std::string_view) {
    return result<std::vector<certificate_facts>>{
        std::vector<certificate_facts>{{"CN = old", today - 1},
                                       {"CN = new", today}}};
  };
  const auto found = check(with({{ca_file, "/ca.pem"}}), world);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].is_advice);
  EXPECT_NE(found[0].message.find("2026-11-22: CN = old"), std::string::npos)
      << found[0].message;
}

TEST(configuration_check, finds_files_that_cannot_be_read) {
  const auto env = with({{ca_file, "/none"}, {"SSL_CERT_FILE", "/none"}});
  const auto found = check(env, sound_world());
  ASSERT_EQ(found.size(), 2U);
  for (const auto& x : found) {
    EXPECT_FALSE(x.is_advice);
    EXPECT_NE(x.message.find("cannot be read: /none"), std::string::npos);
  }
}

/// The line of a variable in the table of a report.
std::string line_of(const std::string& report, const std::string& variable) {
  const auto begin = report.find('\n' + variable + ' ');
  return begin == std::string::npos
             ? "(no line)"
             : report.substr(begin + 1,
                             report.find('\n', begin + 1) - begin - 1);
}

std::string report_of(const environment& env) {
  const auto loaded = load_settings(env);
  return describe_configuration(env, loaded.values, loaded.problems, "1.2.3");
}

TEST(configuration_report, tells_value_and_origin) {
  const auto report =
      report_of(with({{server, "https://user:pass-word@apm.example/"},
                      {"http_proxy", "me:proxy-word@proxy:3128"},
                      {"no_proxy", "a"},
                      {"NO_PROXY", "b"},
                      {"ELASTIC_APM_SEND_STRATEGY", "sync"},
                      {"ELASTIC_APM_DATA_RECEIVER_TIMEOUT_SECONDS", "20"}}));
  const auto cells = [&](const char* variable) {
    const auto line = line_of(report, variable);
    std::string result;
    for (const char c : line) // one blank for many
      if (c != ' ' || (!result.empty() && result.back() != ' '))
        result += c;
    return result;
  };
  using text = std::string;
  EXPECT_EQ(cells(server), text{server} + " https://apm.example environment");
  EXPECT_EQ(cells(key), text{key} + " present environment");
  EXPECT_EQ(cells("ELASTIC_APM_SECRET_TOKEN"),
            "ELASTIC_APM_SECRET_TOKEN absent default");
  EXPECT_EQ(cells("HTTP_PROXY"), "HTTP_PROXY proxy:3128 http_proxy");
  EXPECT_EQ(cells("http_proxy"), "http_proxy proxy:3128 environment");
  EXPECT_EQ(cells("NO_PROXY"), "NO_PROXY b environment");
  EXPECT_EQ(cells("no_proxy"), "no_proxy not used NO_PROXY wins");
  EXPECT_EQ(cells("https_proxy"), "(no line)");
  EXPECT_EQ(cells("ELASTIC_APM_SEND_STRATEGY"),
            "ELASTIC_APM_SEND_STRATEGY syncflush default, see below");
  EXPECT_EQ(cells("ELASTIC_APM_DATA_RECEIVER_TIMEOUT"),
            "ELASTIC_APM_DATA_RECEIVER_TIMEOUT 20s "
            "ELASTIC_APM_DATA_RECEIVER_TIMEOUT_SECONDS");
  EXPECT_EQ(cells("AWS_REGION"), "AWS_REGION - set by Lambda");
  for (const auto* secret : {"the-key", "pass-word", "proxy-word"})
    EXPECT_EQ(report.find(secret), text::npos) << report;
}

TEST(configuration_report, aligns_its_columns) {
  const auto report = report_of(with({{port, "8201"}}));
  const auto column = line_of(report, port).find("8201");
  EXPECT_EQ(line_of(report, server).find("https://apm.example"), column);
  EXPECT_EQ(report.substr(report.find("variable")).find("value"), column);
}

TEST(configuration_report, names_what_is_wrong_apart_from_advice) {
  const auto report = report_of(
      with({{port, "x"}, {"ELASTIC_APM_DATA_RECEIVER_TIMEOUT_SECONDS", "20"}}));
  const auto wrong = report.find("\nWrong:\n  " + std::string{port} + " is no");
  const auto thought = report.find(
      "\nWorth a thought:\n  ELASTIC_APM_DATA_RECEIVER_TIMEOUT_SECONDS is dep");
  EXPECT_NE(wrong, std::string::npos) << report;
  EXPECT_NE(thought, std::string::npos) << report;
  EXPECT_LT(wrong, thought);
  EXPECT_NE(report_of(with({})).find("\nNothing is wrong.\n"),
            std::string::npos);
}

TEST(configuration_report, lets_no_value_break_a_line) {
  const auto report =
      report_of(with({{"ELASTIC_APM_ENVIRONMENT", "a\nb\x1b"}}));
  EXPECT_NE(report.find("a?b?"), std::string::npos) << report;
}

} // namespace
} // namespace apm
