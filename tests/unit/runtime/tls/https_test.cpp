// The HTTP client's handshakes with a real TLS peer: whom it takes, whom it
// refuses, and that nothing is sent to those.
#include "runtime/loop/http_client.hpp"
#include "runtime/tls/trust_store.hpp"
#include "tests/support/loop_world.hpp"
#include "tests/unit/runtime/tls/tls_peer.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace apm {

namespace {

using sandbox::certificate;
using sandbox::certificate_wishes;
using sandbox::issue;
using sandbox::make_authority;

certificate_wishes for_loopback() {
  certificate_wishes wishes;
  wishes.host_names = {"localhost"};
  wishes.addresses = {"127.0.0.1"};
  return wishes;
}

class https_test : public ::testing::Test {
protected:
  /// Only what the test gives is trusted.
  trust_sources sources(const std::string& pem) const {
    trust_sources s;
    s.system.usual_files.clear();
    s.system.usual_directories.clear();
    s.pem = pem;
    return s;
  }

  http_response ask(http_client& client, test::tls_peer& peer,
                    const std::string& url) {
    http_request request;
    request.method = "GET";
    request.url = url;
    // Far more than a handshake takes: what is refused is refused at once.
    request.timeout_ms = 60'000;
    request.response_bytes_max = 1000;
    std::optional<http_response> got;
    client.start(request, [&](http_response x) { got = std::move(x); });
    world_.run_until([&] {
      peer.pump();
      return got.has_value();
    });
    return got.value_or(http_response{});
  }

  /// With a client of its own, which verifies unless it is told not to.
  http_response ask_once(test::tls_peer& peer, const std::string& trusted_pem,
                         bool verifies = true) {
    trust_store trust{sources(trusted_pem), [](const std::string&) {}};
    http_client_options options;
    options.trust = &trust;
    if (!verifies)
      options.unverified_server = origin_of(peer.url("127.0.0.1"));
    http_client client{world_.loop(), options};
    return ask(client, peer, peer.url("127.0.0.1"));
  }

  test::loop_world world_;
  certificate ca_ = make_authority("Test CA");
};

} // namespace

TEST_F(https_test, takes_a_server_of_a_ca_that_is_trusted) {
  test::tls_peer peer{issue(ca_, for_loopback())};
  const auto answer = ask_once(peer, ca_.certificate_pem);
  EXPECT_EQ(answer.failure, http_failure::none) << answer.detail;
  EXPECT_EQ(answer.body.view(), "ok");
  EXPECT_EQ(peer.version(), "TLSv1.3");
}

TEST_F(https_test, takes_tls_1_2) {
  test::tls_peer peer{issue(ca_, for_loopback())};
  SSL_CTX_set_max_proto_version(peer.context(), TLS1_2_VERSION);
  EXPECT_EQ(ask_once(peer, ca_.certificate_pem).status, 200);
  EXPECT_EQ(peer.version(), "TLSv1.2");
}

TEST_F(https_test, refuses_tls_1_1) {
  test::tls_peer peer{issue(ca_, for_loopback())};
  peer.speak_only_old_versions();
  const auto answer = ask_once(peer, ca_.certificate_pem);
  EXPECT_EQ(answer.failure, http_failure::tls) << answer.detail;
  EXPECT_NE(answer.detail.find("must speak TLS 1.2"), std::string::npos)
      << answer.detail;
  EXPECT_FALSE(answer.may_have_arrived);
  EXPECT_EQ(peer.connections(), 1);
  EXPECT_EQ(peer.requests(), 0);
}

TEST_F(https_test, the_peer_does_speak_tls_1_1) {
  // Else the test before would prove nothing: a client without our minimum.
  test::tls_peer peer{issue(ca_, for_loopback())};
  peer.speak_only_old_versions();
  auto* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  auto* client = SSL_new(context);
  auto* server = SSL_new(peer.context());
  BIO* left = nullptr;
  BIO* right = nullptr;
  ASSERT_EQ(BIO_new_bio_pair(&left, 0, &right, 0), 1);
  SSL_set_bio(client, left, left);
  SSL_set_bio(server, right, right);
  for (int i = 0; i < 10; ++i) { // more than a handshake has flights
    SSL_connect(client);
    SSL_accept(server);
  }
  EXPECT_STREQ(SSL_get_version(client), "TLSv1.1");
  EXPECT_EQ(SSL_is_init_finished(client), 1);
  SSL_free(client);
  SSL_free(server);
  SSL_CTX_free(context);
}

