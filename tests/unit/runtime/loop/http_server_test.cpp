// Tests of http_server.hpp: requests in, answers out, on connections that a
// peer uses as it pleases.
#include "runtime/loop/http_server.hpp"
#include "tests/support/loop_world.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace apm {
namespace {

using test::loop_world;
using test::raw_peer;

class http_server_test : public testing::Test {
protected:
  http_server_test() { port_ = server_->listen().value(); }

  void on_request(server_request request) {
    EXPECT_FALSE(is_in_handler_) << "a call within a call, and so on";
    is_in_handler_ = true;
    requests_.push_back(std::move(request));
    if (answers_at_once_)
      server_->answer(requests_.back().id, 200, {},
                      bytes{requests_.back().target});
    is_in_handler_ = false;
  }

  void wait_for(size_t requests) {
    world_.run_until([&] { return requests_.size() >= requests; });
  }

  loop_world world_;
  std::optional<http_server> server_{
      std::in_place, world_.loop(), http_server_options{},
      [this](server_request x) { on_request(std::move(x)); },
      [](const server_refusal& x) { ADD_FAILURE() << x.reason; }};
  uint16_t port_ = 0;
  bool answers_at_once_ = true;
  bool is_in_handler_ = false;
  std::vector<server_request> requests_;
};

TEST_F(http_server_test, hands_over_a_request_and_writes_its_answer) {
  answers_at_once_ = false;
  raw_peer peer{world_, port_};
  peer.send("POST /intake/v2/events?flushed=true&x HTTP/1.1\r\nHost: me\r\n"
            "X-Agent: one\r\nContent-Length: 5\r\n\r\nhello");
  wait_for(1);
  const auto& request = requests_.at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/intake/v2/events?flushed=true&x");
  EXPECT_EQ(request.path(), "/intake/v2/events");
  EXPECT_EQ(request.query(), "flushed=true&x");
  EXPECT_EQ(request.header("x-AGENT"), "one");
  EXPECT_EQ(request.header("x-other"), "");
  EXPECT_EQ(request.headers.size(), 3U);
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(peer.received(), "") << "nobody has answered";
  server_->answer(request.id, 202, {{"X-Answer", "two"}}, bytes{"ok"});
  const auto answer = peer.read_answer();
  EXPECT_EQ(answer.start_line, "HTTP/1.1 202 Accepted");
  EXPECT_EQ(answer.header("x-answer"), "two");
  EXPECT_EQ(answer.header("content-length"), "2");
  EXPECT_EQ(answer.header("connection"), "");
  EXPECT_EQ(answer.body, "ok");
}

TEST_F(http_server_test, takes_what_is_behind_a_servers_name) {
  raw_peer peer{world_, port_};
  peer.send("GET http://other.example/path?x=1 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(peer.read_answer().body, "/path?x=1");
  peer.send("GET http://other.example HTTP/1.1\r\n\r\n");
  EXPECT_EQ(peer.read_answer().body, "/");
}

TEST_F(http_server_test, keeps_the_connection_for_the_next_request) {
  raw_peer peer{world_, port_};
  for (const std::string target : {"/1", "/2", "/3"}) {
    peer.send("GET " + target + " HTTP/1.1\r\n\r\n");
    EXPECT_EQ(peer.read_answer().body, target);
  }
  EXPECT_FALSE(peer.is_closed());
}

TEST_F(http_server_test, closes_the_connection_where_the_peer_wants_it) {
  for (const auto* request : {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
                              "GET / HTTP/1.0\r\n\r\n"}) {
    raw_peer peer{world_, port_};
    peer.send(request);
    const auto answer = peer.read_answer();
    EXPECT_EQ(answer.status, 200) << request;
    EXPECT_EQ(answer.header("connection"), "close") << request;
    peer.wait_closed();
  }
}

TEST_F(http_server_test, takes_a_body_in_chunks) {
  raw_peer peer{world_, port_};
  peer.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  peer.send("5\r\nhello\r\n");
  peer.send("7;extension=1\r\n, world\r\n0\r\n\r\n");
  EXPECT_EQ(peer.read_answer().status, 200);
  EXPECT_EQ(requests_.at(0).body, "hello, world");
}

TEST_F(http_server_test, takes_a_request_byte_by_byte) {
  raw_peer peer{world_, port_};
  const std::string request = "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked"
                              "\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (const char c : request) {
    EXPECT_TRUE(requests_.empty());
    peer.send({&c, 1});
    world_.settle();
  }
  EXPECT_EQ(peer.read_answer().body, "/x");
  EXPECT_EQ(requests_.at(0).body, "abc");
}

TEST_F(http_server_test, takes_a_body_of_megabytes_whole) {
  std::string body(4 << 20, 'x');
  body.back() = 'y';
  raw_peer peer{world_, port_};
  peer.send("POST / HTTP/1.1\r\nContent-Length: " + std::to_string(body.size())
            + "\r\n\r\n" + body);
  EXPECT_EQ(peer.read_answer().status, 200);
  EXPECT_EQ(requests_.at(0).body, body);
}

// Whoever sends much must not keep the APM Server's answers waiting.
TEST_F(http_server_test, takes_a_long_body_in_many_rounds) {
  int rounds = 0;
  auto& timers = world_.loop().timers();
  std::function<void()> count = [&] { // once a round
    ++rounds;
    if (requests_.empty())
      timers.set(world_.loop().time().now(), count);
  };
  raw_peer peer{world_, port_};
  peer.send("POST / HTTP/1.1\r\nContent-Length: 200000\r\n\r\n");
  count(); // and four rounds, at least
  peer.send(std::string(200'000, 'x'));
  wait_for(1);
  EXPECT_EQ(requests_[0].body.size(), 200'000U);
  EXPECT_GE(rounds, 5);
  world_.settle(); // the timer refers to what is of this test
}

TEST_F(http_server_test, answers_pipelined_requests_one_after_the_other) {
  answers_at_once_ = false;
  raw_peer peer{world_, port_};
  peer.send("POST /1 HTTP/1.1\r\nContent-Length: 1\r\n\r\na"
            "GET /2 HTTP/1.1\r\n\r\nGET /3 HT");
  wait_for(1);
  world_.settle();
  ASSERT_EQ(requests_.size(), 1U) << "the next when this one is answered";
  EXPECT_EQ(requests_[0].body, "a");
  server_->answer(requests_[0].id, 200, {}, bytes{"one"});
  EXPECT_EQ(peer.read_answer().body, "one");
  wait_for(2);
  server_->answer(requests_[1].id, 200, {}, bytes{"two"});
  EXPECT_EQ(peer.read_answer().body, "two");
  peer.send("TP/1.1\r\n\r\n");
  wait_for(3);
  EXPECT_EQ(requests_[2].target, "/3");
  EXPECT_EQ(requests_[2].body, "");
}

// One read's worth of the smallest request: as many as can come at once.
TEST_F(http_server_test, answers_thousands_of_pipelined_requests) {
  constexpr size_t count = 64 * 1024 / 18;
  std::string flood;
  for (size_t i = 0; i < count; ++i)
    flood += "GET / HTTP/1.1\r\n\r\n";
  raw_peer peer{world_, port_};
  peer.send(flood);
  for (size_t i = 0; i < count; ++i)
    ASSERT_EQ(peer.read_answer().status, 200) << i;
}

TEST_F(http_server_test, tells_a_peer_that_asks_to_go_on) {
  raw_peer peer{world_, port_};
  peer.send("POST / HTTP/1.1\r\nContent-Length: 2\r\n"
            "Expect: 100-Continue\r\n\r\n");
  EXPECT_EQ(peer.read_answer().start_line, "HTTP/1.1 100 Continue");
  peer.send("o");
  world_.settle();
  EXPECT_EQ(peer.received(), "") << "once is enough";
  peer.send("k");
  EXPECT_EQ(peer.read_answer().status, 200);
  EXPECT_EQ(requests_.at(0).body, "ok");
  peer.send("POST / HTTP/1.1\r\nContent-Length: 2\r\n"
            "Expect: 100-continue\r\n\r\nok");
  EXPECT_EQ(peer.read_answer().status, 200) << "it did not wait to be told";
}

// RFC 9110, 9.3.2 and 6.4.1: the peer would take a body for the next answer.
TEST_F(http_server_test, writes_no_body_where_there_can_be_none) {
  answers_at_once_ = false;
  raw_peer peer{world_, port_};
  peer.send("HEAD / HTTP/1.1\r\n\r\n");
  wait_for(1);
  server_->answer(requests_.back().id, 200, {}, bytes{"body"});
  EXPECT_EQ(peer.read_answer(false).header("content-length"), "4");
  peer.send("HEAD / HTTP/1.1\r\n\r\n");
  wait_for(2);
  server_->answer(requests_.back().id, 200, {}, bytes{});
  EXPECT_EQ(peer.read_answer(false).header("content-length"), "")
      << "a relayed answer's length is not ours to know";
  for (const auto status : {uint16_t{204}, uint16_t{304}}) {
    peer.send("GET / HTTP/1.1\r\n\r\n");
    wait_for(requests_.size() + 1);
    server_->answer(requests_.back().id, status, {}, bytes{"body"});
    const auto answer = peer.read_answer(false);
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("content-length"), "") << status;
  }
  world_.settle();
  EXPECT_EQ(peer.received(), "");
}

TEST_F(http_server_test, answers_each_request_once) {
  answers_at_once_ = false;
  raw_peer peer{world_, port_};
  peer.send("GET / HTTP/1.1\r\n\r\n");
  wait_for(1);
  const auto id = requests_[0].id;
  server_->answer(id + 1, 500, {}, bytes{"nobody asked"});
  server_->answer(id, 200, {}, bytes{"first"});
  server_->answer(id, 500, {}, bytes{"second"});
  EXPECT_EQ(peer.read_answer().body, "first");
  world_.settle();
  EXPECT_EQ(peer.received(), "");
}

TEST_F(http_server_test, serves_many_peers_at_a_time) {
  answers_at_once_ = false;
  std::vector<raw_peer> peers;
  for (int i = 0; i < 50; ++i) {
    peers.emplace_back(world_, port_);
    peers.back().send("GET /" + std::to_string(i) + " HTTP/1.1\r\n\r\n");
  }
  wait_for(peers.size());
  for (auto i = requests_.rbegin(); i != requests_.rend(); ++i)
    server_->answer(i->id, 200, {}, bytes{i->target});
  for (size_t i = 0; i < peers.size(); ++i)
    EXPECT_EQ(peers[i].read_answer().body, '/' + std::to_string(i));
}

TEST_F(http_server_test, survives_a_peer_that_goes_before_its_answer) {
  answers_at_once_ = false;
  for (const bool is_reset : {false, true}) {
    raw_peer peer{world_, port_};
    peer.send("GET / HTTP/1.1\r\n\r\n");
    wait_for(requests_.size() + 1);
    is_reset ? peer.reset() : peer.close();
    world_.settle();
    server_->answer(requests_.back().id, 200, {},
                    bytes{std::string(1 << 20, 'x')});
    world_.settle();
  }
  EXPECT_EQ(server_->connections(), 0U);
  answers_at_once_ = true;
  raw_peer next{world_, port_};
  next.send("GET /next HTTP/1.1\r\n\r\n");
  EXPECT_EQ(next.read_answer().body, "/next");
}

TEST_F(http_server_test, forgets_a_peer_that_goes_within_a_request) {
  for (const auto* text : {"", "GET / HT",
                           "POST / HTTP/1.1\r\n"
                           "Content-Length: 9\r\n\r\nhalf"}) {
    raw_peer peer{world_, port_};
    peer.send(text);
    world_.run_until([&] { return server_->connections() == 1; });
    peer.close();
    world_.run_until([&] { return server_->connections() == 0; });
  }
  EXPECT_TRUE(requests_.empty());
}

// As curl and some agents do: no more requests, but they want the answer.
TEST_F(http_server_test, answers_a_peer_that_has_closed_its_half) {
  answers_at_once_ = false;
  raw_peer peer{world_, port_};
  peer.send("GET / HTTP/1.1\r\n\r\n");
  peer.finish_sending();
  wait_for(1);
  world_.settle();
  server_->answer(requests_[0].id, 200, {}, bytes{"ok"});
  EXPECT_EQ(peer.read_answer().body, "ok");
  peer.wait_closed();
}

TEST_F(http_server_test, writes_a_long_answer_as_the_peer_reads_it) {
  answers_at_once_ = false;
  std::string body(16 << 20, 'x'); // more than both socket buffers
  body.back() = 'y';
  raw_peer peer{world_, port_};
  peer.send("GET / HTTP/1.1\r\n\r\n");
  wait_for(1);
  server_->answer(requests_[0].id, 200, {}, bytes{body});
  world_.settle();
  EXPECT_EQ(peer.read_answer().body, body);
  peer.send("GET / HTTP/1.1\r\n\r\n");
  wait_for(2);
}

TEST_F(http_server_test, gives_up_a_peer_that_does_not_read_its_answer) {
  answers_at_once_ = false;
  raw_peer peer{world_, port_};
  peer.send("GET / HTTP/1.1\r\n\r\n");
  wait_for(1);
  server_->answer(requests_[0].id, 200, {}, bytes{std::string(16 << 20, 'x')});
  world_.settle();
  EXPECT_EQ(server_->connections(), 1U);
  world_.fire_timers(http_server_options{}.request_timeout);
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(http_server_test, can_go_with_connections_open) {
  answers_at_once_ = false;
  raw_peer idle{world_, port_};
  raw_peer waiting{world_, port_};
  raw_peer half{world_, port_};
  waiting.send("GET / HTTP/1.1\r\n\r\n");
  half.send("GET / HT");
  wait_for(1);
  world_.settle();
  server_.reset();
  for (auto* peer : {&idle, &waiting, &half})
    peer->wait_closed();
  world_.fire_timers(std::chrono::minutes{1});
}

// -- where it listens ---------------------------------------------------------

bool can_connect(const char* address, uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  inet_pton(AF_INET, address, &to.sin_addr);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int outcome =
      ::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to);
  ::close(socket);
  return outcome == 0;
}

// 127.0.0.2 is an address of every Linux machine, but not the loopback address.
TEST(http_server, listens_where_it_is_told) {
  for (const bool is_loopback : {true, false}) {
    loop_world world;
    http_server_options options;
    options.is_loopback = is_loopback;
    http_server server{world.loop(), options, [](server_request) {},
                       [](const server_refusal&) {}};
    const auto port = server.listen().value();
    EXPECT_TRUE(can_connect("127.0.0.1", port));
    EXPECT_EQ(can_connect("127.0.0.2", port), !is_loopback);
  }
}

TEST(http_server, says_that_its_port_is_in_use) {
  loop_world world;
  const auto make = [&](uint16_t port) {
    http_server_options options;
    options.port = port;
    return std::make_unique<http_server>(
        world.loop(), options, [](server_request) {},
        [](const server_refusal&) {});
  };
  auto first = make(0);
  const auto port = first->listen().value();
  auto second = make(port);
  const auto outcome = second->listen();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::io);
  EXPECT_NE(outcome.error().detail.find("127.0.0.1:" + std::to_string(port)),
            std::string::npos)
      << outcome.error().detail;
}

} // namespace
} // namespace apm
