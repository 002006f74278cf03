// Tests of http_client.hpp where no answer comes: why, and whether the server
// may have acted on the request, on which hangs whether it is sent again.
#include "runtime/loop/http_client.hpp"
#include "tests/support/loop_world.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

namespace apm {
namespace {

using test::loop_world;
using test::raw_listener;
using test::raw_peer;

http_request get_request(const std::string& url) {
  http_request request;
  request.id = 17;
  request.method = "POST";
  request.url = url;
  request.body = bytes{"{}"};
  request.timeout_ms = 60'000; // nothing here waits for it
  request.response_bytes_max = 1000;
  return request;
}

/// A port of the loopback address that is ours, so that nobody else listens on
/// it, but where nobody answers.
class silent_port {
public:
  silent_port() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }

  ~silent_port() { ::close(socket_); }

  silent_port(const silent_port&) = delete;
  silent_port& operator=(const silent_port&) = delete;

  /// From now on connections are not refused, but none comes about: one waits
  /// to be accepted, and the kernel drops what comes for a full queue.
  void drop_connections(loop_world& world) {
    ASSERT_EQ(::listen(socket_, 0), 0);
    waiting_.emplace_back(world, port_);
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + '/';
  }

private:
  int socket_;
  uint16_t port_ = 0;
  std::vector<raw_peer> waiting_;
};

class http_client_failure_test : public testing::Test {
protected:
  http_client::ticket start(const http_request& request) {
    return client_->start(request,
                          [this](http_response x) { answer_ = std::move(x); });
  }

  http_response wait() {
    world_.run_until([this] { return answer_.has_value(); });
    auto answer = std::move(answer_).value_or(http_response{});
    answer_.reset();
    return answer;
  }

  loop_world world_;
  raw_listener server_{world_};
  std::optional<http_client> client_{std::in_place, world_.loop()};
  std::optional<http_response> answer_;
};

TEST_F(http_client_failure_test, says_that_a_connection_was_refused) {
  const silent_port nobody;
  start(get_request(nobody.url()));
  EXPECT_FALSE(answer_) << "the caller does not know its ticket yet";
  const auto answer = wait();
  EXPECT_EQ(answer.id, 17U);
  EXPECT_EQ(answer.failure, http_failure::connect);
  EXPECT_FALSE(answer.may_have_arrived);
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.detail, "");
}

TEST_F(http_client_failure_test, says_later_what_fails_at_once) {
  for (const auto* url : {"http://", "nothing://127.0.0.1/", "http://[::/"}) {
    start(get_request(url));
    EXPECT_FALSE(answer_) << url;
    const auto answer = wait();
    EXPECT_EQ(answer.failure, http_failure::other) << url;
    EXPECT_FALSE(answer.may_have_arrived) << url;
    EXPECT_NE(answer.detail, "") << url;
  }
  EXPECT_EQ(client_->open_requests(), 0U);
}

