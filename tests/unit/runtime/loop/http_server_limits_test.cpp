// Tests of http_server.hpp where a request breaks a bound: the server answers
// by itself, says so, and ends the connection such that the peer sees why.
#include "runtime/loop/http_server.hpp"
#include "tests/support/loop_world.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace apm {
namespace {

using std::chrono::milliseconds;
using test::loop_world;
using test::raw_peer;

/// A sender that goes on after a refusal has this long: `linger` in
/// http_session.cpp.
constexpr milliseconds linger{1000};

class http_server_limits_test : public testing::Test {
protected:
  http_server_limits_test() {
    options_.header_bytes_max = 1000;
    options_.body_bytes_max = 2000;
    listen();
  }

  void listen() {
    server_ = std::make_unique<http_server>(
        world_.loop(), options_,
        [this](server_request x) {
          requests_.push_back(x);
          if (answers_at_once_)
            server_->answer(x.id, 200, {}, bytes{});
        },
        [this](const server_refusal& x) { refusals_.push_back(x); });
    port_ = server_->listen().value();
  }

  /// Reads the refusal and its end, and checks that it was told.
  void expect_refused(raw_peer& peer, int status) {
    const auto answer = peer.read_answer();
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(answer.header("content-type"), "text/plain; charset=utf-8");
    ASSERT_EQ(refusals_.size(), 1U);
    EXPECT_EQ(refusals_[0].status, status);
    EXPECT_NE(refusals_[0].reason, "");
    EXPECT_EQ(answer.body, refusals_[0].reason + '\n');
    EXPECT_TRUE(requests_.empty());
    peer.wait_closed();
    EXPECT_EQ(peer.received(), "");
  }

