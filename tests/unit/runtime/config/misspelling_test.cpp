// Tests of misspelling.hpp. Source of agents' variables: the configuration
// pages of Elastic's agents.
#include "runtime/config/misspelling.hpp"
#include "runtime/config/settings_table.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

struct misspelt_case {
  const char* variable;
  const char* meant;
};

constexpr misspelt_case misspelt[] = {
    {"ELASTIC_APM_LAMDA_APM_SERVER", "ELASTIC_APM_LAMBDA_APM_SERVER"},
    {"ELASTIC_APM_LAMBDA_APM_SERVER_URL", "ELASTIC_APM_LAMBDA_APM_SERVER"},
    {"ELASTIC_APM_APIKEY", "ELASTIC_APM_API_KEY"},
    {"ELASTIC_APM_SECERT_TOKEN", "ELASTIC_APM_SECRET_TOKEN"},
    {"ELASTIC_APM_SEND_STRATGY", "ELASTIC_APM_SEND_STRATEGY"},
    {"ELASTIC_APM_CAPTURE_LOGS", "ELASTIC_APM_LAMBDA_CAPTURE_LOGS"},
    {"ELASTIC_APM_SERVER_CA_CERT_PEM", "ELASTIC_APM_LAMBDA_SERVER_CA_CERT_PEM"},
    {"ELASTIC_APM_LAMBDA_SERVER_CA_CERT_FILE",
     "ELASTIC_APM_SERVER_CA_CERT_FILE"},
    {"ELASTIC_APM_DATA_FORWARDER_TIMEOUT_MS",
     "ELASTIC_APM_DATA_FORWARDER_TIMEOUT"},
    {"ELASTIC_APM_LAMBDA_SOMETHING_QUITE_DIFFERENT", ""},
};

TEST(misspelling, finds_what_was_meant) {
  for (const auto& x : misspelt) {
    const environment env{{x.variable, "x"}};
    const auto found = find_misspelt(env);
    ASSERT_EQ(found.size(), 1U) << x.variable;
    EXPECT_EQ(found[0].variable, x.variable);
    EXPECT_EQ(found[0].meant, x.meant);
  }
}

// All of them are in use next to extensions.
TEST(misspelling, leaves_agents_variables_alone) {
  for (const std::string theirs : {"ELASTIC_APM_SERVER_URL",
                                   "ELASTIC_APM_SERVER_URLS",
                                   "ELASTIC_APM_VERIFY_SERVER_CERT",
                                   "ELASTIC_APM_SERVER_CERT",
                                   "ELASTIC_APM_SERVER_TIMEOUT",
                                   "ELASTIC_APM_SERVICE_NODE_NAME",
                                   "ELASTIC_APM_CAPTURE_BODY",
                                   "ELASTIC_APM_CAPTURE_HEADERS",
                                   "ELASTIC_APM_CLOUD_PROVIDER",
                                   "ELASTIC_APM_CENTRAL_CONFIG",
                                   "ELASTIC_APM_API_REQUEST_TIME",
                                   "ELASTIC_APM_API_REQUEST_SIZE",
                                   "ELASTIC_APM_METRICS_INTERVAL",
                                   "ELASTIC_APM_LOG_FILE",
                                   "ELASTIC_APM_LOG_UNCAUGHT_EXCEPTIONS",
                                   "ELASTIC_APM_ENABLED",
                                   "ELASTIC_APM_RECORDING",
                                   "ELASTIC_APM_AWS_LAMBDA_HANDLER",
                                   "ELASTIC_APM_TRANSACTION_SAMPLE_RATE",
                                   "ELASTIC_APM_GLOBAL_LABELS",
                                   "ELASTIC_APM_ENABLE_LOG_CORRELATION",
                                   "ELASTIC_APM_FRAMEWORK_NAME"})
    EXPECT_TRUE(find_misspelt({{theirs, "x"}}).empty()) << theirs;
}

TEST(misspelling, leaves_everything_else_alone) {
  environment env{{"PATH", "x"}, {"ELASTIC", "x"}, {"elastic_apm_api_ke", "x"}};
  for (const auto& row : settings_table())
    env[std::string{row.variable}] = "x";
  EXPECT_TRUE(find_misspelt(env).empty());
}

TEST(misspelling, counts_differences) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("abc", "abc"), 0U);
  EXPECT_EQ(edit_distance("abc", "abd"), 1U);
  EXPECT_EQ(edit_distance("abc", "acb"), 1U) << "neighbours swapped";
  EXPECT_EQ(edit_distance("ca", "abc"), 3U) << "not edited after a swap";
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

} // namespace
} // namespace apm
