// Tests of http_client.hpp against a server that the test plays by hand: what
// goes over the wire, and answers.
#include "runtime/loop/http_client.hpp"
#include "runtime/loop/reactor.hpp"
#include "tests/support/loop_world.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace apm {
namespace {

using test::loop_world;
using test::raw_listener;
using test::raw_peer;

/// What a POST to the APM Server looks like; 1 MiB is more than any answer
/// here.
http_request request_to(const std::string& url, std::string method = "GET") {
  http_request request;
  request.id = 17;
  request.method = std::move(method);
  request.url = url;
  request.timeout_ms = 60'000; // nothing here waits for it
  request.response_bytes_max = 1 << 20;
  return request;
}

/// Comes first in every turn: epoll tells what is ready in the order in which
/// it came to be, and this always was.
class first_in_turn : reactor::watcher {
public:
  explicit first_in_turn(loop_world& world)
      : watch_(world.loop().reactor(), *this) {
    EXPECT_EQ(::pipe2(pipe_, O_CLOEXEC), 0);
    watch_.assign(pipe_[0]);
    watch_.want(reactor::readable);
    EXPECT_EQ(::write(pipe_[1], "", 1), 1);
  }

  ~first_in_turn() {
    watch_.release();
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }

  first_in_turn(const first_in_turn&) = delete;
  first_in_turn& operator=(const first_in_turn&) = delete;

  /// Does that in the next turn.
  void call(std::function<void()> act) { act_ = std::move(act); }

  bool is_done() const { return !act_; }

private:
  void on_ready(unsigned) override {
    if (const auto act = std::exchange(act_, nullptr))
      act();
  }

  std::function<void()> act_;
  reactor::watch watch_;
  int pipe_[2] = {-1, -1};
};

class http_client_test : public testing::Test {
protected:
  http_client::ticket start(const http_request& request) {
    return client_.start(request,
                         [this](http_response x) { answer_ = std::move(x); });
  }

  /// The answer, running the loop until it is there.
  http_response wait() {
    world_.run_until([this] { return answer_.has_value(); });
    auto answer = std::move(answer_).value_or(http_response{});
    answer_.reset();
    return answer;
  }

  loop_world world_;
  raw_listener server_{world_};
  http_client client_{world_.loop()};
  std::optional<http_response> answer_;
};

TEST_F(http_client_test, sends_a_get_and_hands_over_the_answer) {
  auto request = request_to(server_.url("/path?x=1"));
  request.headers = {{"Authorization", "ApiKey secret"}};
  start(request);
  auto peer = server_.accept();
  const auto asked = peer.read_request();
  EXPECT_EQ(asked.start_line, "GET /path?x=1 HTTP/1.1");
  EXPECT_EQ(asked.header("host"),
            "127.0.0.1:" + std::to_string(server_.port()));
  EXPECT_EQ(asked.header("authorization"), "ApiKey secret");
  EXPECT_EQ(asked.header("content-length"), "");
  EXPECT_EQ(asked.header("expect"), "");
  peer.send("HTTP/1.1 200 OK\r\nX-Odd:  some value \r\nContent-Length: 5\r\n"
            "\r\nhello");
  const auto answer = wait();
  EXPECT_EQ(answer.id, 17U);
  EXPECT_EQ(answer.failure, http_failure::none);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.view(), "hello");
  EXPECT_EQ(answer.detail, "");
  ASSERT_EQ(answer.headers.size(), 2U);
  EXPECT_EQ(answer.headers[0].name, "x-odd");
  EXPECT_EQ(answer.headers[0].value, "some value");
}

TEST_F(http_client_test, sends_a_body_in_one_piece_without_asking_first) {
  auto request = request_to(server_.url(), "POST");
  // More than 1 MiB is where libcurl would send Expect: 100-continue.
  request.body = bytes{std::string(2 << 20, 'x')};
  request.headers = {{"Content-Type", "application/x-ndjson"}};
  start(request);
  auto peer = server_.accept();
  const auto asked = peer.read_request();
  EXPECT_EQ(asked.start_line, "POST / HTTP/1.1");
  EXPECT_EQ(asked.header("content-type"), "application/x-ndjson");
  EXPECT_EQ(asked.header("content-length"), std::to_string(2 << 20));
  EXPECT_EQ(asked.header("expect"), "");
  EXPECT_EQ(asked.body.size(), size_t{2} << 20);
  peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  const auto answer = wait();
  EXPECT_EQ(answer.status, 202);
  EXPECT_TRUE(answer.body.empty());
}