  loop_world world_;
  http_server_options options_;
  std::unique_ptr<http_server> server_;
  uint16_t port_ = 0;
  bool answers_at_once_ = true;
  std::vector<server_request> requests_;
  std::vector<server_refusal> refusals_;
};

TEST_F(http_server_limits_test, refuses_what_is_no_http) {
  for (const auto* text : {
           "\x16\x03\x01\x02", // TLS: an agent with https:// in its settings
           "hello\r\n\r\n",
           "GET /\r\n\r\n",
           "GET / HTTP/2.0\r\n\r\n",
           "GET / HTTP/1.1\r\nno colon\r\n\r\n",
           "POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
           "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
           "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
           // Two lengths: who reads it otherwise sees another request in it.
           "POST / HTTP/1.1\r\nContent-Length: 3\r\n"
           "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
           // Behind the APM Server's address this would be another server.
           "GET @other.example/ HTTP/1.1\r\n\r\n",
           "GET .other.example/ HTTP/1.1\r\n\r\n",
           "GET ftp://other.example/ HTTP/1.1\r\n\r\n",
           "OPTIONS * HTTP/1.1\r\n\r\n",
       }) {
    SCOPED_TRACE(text);
    refusals_.clear();
    raw_peer peer{world_, port_};
    peer.send(text);
    expect_refused(peer, 400);
  }
}

TEST_F(http_server_limits_test, takes_a_body_up_to_its_bound) {
  raw_peer peer{world_, port_};
  peer.send("POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n"
            + std::string(2000, 'x'));
  EXPECT_EQ(peer.read_answer().status, 200);
  peer.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n"
            + std::string(2000, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(peer.read_answer().status, 200);
  EXPECT_TRUE(refusals_.empty());
}

TEST_F(http_server_limits_test, refuses_a_body_whose_length_says_too_much) {
  raw_peer peer{world_, port_};
  peer.send("POST / HTTP/1.1\r\nContent-Length: 2001\r\n"
            "Expect: 100-continue\r\n\r\n"); // and it waits for the answer
  expect_refused(peer, 413);
  EXPECT_EQ(refusals_[0].body_bytes, 0U);
}

TEST_F(http_server_limits_test, refuses_chunks_that_come_to_too_much) {
  raw_peer peer{world_, port_};
  peer.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n"
            + std::string(2000, 'x') + "\r\n");
  world_.settle();
  EXPECT_EQ(peer.received(), "");
  peer.send("1\r\ny\r\n0\r\n\r\n");
  expect_refused(peer, 413);
  EXPECT_GE(refusals_[0].body_bytes, 2000U);
}

TEST_F(http_server_limits_test, refuses_a_header_that_is_too_long) {
  raw_peer peer{world_, port_};
  peer.send("GET / HTTP/1.1\r\nX-Long: " + std::string(1000, 'x'));
  expect_refused(peer, 431);
}

TEST_F(http_server_limits_test, refuses_the_second_of_two_requests) {
  raw_peer peer{world_, port_};
  peer.send("GET / HTTP/1.1\r\n\r\nGET\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(peer.read_answer().status, 200);
  requests_.clear();
  expect_refused(peer, 400);
}

// A peer that has much to send yet would be reset, and never see the answer,
// if the server closed with bytes unread.
TEST_F(http_server_limits_test, lets_a_sender_that_goes_on_see_the_answer) {
  raw_peer peer{world_, port_};
  const std::string body(8 << 20, 'x');
  peer.send("POST / HTTP/1.1\r\nContent-Length: " + std::to_string(body.size())
            + "\r\n\r\n" + body);
  expect_refused(peer, 413);
  EXPECT_EQ(server_->connections(), 1U);
  peer.close();
  world_.run_until([this] { return server_->connections() == 0; });
}

TEST_F(http_server_limits_test, does_not_linger_for_ever) {
  raw_peer peer{world_, port_};
  peer.send("hello\r\n\r\n");
  expect_refused(peer, 400);
  world_.settle();
  EXPECT_EQ(server_->connections(), 1U);
  world_.fire_timers(linger);
  EXPECT_EQ(server_->connections(), 0U);
}

// -- time ---------------------------------------------------------------------

TEST_F(http_server_limits_test, refuses_a_request_that_takes_too_long) {
  for (const auto* text :
       {"G", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"}) {
    SCOPED_TRACE(text);
    refusals_.clear();
    raw_peer peer{world_, port_};
    peer.send(text);
    world_.settle();
    world_.fire_timers(options_.request_timeout - milliseconds{1000});
    EXPECT_TRUE(refusals_.empty());
    world_.fire_timers(options_.request_timeout);
    expect_refused(peer, 408);
  }
}

// A connection that is kept open waits for the next invocation.
TEST_F(http_server_limits_test, leaves_a_connection_that_idles_alone) {
  raw_peer peer{world_, port_};
  world_.settle();
  world_.fire_timers(std::chrono::hours{1});
  peer.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(peer.read_answer().status, 200);
  world_.fire_timers(std::chrono::hours{1});
  peer.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(peer.read_answer().status, 200);
  EXPECT_TRUE(refusals_.empty());
}

TEST_F(http_server_limits_test, gives_an_answer_all_the_time_it_takes) {
  answers_at_once_ = false;
  raw_peer peer{world_, port_};
  peer.send("GET / HTTP/1.1\r\n\r\n");
  world_.run_until([this] { return !requests_.empty(); });
  world_.fire_timers(std::chrono::hours{1});
  server_->answer(requests_[0].id, 200, {}, bytes{});
  EXPECT_EQ(peer.read_answer().status, 200);
}

// A time-out in the past is what the loop sees after a freeze of 2 s: the peer
// was frozen as well, and could not send.
TEST_F(http_server_limits_test, begins_again_to_count_after_a_freeze) {
  options_.request_timeout = milliseconds{-2000};
  listen();
  raw_peer peer{world_, port_};
  peer.send("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\no");
  world_.settle();
  EXPECT_TRUE(refusals_.empty());
  peer.send("k");
  EXPECT_EQ(peer.read_answer().status, 200);
}

TEST_F(http_server_limits_test, silent_ones_do_not_keep_others_out) {
  options_.connections_max = 2;
  listen();
  raw_peer first{world_, port_};
  raw_peer second{world_, port_};
  raw_peer third{world_, port_};
  third.send("GET / HTTP/1.1\r\n\r\n");
  world_.settle();
  EXPECT_TRUE(requests_.empty()) << "it waits in the backlog";
  world_.fire_timers(options_.request_timeout);
  EXPECT_EQ(third.read_answer().status, 200);
  first.wait_closed();
  EXPECT_TRUE(refusals_.empty()) << "no request, no refusal";
}

TEST_F(http_server_limits_test, closes_the_oldest_idle_one_at_the_bound) {
  options_.connections_max = 3;
  listen();
  raw_peer first{world_, port_};
  raw_peer second{world_, port_};
  for (auto* peer : {&second, &first}) {
    peer->send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(peer->read_answer().header("connection"), "");
  }
  raw_peer third{world_, port_};
  second.wait_closed();
  EXPECT_FALSE(first.is_closed());
  third.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(third.read_answer().status, 200);
  first.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(first.read_answer().status, 200);
}

// Ten times as many as may be open at once: those in the kernel's backlog get
// their turn, and each answer at the bound ends its connection.
TEST_F(http_server_limits_test, lets_all_in_though_few_at_once) {
  options_.connections_max = 2;
  answers_at_once_ = false;
  listen();
  std::vector<raw_peer> peers;
  for (int i = 0; i < 20; ++i) {
    peers.emplace_back(world_, port_);
    peers.back().send("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nok");
  }
  for (size_t i = 0; i < peers.size(); ++i) {
    world_.run_until([&] { return requests_.size() > i; });
    EXPECT_LE(server_->connections(), options_.connections_max);
    server_->answer(requests_[i].id, 202, {}, bytes{});
    const auto answer = peers[i].read_answer();
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.header("connection"), i + 1 < peers.size() ? "close" : "");
    peers[i].close();
  }
  EXPECT_EQ(requests_.size(), peers.size());
  EXPECT_TRUE(refusals_.empty());
}

/// 2,000 bytes of all requests together, 200 of a small one.
class http_server_pause_test : public http_server_limits_test {
protected:
  http_server_pause_test() {
    options_.held_bytes_max = 2000;
    options_.small_bytes = 200;
    listen();
  }

  /// A request with a body of 1,900 bytes, up to its last 400.
  raw_peer begin() {
    raw_peer peer{world_, port_};
    peer.send("POST / HTTP/1.1\r\nContent-Length: 1900\r\n\r\n"
              + std::string(1500, 'x'));
    settle();
    return peer;
  }

  void end(raw_peer& peer) { peer.send(std::string(400, 'x')); }

  void settle() {
    for (int i = 0; i < 5; ++i)
      world_.settle();
  }
};

TEST_F(http_server_pause_test, reads_on_where_there_is_room_and_refuses_none) {
  auto first = begin();
  auto second = begin(); // 3,000 bytes are held now
  auto third = begin();  // of which 200 are read
  end(second);
  end(third);
  settle();
  EXPECT_TRUE(requests_.empty());
  end(first);
  EXPECT_EQ(first.read_answer().status, 200);
  EXPECT_EQ(second.read_answer().status, 200);
  EXPECT_EQ(third.read_answer().status, 200);
  EXPECT_TRUE(refusals_.empty());
}

TEST_F(http_server_pause_test, lets_small_requests_through) {
  auto first = begin();
  auto second = begin();
  raw_peer small{world_, port_};
  small.send("POST /intake/v2/events?flushed=true HTTP/1.1\r\n"
             "Content-Length: 0\r\n\r\n");
  EXPECT_EQ(small.read_answer().status, 200);
}

TEST_F(http_server_pause_test, one_that_is_stuck_blocks_no_other_for_ever) {
  auto stuck = begin();
  auto also_stuck = begin();
  auto third = begin();
  end(third);
  settle();
  EXPECT_TRUE(requests_.empty());
  world_.fire_timers(options_.request_timeout);
  EXPECT_EQ(stuck.read_answer().status, 408);
  EXPECT_EQ(third.read_answer().status, 200)
      << "its time did not pass while it was not read";
}

TEST_F(http_server_pause_test, what_is_answered_later_is_held_until_then) {
  answers_at_once_ = false;
  auto first = begin();
  end(first);
  settle();
  ASSERT_EQ(requests_.size(), 1U);
  auto second = begin(); // the first on its way in: it is read
  auto third = begin();
  end(second);
  end(third);
  settle();
  ASSERT_EQ(requests_.size(), 2U) << "the third is the first, but must wait";
  for (size_t i = 0; i < 3; ++i) {
    world_.run_until([&] { return requests_.size() > i; });
    server_->answer(requests_[i].id, 200, {}, bytes{});
  }
  EXPECT_EQ(first.read_answer().status, 200);
  EXPECT_EQ(third.read_answer().status, 200);
}

TEST_F(http_server_pause_test, a_paused_one_may_go) {
  auto first = begin();
  auto second = begin();
  {
    auto third = begin();
    end(third);
    settle();
  }
  end(first);
  EXPECT_EQ(first.read_answer().status, 200);
  end(second);
  EXPECT_EQ(second.read_answer().status, 200);
  settle();
  auto fourth = begin();
  server_.reset(); // with some that are paused
}

} // namespace
} // namespace apm
