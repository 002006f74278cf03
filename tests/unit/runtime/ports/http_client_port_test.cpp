// Tests of http_client_port.hpp: the HTTP client for actors, each with ids of
// its own.
#include "runtime/ports/http_client_port.hpp"
#include "tests/support/loop_world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {
namespace {

using test::loop_world;
using test::raw_listener;

constexpr std::string_view accepted =
    "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

class http_client_port_test : public testing::Test {
protected:
  /// An actor that keeps the answers it gets.
  http_response_sink spawn(std::vector<http_response>* answers) {
    return world_.spawn(
        [=](http_response_sink::pointer) -> http_response_sink::behavior_type {
          return {[=](const http_response& x) { answers->push_back(x); }};
        });
  }

  /// As if `who` had sent it.
  template <class Message>
  void send_as(const http_response_sink& who, Message x) {
    caf::send_as(who, port_, x);
    world_.settle();
  }

  http_request request(uint64_t id, std::string_view path) {
    http_request x;
    x.id = id;
    x.method = "POST";
    x.url = server_.url(path);
    x.timeout_ms = 60'000; // nothing here waits for it
    x.response_bytes_max = 1000;
    return x;
  }

  loop_world world_;
  raw_listener server_{world_};
  http_client client_{world_.loop()};
  credential_store credentials_;
  http_client_actor port_ =
      world_.spawn(http_client_port, &client_, &credentials_);
  std::vector<http_response> answers_a_;
  std::vector<http_response> answers_b_;
  http_response_sink a_ = spawn(&answers_a_);
  http_response_sink b_ = spawn(&answers_b_);
};

TEST_F(http_client_port_test, sends_the_answer_to_who_asked) {
  send_as(a_, request(1, "/a"));
  auto peer_a = server_.accept();
  send_as(b_, request(1, "/b"));
  auto peer_b = server_.accept();
  EXPECT_EQ(peer_a.read_request().start_line, "POST /a HTTP/1.1");
  EXPECT_EQ(peer_b.read_request().start_line, "POST /b HTTP/1.1");
  peer_b.send(accepted);
  world_.run_until([this] { return !answers_b_.empty(); });
  EXPECT_EQ(answers_b_[0].id, 1U);
  EXPECT_EQ(answers_b_[0].status, 202);
  EXPECT_TRUE(answers_a_.empty());
  peer_a.send(accepted);
  world_.run_until([this] { return !answers_a_.empty(); });
  EXPECT_EQ(answers_b_.size(), 1U);
}

// The agent's own, in a relayed request, is replaced.
TEST_F(http_client_port_test, shows_credentials_only_where_they_are_wanted) {
  credentials_.put(credential_kind::api_key, credential_origin::plain, "ours");
  for (const bool is_wanted : {true, false}) {
    auto asked = request(1, "/");
    asked.headers = {{"Authorization", "Bearer agent's"}};
    asked.with_credentials = is_wanted;
    send_as(a_, asked);
    auto peer = server_.accept();
    EXPECT_EQ(peer.read_request().header("authorization"),
              is_wanted ? "ApiKey ours" : "Bearer agent's");
    send_as(a_, http_cancel{1});
  }
}

TEST_F(http_client_port_test, says_what_fails) {
  auto bad = request(3, "/");
  bad.url = "http://";
  send_as(a_, bad);
  world_.run_until([this] { return !answers_a_.empty(); });
  EXPECT_EQ(answers_a_[0].id, 3U);
  EXPECT_EQ(answers_a_[0].failure, http_failure::other);
}

TEST_F(http_client_port_test, takes_back_a_request_of_the_one_who_asked) {
  send_as(a_, request(1, "/"));
  auto peer = server_.accept();
  peer.read_request();
  send_as(b_, http_cancel{1}); // none of its own
  EXPECT_EQ(client_.open_requests(), 1U);
  send_as(a_, http_cancel{1});
  EXPECT_EQ(client_.open_requests(), 0U);
  peer.wait_closed();
  send_as(a_, http_cancel{1});
  send_as(a_, request(1, "/again")); // the id is free
  auto next = server_.accept();
  EXPECT_EQ(next.read_request().start_line, "POST /again HTTP/1.1");
  next.send(accepted);
  world_.run_until([this] { return !answers_a_.empty(); });
  EXPECT_EQ(answers_a_.size(), 1U);
}

TEST_F(http_client_port_test, takes_its_requests_along_when_it_ends) {
  send_as(a_, request(1, "/"));
  auto peer = server_.accept();
  peer.read_request();
  caf::anon_send_exit(port_, caf::exit_reason::kill);
  port_ = nullptr;
  world_.settle();
  EXPECT_EQ(client_.open_requests(), 0U);
  peer.wait_closed();
  EXPECT_TRUE(answers_a_.empty());
}

} // namespace
} // namespace apm