TEST_F(https_test, refuses_a_ca_that_is_not_known) {
  test::tls_peer peer{issue(make_authority("Stranger"), for_loopback())};
  const auto answer = ask_once(peer, ca_.certificate_pem);
  EXPECT_EQ(answer.failure, http_failure::tls);
  EXPECT_FALSE(answer.may_have_arrived);
  EXPECT_EQ(peer.requests(), 0);
  EXPECT_NE(answer.detail.find("set ELASTIC_APM_SERVER_CA_CERT_FILE"),
            std::string::npos)
      << answer.detail;
}

TEST_F(https_test, refuses_another_host) {
  certificate_wishes wishes;
  wishes.host_names = {"apm.example"};
  test::tls_peer peer{issue(ca_, wishes)};
  const auto answer = ask_once(peer, ca_.certificate_pem);
  EXPECT_EQ(answer.failure, http_failure::tls);
  EXPECT_EQ(peer.requests(), 0);
  EXPECT_NE(answer.detail.find("127.0.0.1"), std::string::npos)
      << answer.detail;
}

TEST_F(https_test, refuses_a_certificate_that_has_expired) {
  auto wishes = for_loopback();
  wishes.valid_from_s = -20'000;
  wishes.valid_until_s = -10'000;
  test::tls_peer peer{issue(ca_, wishes)};
  const auto answer = ask_once(peer, ca_.certificate_pem);
  EXPECT_EQ(answer.failure, http_failure::tls);
  EXPECT_EQ(peer.requests(), 0);
  EXPECT_NE(answer.detail.find("expired"), std::string::npos) << answer.detail;
}

TEST_F(https_test, takes_anyone_where_verification_is_off) {
  certificate_wishes wishes;
  wishes.host_names = {"apm.example"};
  wishes.valid_from_s = -20'000;
  wishes.valid_until_s = -10'000;
  test::tls_peer peer{issue(make_authority("Stranger"), wishes)};
  EXPECT_EQ(ask_once(peer, {}, false).status, 200);
}

TEST_F(https_test, one_server_unverified_leaves_the_others_verified) {
  test::tls_peer unverified{issue(make_authority("Stranger"), for_loopback())};
  test::tls_peer other{issue(make_authority("Stranger"), for_loopback())};
  trust_store trust{sources(ca_.certificate_pem), [](const std::string&) {}};
  http_client_options options;
  options.trust = &trust;
  options.unverified_server = origin_of(unverified.url("127.0.0.1"));
  http_client client{world_.loop(), options};
  EXPECT_EQ(ask(client, unverified, unverified.url("127.0.0.1")).status, 200);
  EXPECT_EQ(ask(client, other, other.url("127.0.0.1")).failure,
            http_failure::tls);
  // Handles are used again: what held for the one must not stay for the other.
  EXPECT_EQ(ask(client, unverified, unverified.url("127.0.0.1")).status, 200);
  EXPECT_EQ(ask(client, other, other.url("127.0.0.1")).failure,
            http_failure::tls);
}

TEST_F(https_test, tells_the_server_which_host_is_meant) {
  test::tls_peer peer{issue(ca_, for_loopback())};
  trust_store trust{sources(ca_.certificate_pem), [](const std::string&) {}};
  http_client_options options;
  options.trust = &trust;
  http_client client{world_.loop(), options};
  EXPECT_EQ(ask(client, peer, peer.url("localhost")).status, 200);
  EXPECT_EQ(peer.server_name(), "localhost");
}

TEST_F(https_test, a_ca_that_comes_later_holds_for_the_next_connection) {
  test::tls_peer peer{issue(ca_, for_loopback())};
  trust_store trust{sources({}), [](const std::string&) {}};
  http_client_options options;
  options.trust = &trust;
  http_client client{world_.loop(), options};
  EXPECT_EQ(ask(client, peer, peer.url("127.0.0.1")).failure,
            http_failure::tls);
  trust.add_pem(ca_.certificate_pem);
  EXPECT_EQ(ask(client, peer, peer.url("127.0.0.1")).status, 200);
  EXPECT_EQ(trust.parsed(), 1u);
}

TEST_F(https_test, plain_http_reads_no_certificates) {
  trust_store trust{sources(ca_.certificate_pem), [](const std::string&) {}};
  http_client_options options;
  options.trust = &trust;
  http_client client{world_.loop(), options};
  test::raw_listener server{world_};
  http_request request;
  request.method = "GET";
  request.url = server.url();
  request.timeout_ms = 60'000;
  request.response_bytes_max = 1000;
  std::optional<http_response> got;
  client.start(request, [&](http_response x) { got = std::move(x); });
  auto peer = server.accept();
  EXPECT_EQ(peer.read_request().start_line, "GET / HTTP/1.1");
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  world_.run_until([&] { return got.has_value(); });
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(trust.known(), 0u);
}

} // namespace apm