TEST_F(http_client_test, sends_a_post_without_a_body) {
  start(request_to(server_.url(), "POST"));
  auto peer = server_.accept();
  const auto asked = peer.read_request();
  EXPECT_EQ(asked.start_line, "POST / HTTP/1.1");
  EXPECT_EQ(asked.header("content-length"), "0");
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait().status, 200);
}

TEST_F(http_client_test, sends_other_methods_with_their_body) {
  auto request = request_to(server_.url(), "PUT");
  request.body = bytes{"{}"};
  start(request);
  auto peer = server_.accept();
  const auto asked = peer.read_request();
  EXPECT_EQ(asked.start_line, "PUT / HTTP/1.1");
  EXPECT_EQ(asked.body, "{}");
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait().status, 200);
}

TEST_F(http_client_test, knows_that_an_answer_to_head_has_no_body) {
  start(request_to(server_.url(), "HEAD"));
  auto peer = server_.accept();
  EXPECT_EQ(peer.read_request().start_line, "HEAD / HTTP/1.1");
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
  const auto answer = wait();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.empty());
}

TEST_F(http_client_test, hands_over_chunks_as_one_body) {
  start(request_to(server_.url()));
  auto peer = server_.accept();
  peer.read_request();
  peer.send("HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n");
  peer.send("3\r\nabc\r\n");
  peer.send("3\r\ndef\r\n0\r\n\r\n");
  const auto answer = wait();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body.view(), "abcdef");
}

TEST_F(http_client_test, hands_over_a_body_that_ends_with_the_connection) {
  start(request_to(server_.url()));
  auto peer = server_.accept();
  peer.read_request();
  peer.send("HTTP/1.0 200 OK\r\n\r\nuntil the end");
  peer.close();
  EXPECT_EQ(wait().body.view(), "until the end");
}

TEST_F(http_client_test, passes_over_a_100_continue) {
  start(request_to(server_.url(), "POST"));
  auto peer = server_.accept();
  peer.read_request();
  peer.send("HTTP/1.1 100 Continue\r\nX-Not: this\r\n\r\n");
  peer.send("HTTP/1.1 202 Accepted\r\nX-But: that\r\nContent-Length: 0\r\n"
            "\r\n");
  const auto answer = wait();
  EXPECT_EQ(answer.status, 202);
  ASSERT_EQ(answer.headers.size(), 2U);
  EXPECT_EQ(answer.headers[0].name, "x-but");
}

// A redirect of the server's would take the credentials elsewhere.
TEST_F(http_client_test, follows_no_redirect) {
  start(request_to(server_.url()));
  auto peer = server_.accept();
  peer.read_request();
  peer.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
            "Content-Length: 0\r\n\r\n");
  EXPECT_EQ(wait().status, 302);
}

TEST_F(http_client_test, uses_a_connection_again) {
  start(request_to(server_.url("/1")));
  auto peer = server_.accept();
  for (const auto* path : {"/2", "/3"}) {
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_EQ(wait().body.view(), "ok");
    start(request_to(server_.url(path), "POST"));
  }
  EXPECT_EQ(peer.read_request().start_line, "POST /3 HTTP/1.1");
  EXPECT_FALSE(server_.has_connection());
}

TEST_F(http_client_test, sends_requests_at_a_time_on_connections_of_their_own) {
  std::string answers;
  const auto keep = [&](const http_response& x) {
    answers += std::string{x.body.view()} + ' ';
  };
  client_.start(request_to(server_.url("/poll")), keep);
  auto poll = server_.accept();
  poll.read_request();
  client_.start(request_to(server_.url("/post"), "POST"), keep);
  EXPECT_EQ(client_.open_requests(), 2U);
  auto post = server_.accept();
  EXPECT_EQ(post.read_request().start_line, "POST /post HTTP/1.1");
  post.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
  world_.run_until([&] { return client_.open_requests() == 1; });
  poll.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
  world_.run_until([&] { return client_.open_requests() == 0; });
  EXPECT_EQ(answers, "2 1 ");
}

// As the POLLER does when it registers and then subscribes.
TEST_F(http_client_test, takes_a_request_out_of_the_answer_of_another) {
  std::string answer;
  client_.start(request_to(server_.url("/1")), [&](const http_response&) {
    client_.start(request_to(server_.url("/2")),
                  [&](const http_response& x) { answer = x.body.view(); });
  });
  auto peer = server_.accept();
  peer.read_request();
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(peer.read_request().start_line, "GET /2 HTTP/1.1");
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend");
  world_.run_until([&] { return !answer.empty(); });
  EXPECT_EQ(answer, "end");
}

