// Tests of relay.hpp: X-Forwarded-For is dropped, hop-by-hop headers stay
// behind, User-Agents are joined, 502. Which headers are hop-by-hop: RFC 9110,
// 7.6.1.
#include "runtime/delivery/relay.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm {
namespace {

const relay_target target{"https://apm.example/base", "apm-lambda-extension/9",
                          std::chrono::milliseconds{3000}};

/// The values of a header, in the order in which they are.
std::vector<std::string> values_of(const std::vector<http_header>& headers,
                                   const std::string& name) {
  std::vector<std::string> values;
  for (const auto& h : headers)
    if (h.name == name)
      values.push_back(h.value);
  return values;
}

using texts = std::vector<std::string>;

/// As Elastic's Node.js agent sends it when it starts, captured.
agent_relay info_request() {
  agent_relay asked;
  asked.id = 5;
  asked.method = "GET";
  asked.target = "/";
  asked.headers = {{"Authorization", "Bearer agent's"},
                   {"Accept", "application/json"},
                   {"User-Agent", "apm-agent-nodejs/4.18.0 (orders-api)"},
                   {"Host", "localhost:8200"},
                   {"Connection", "keep-alive"}};
  return asked;
}

TEST(relay, passes_the_info_request_on) {
  const auto request = make_relay_request(info_request(), 17, target);
  EXPECT_EQ(request.id, 17U);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "https://apm.example/base/");
  EXPECT_EQ(request.timeout_ms, 3000);
  EXPECT_GT(request.response_bytes_max, 0U);
  EXPECT_EQ(values_of(request.headers, "Accept"), texts{"application/json"});
}

// The HTTP CLIENT replaces it, where we have credentials.
TEST(relay, leaves_authorization_to_the_http_client) {
  const auto request = make_relay_request(info_request(), 1, target);
  EXPECT_TRUE(request.with_credentials);
  EXPECT_EQ(values_of(request.headers, "Authorization"),
            texts{"Bearer agent's"});
}

TEST(relay, puts_its_user_agent_before_the_agents) {
  const auto request = make_relay_request(info_request(), 1, target);
  EXPECT_EQ(
      values_of(request.headers, "User-Agent"),
      texts{"apm-lambda-extension/9 apm-agent-nodejs/4.18.0 (orders-api)"});
  auto silent = info_request();
  silent.headers.clear();
  EXPECT_EQ(
      values_of(make_relay_request(silent, 1, target).headers, "User-Agent"),
      texts{"apm-lambda-extension/9"});
}

constexpr const char* hop_by_hop[] = {
    "Connection", "Keep-Alive",        "Proxy-Authenticate",
    "TE",         "Proxy-Connection",  "Proxy-Authorization",
    "Trailer",    "Transfer-Encoding", "Upgrade",
};

TEST(relay, leaves_hop_by_hop_headers_behind) {
  for (const std::string name : hop_by_hop) {
    agent_relay asked = info_request();
    asked.headers = {{name, "close"}, {"X-Stays", "1"}};
    const auto request = make_relay_request(asked, 1, target);
    EXPECT_EQ(values_of(request.headers, name), texts{}) << name;
    EXPECT_EQ(values_of(request.headers, "X-Stays"), texts{"1"});

    auto lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    http_response answer;
    answer.status = 200;
    answer.headers = {{lower, "close"}, {"x-stays", "1"}};
    const auto passed = make_relay_answer(answer, 5);
    EXPECT_EQ(values_of(passed.headers, lower), texts{}) << lower;
    EXPECT_EQ(values_of(passed.headers, "x-stays"), texts{"1"});
  }
}

// RFC 9110, 7.6.1: what `Connection` names is hop-by-hop, too.
TEST(relay, leaves_behind_what_connection_names) {
  agent_relay asked = info_request();
  asked.headers = {{"X-Hop", "1"},
                   {"Connection", "keep-alive, x-hop ,X-Other"},
                   {"x-other", "2"},
                   {"X-Stays", "3"}};
  const auto request = make_relay_request(asked, 1, target);
  EXPECT_EQ(values_of(request.headers, "X-Hop"), texts{});
  EXPECT_EQ(values_of(request.headers, "x-other"), texts{});
  EXPECT_EQ(values_of(request.headers, "X-Stays"), texts{"3"});
  http_response answer;
  answer.status = 200;
  answer.headers = {{"connection", "x-hop"}, {"x-hop", "1"}};
  EXPECT_TRUE(make_relay_answer(answer, 5).headers.empty());
}

TEST(relay, leaves_behind_what_is_the_connections_own) {
  agent_relay asked = info_request();
  asked.method = "POST";
  asked.body = bytes{"{}"};
  asked.headers = {{"Host", "localhost:8200"},
                   {"Content-Length", "2"},
                   {"Expect", "100-continue"},
                   {"X-Forwarded-For", "10.0.0.1"},
                   {"Content-Type", "application/json"}};
  const auto request = make_relay_request(asked, 1, target);
  EXPECT_EQ(request.body.view(), "{}");
  ASSERT_EQ(request.headers.size(), 2U); // Content-Type, User-Agent
  EXPECT_EQ(values_of(request.headers, "Content-Type"),
            texts{"application/json"});
}

TEST(relay, keeps_path_and_query) {
  auto asked = info_request();
  asked.target = "/config/v1/agents?service.name=a%20b&x=1";
  EXPECT_EQ(make_relay_request(asked, 1, target).url,
            "https://apm.example/base/config/v1/agents?service.name=a%20b&x=1");
}

TEST(relay, passes_the_servers_answer_back) {
  http_response answer;
  answer.id = 17;
  answer.status = 404;
  answer.headers = {{"content-type", "application/json"},
                    {"content-length", "2"},
                    {"x-elastic-product", "Elasticsearch"}};
  answer.body = bytes{"{}"};
  const auto passed = make_relay_answer(answer, 5);
  EXPECT_EQ(passed.id, 5U);
  EXPECT_EQ(passed.status, 404);
  EXPECT_EQ(passed.body.view(), "{}");
  EXPECT_EQ(values_of(passed.headers, "content-type"),
            texts{"application/json"});
  EXPECT_EQ(values_of(passed.headers, "x-elastic-product"),
            texts{"Elasticsearch"});
  EXPECT_EQ(values_of(passed.headers, "content-length"), texts{});
}

TEST(relay, answers_502_where_the_server_cannot_be_reached) {
  for (const auto failure : {http_failure::connect, http_failure::timeout,
                             http_failure::too_large}) {
    http_response answer;
    answer.failure = failure;
    answer.status = 200; // of a head whose body never came
    answer.detail = "why";
    const auto passed = make_relay_answer(answer, 5);
    EXPECT_EQ(passed.id, 5U);
    EXPECT_EQ(passed.status, 502);
    EXPECT_NE(passed.body.view().find("why"), std::string_view::npos);
  }
}

} // namespace
} // namespace apm