// A far server, or a small share of a core for TLS: all of the time-out is for
// the connection, too.
TEST_F(http_client_failure_test, gives_up_a_connection_when_the_time_is_over) {
  silent_port nobody;
  nobody.drop_connections(world_);
  auto request = get_request(nobody.url());
  request.timeout_ms = 1'200;
  const auto begin = std::chrono::steady_clock::now();
  start(request);
  const auto answer = wait();
  EXPECT_GE(std::chrono::steady_clock::now() - begin,
            std::chrono::milliseconds{1'200});
  EXPECT_EQ(answer.failure, http_failure::timeout);
  EXPECT_FALSE(answer.may_have_arrived);
}

TEST_F(http_client_failure_test, gives_up_an_answer_that_does_not_come) {
  auto request = get_request(server_.url());
  request.timeout_ms = 250; // enough to be sent on any machine
  start(request);
  auto peer = server_.accept(); // and reads nothing
  const auto answer = wait();
  EXPECT_EQ(answer.failure, http_failure::timeout);
  EXPECT_TRUE(answer.may_have_arrived);
  peer.wait_closed();
}

TEST_F(http_client_failure_test, gives_up_an_answer_that_stays_incomplete) {
  auto request = get_request(server_.url());
  start(request);
  auto peer = server_.accept();
  peer.read_request();
  peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\n12345");
  peer.close();
  const auto answer = wait();
  EXPECT_EQ(answer.failure, http_failure::closed);
  EXPECT_TRUE(answer.may_have_arrived);
  EXPECT_EQ(answer.status, 0) << "half an answer is none";
  EXPECT_TRUE(answer.body.empty());
}

TEST_F(http_client_failure_test, says_that_the_peer_closed_without_an_answer) {
  for (const bool is_reset : {false, true}) {
    start(get_request(server_.url()));
    auto peer = server_.accept();
    peer.read_request();
    is_reset ? peer.reset() : peer.close();
    const auto answer = wait();
    EXPECT_EQ(answer.failure, http_failure::closed) << is_reset;
    EXPECT_TRUE(answer.may_have_arrived) << is_reset;
  }
}

TEST_F(http_client_failure_test, says_that_what_came_is_no_http) {
  start(get_request(server_.url()));
  auto peer = server_.accept();
  peer.read_request();
  peer.send("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  peer.close();
  const auto answer = wait();
  EXPECT_EQ(answer.failure, http_failure::other);
  EXPECT_TRUE(answer.may_have_arrived);
}

TEST_F(http_client_failure_test, takes_answers_up_to_the_bound_and_no_longer) {
  for (const size_t size : {1000, 1001}) {
    for (const bool is_chunked : {false, true}) {
      start(get_request(server_.url()));
      auto peer = server_.accept();
      peer.read_request();
      const std::string body(size, 'x');
      char length[8];
      std::snprintf(length, sizeof length, "%zx", size);
      peer.send(is_chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                             "\r\n"
                                 + std::string{length} + "\r\n" + body
                                 + "\r\n0\r\n\r\n"
                           : "HTTP/1.1 200 OK\r\nContent-Length: "
                                 + std::to_string(size) + "\r\n\r\n" + body);
      const auto answer = wait();
      peer.reset(); // the next has a connection of its own
      if (size == 1000) {
        EXPECT_EQ(answer.failure, http_failure::none);
        EXPECT_EQ(answer.body.size(), size);
      } else {
        EXPECT_EQ(answer.failure, http_failure::too_large);
        EXPECT_TRUE(answer.may_have_arrived);
        EXPECT_TRUE(answer.body.empty());
      }
    }
  }
}

TEST_F(http_client_failure_test, takes_a_request_back) {
  const auto ticket = start(get_request(server_.url()));
  auto peer = server_.accept();
  peer.read_request();
  client_->cancel(ticket);
  EXPECT_EQ(client_->open_requests(), 0U);
  peer.wait_closed();
  client_->cancel(ticket);
  world_.settle();
  EXPECT_FALSE(answer_);
}

TEST_F(http_client_failure_test, takes_back_what_has_failed_at_once) {
  client_->cancel(start(get_request("http://")));
  world_.settle();
  EXPECT_FALSE(answer_);
}

TEST_F(http_client_failure_test, takes_another_back_out_of_an_answer) {
  const auto other = client_->start(get_request(server_.url("/other")),
                                    [](const http_response&) { FAIL(); });
  auto first = server_.accept();
  first.read_request();
  bool is_answered = false;
  client_->start(get_request(server_.url()), [&](const http_response&) {
    client_->cancel(other);
    is_answered = true;
  });
  auto second = server_.accept();
  second.read_request();
  // Both answers are there when the client looks.
  first.send("HTTP/1.1 200 OK\r\nContent-Length: 0");
  second.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  world_.run_until([&] { return is_answered; });
  first.wait_closed();
  EXPECT_EQ(client_->open_requests(), 0U);
}

TEST_F(http_client_failure_test, sends_the_next_request_after_any_failure) {
  auto request = get_request(server_.url());
  request.timeout_ms = 2;
  start(request);
  EXPECT_EQ(wait().failure, http_failure::timeout);
  auto dead = server_.accept();
  start(get_request(server_.url("/next")));
  auto peer = server_.accept();
  EXPECT_EQ(peer.read_request().start_line, "POST /next HTTP/1.1");
  peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait().status, 202);
}

TEST_F(http_client_failure_test, can_go_with_requests_under_way) {
  start(get_request(server_.url()));
  auto peer = server_.accept();
  peer.read_request();
  start(get_request("http://"));
  client_.reset();
  peer.wait_closed();
  world_.settle();
  EXPECT_FALSE(answer_);
}

} // namespace
} // namespace apm
