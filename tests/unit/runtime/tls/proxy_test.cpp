// What the HTTP client says to a proxy, and what it makes of its answers.
#include "runtime/loop/http_client.hpp"
#include "tests/support/loop_world.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace apm {

namespace {

class proxy_test : public ::testing::Test {
protected:
  proxy_test() {
    const auto host = "127.0.0.1:" + std::to_string(proxy_.port());
    proxy_settings variables;
    variables.http_proxy = "http://user:p%20w@" + host; // "p w"
    variables.https_proxy = host;
    options_.proxies = proxy_rules{variables};
    client_.emplace(world_.loop(), options_);
  }

  void start(const std::string& url) {
    http_request request;
    request.method = "POST";
    request.url = url;
    request.headers = {{"Authorization", "ApiKey secret"}};
    request.body = bytes{std::string{"{}"}};
    request.timeout_ms = 60'000;
    request.response_bytes_max = 1000;
    client_->start(request, [this](http_response x) { got_ = std::move(x); });
  }

  http_response answer() {
    world_.run_until([this] { return got_.has_value(); });
    return got_.value_or(http_response{});
  }

  test::loop_world world_;
  test::raw_listener proxy_{world_};
  http_client_options options_;
  std::optional<http_client> client_;
  std::optional<http_response> got_;
};

} // namespace

TEST_F(proxy_test, http_goes_by_the_whole_url_with_credentials) {
  start("http://apm.example:8200/intake/v2/events");
  auto peer = proxy_.accept();
  const auto request = peer.read_request();
  EXPECT_EQ(request.start_line,
            "POST http://apm.example:8200/intake/v2/events HTTP/1.1");
  EXPECT_EQ(request.header("host"), "apm.example:8200");
  // base64 of "user:p w"
  EXPECT_EQ(request.header("proxy-authorization"), "Basic dXNlcjpwIHc=");
  EXPECT_EQ(request.body, "{}");
  peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answer().status, 202);
}

TEST_F(proxy_test, https_asks_for_a_tunnel_and_tells_the_proxy_nothing_else) {
  start("https://apm.example:8200/intake/v2/events");
  auto peer = proxy_.accept();
  const auto request = peer.read_request();
  EXPECT_EQ(request.start_line, "CONNECT apm.example:8200 HTTP/1.1");
  EXPECT_EQ(request.header("authorization"), "");
  peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
  world_.run_until([&] { return !peer.received().empty(); });
  EXPECT_EQ(peer.received()[0], '\x16'); // a TLS record of a handshake
  peer.close();
  EXPECT_FALSE(answer().may_have_arrived);
}

TEST_F(proxy_test, a_tunnel_that_is_refused_has_reached_no_server) {
  start("https://apm.example:8200/intake/v2/events");
  auto peer = proxy_.accept();
  peer.read_request();
  peer.send("HTTP/1.1 407 Proxy Authentication Required\r\n"
            "Content-Length: 0\r\n\r\n");
  const auto got = answer();
  EXPECT_EQ(got.failure, http_failure::connect);
  EXPECT_EQ(got.status, 0);
  EXPECT_FALSE(got.may_have_arrived);
  EXPECT_NE(got.detail.find("407"), std::string::npos) << got.detail;
}

TEST_F(proxy_test, loopback_goes_directly) {
  test::raw_listener server{world_};
  start(server.url("/x"));
  auto peer = server.accept();
  EXPECT_EQ(peer.read_request().start_line, "POST /x HTTP/1.1");
  peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answer().status, 202);
  EXPECT_FALSE(proxy_.has_connection());
}

} // namespace apm