// While a sandbox is frozen the server ends connections that idle.
TEST_F(http_client_test, replaces_a_connection_that_was_closed_while_idle) {
  start(request_to(server_.url("/1")));
  {
    auto peer = server_.accept();
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(wait().status, 200);
  }
  start(request_to(server_.url("/2"), "POST"));
  auto peer = server_.accept();
  EXPECT_EQ(peer.read_request().start_line, "POST /2 HTTP/1.1");
  peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait().status, 202);
}

// The server read a POST on a connection that had served before, and closed it
// without a word: libcurl would send the POST again by itself.
class http_client_once_test : public http_client_test {
protected:
  /// A POST that has come in whole and got no answer, so far.
  raw_peer lose_an_answer(http_client& client) {
    const auto keep = [this](http_response x) { answer_ = std::move(x); };
    client.start(request_to(server_.url("/1")), keep);
    auto peer = server_.accept();
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(wait().status, 200);
    auto request = request_to(server_.url("/2"), "POST");
    request.body = bytes{std::string{"line"}};
    client.start(request, keep);
    EXPECT_EQ(peer.read_request().body, "line");
    return peer;
  }

  /// Of a POST that no socket's buffer holds.
  static constexpr size_t body_bytes = 32 << 20;

  /// A POST on a connection that has served before, which is reset in the very
  /// turn in which more of the body is sent: what was ready before the reset
  /// hears of it by a failing send.
  void break_while_sending(http_client& client) {
    const auto keep = [this](http_response x) { answer_ = std::move(x); };
    first_in_turn first{world_};
    client.start(request_to(server_.url("/1")), keep);
    auto peer = server_.accept();
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(wait().status, 200);
    first.call([&peer] { peer.reset(); });
    auto request = request_to(server_.url("/2"), "POST");
    request.body = bytes{std::string(body_bytes, 'x')};
    client.start(request, keep);
    world_.run_until([&] {
      return first.is_done() && (answer_ || server_.has_connection());
    });
  }
};

TEST_F(http_client_once_test, a_post_without_an_answer_goes_out_again) {
  lose_an_answer(client_).close();
  auto peer = server_.accept();
  EXPECT_EQ(peer.read_request().body, "line");
  peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait().status, 202);
}

// Had libcurl tried to read before, it would have sent the POST again by
// itself.
TEST_F(http_client_once_test,
       a_post_goes_out_again_where_sending_shows_the_end) {
  break_while_sending(client_);
  ASSERT_TRUE(server_.has_connection());
  auto peer = server_.accept();
  EXPECT_EQ(peer.read_request().body.size(), body_bytes);
  peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  const auto answer = wait();
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.detail, "");
}

// A server that breaks that one, too, has more than an old connection.
TEST_F(http_client_once_test, a_post_goes_out_again_once) {
  break_while_sending(client_);
  ASSERT_TRUE(server_.has_connection());
  auto peer = server_.accept();
  world_.run_until([&peer] { return !peer.received().empty(); });
  peer.reset();
  const auto answer = wait();
  EXPECT_EQ(answer.failure, http_failure::closed);
  EXPECT_TRUE(answer.may_have_arrived);
}

TEST_F(http_client_once_test, what_shows_while_sending_may_have_arrived) {
  http_client_options options;
  options.posts_at_most_once = true;
  http_client strict{world_.loop(), options};
  break_while_sending(strict);
  const auto answer = wait();
  EXPECT_EQ(answer.failure, http_failure::closed);
  EXPECT_TRUE(answer.may_have_arrived);
  EXPECT_FALSE(server_.has_connection());
}

TEST_F(http_client_once_test, or_never_where_it_must_not_be_there_twice) {
  http_client_options options;
  options.posts_at_most_once = true;
  http_client strict{world_.loop(), options};
  lose_an_answer(strict).close();
  const auto answer = wait();
  EXPECT_EQ(answer.failure, http_failure::closed);
  EXPECT_TRUE(answer.may_have_arrived);
  if (server_.has_connection()) { // libcurl says only then that it cannot
    EXPECT_EQ(server_.accept().received(), "");
  }
}

} // namespace
} // namespace apm
