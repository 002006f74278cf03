// Tests of credential_store.hpp: which of several credentials is shown, and
// that a header stays one header.
#include "runtime/credentials/credential_store.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

using kind = credential_kind;
using origin = credential_origin;

struct given {
  kind what;
  origin from;
  std::string value;
};

struct precedence_case {
  std::string name;
  std::vector<given> put;
  std::string shown;
};

const precedence_case precedence_cases[] = {
    {"nothing", {}, ""},
    {"a key", {{kind::api_key, origin::plain, "k"}}, "ApiKey k"},
    {"a token", {{kind::secret_token, origin::plain, "t"}}, "Bearer t"},
    {"a key wins over a token",
     {{kind::api_key, origin::plain, "k"},
      {kind::secret_token, origin::plain, "t"}},
     "ApiKey k"},
    {"a plain key wins over a fetched token",
     {{kind::secret_token, origin::secrets_manager, "t"},
      {kind::api_key, origin::plain, "k"}},
     "ApiKey k"},
    {"Parameter Store wins over the environment",
     {{kind::api_key, origin::parameter_store, "ssm"},
      {kind::api_key, origin::plain, "plain"}},
     "ApiKey ssm"},
    {"Secrets Manager wins over Parameter Store",
     {{kind::api_key, origin::secrets_manager, "secret"},
      {kind::api_key, origin::parameter_store, "ssm"}},
     "ApiKey secret"},
    {"a fresh one takes the place of the old",
     {{kind::secret_token, origin::secrets_manager, "old"},
      {kind::secret_token, origin::secrets_manager, "new"}},
     "Bearer new"},
    {"an empty one is none",
     {{kind::api_key, origin::plain, ""},
      {kind::secret_token, origin::plain, "t"}},
     "Bearer t"},
    {"a newline at the end goes",
     {{kind::api_key, origin::secrets_manager, " k\r\n"}},
     "ApiKey k"},
    {"one within would begin another header",
     {{kind::api_key, origin::plain, "k\r\nX-Evil: 1"}},
     ""},
    {"a CA is no credential", {{kind::ca_pem, origin::plain, "pem"}}, ""},
};

TEST(credential_store, shows_the_one_that_wins) {
  for (const auto& c : precedence_cases) {
    credential_store store;
    for (const auto& g : c.put)
      store.put(g.what, g.from, g.value);
    EXPECT_EQ(store.authorization(), c.shown) << c.name;
  }
}

TEST(credential_store, hands_on_a_ca_whenever_it_comes) {
  std::vector<std::string> seen;
  const auto handler = [&](const std::string& pem) { seen.push_back(pem); };
  credential_store early;
  early.on_ca_pem(handler);
  EXPECT_TRUE(seen.empty());
  early.put(kind::ca_pem, origin::secrets_manager, "one");
  EXPECT_EQ(seen, std::vector<std::string>{"one"});
  credential_store late;
  late.put(kind::ca_pem, origin::secrets_manager, "two");
  late.on_ca_pem(handler);
  EXPECT_EQ(seen, (std::vector<std::string>{"one", "two"}));
}

std::vector<std::string> lines_of(const std::vector<http_header>& headers) {
  std::vector<std::string> lines;
  for (const auto& h : headers)
    lines.push_back(h.name + ": " + h.value);
  return lines;
}

// For the log, which must not show one that a server repeats.
TEST(credential_store, tells_each_secret_as_it_is_shown) {
  credential_store store;
  std::vector<std::string> told;
  store.on_secret([&](const std::string& x) { told.push_back(x); });
  store.put(kind::api_key, origin::plain, "key");
  store.put(kind::secret_token, origin::secrets_manager, " token\n");
  store.put(kind::api_key, origin::parameter_store, "");
  store.put(kind::ca_pem, origin::secrets_manager, "pem");
  EXPECT_EQ(told, (std::vector<std::string>{"key", "token"}));
}

TEST(authorize, replaces_every_other_authorization) {
  std::vector<http_header> headers{{"Authorization", "Bearer agent's"},
                                   {"Accept", "*/*"},
                                   {"AUTHORIZATION", "Bearer another"}};
  authorize(headers, "ApiKey ours");
  EXPECT_EQ(
      lines_of(headers),
      (std::vector<std::string>{"Accept: */*", "Authorization: ApiKey ours"}));
}

TEST(authorize, leaves_the_agents_where_we_have_none) {
  std::vector<http_header> headers{{"Authorization", "Bearer agent's"}};
  authorize(headers, "");
  EXPECT_EQ(lines_of(headers),
            std::vector<std::string>{"Authorization: Bearer agent's"});
}

} // namespace
} // namespace apm
