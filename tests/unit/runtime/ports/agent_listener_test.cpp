// Tests of agent_listener.hpp and, for the way back, of listener_port.hpp: what
// agents send over the wire, and what the COORDINATOR is told.
#include "runtime/ports/agent_listener.hpp"
#include "runtime/ports/listener_port.hpp"
#include "tests/unit/runtime/ports/support.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {
namespace {

using test::coordinator_sink;
using test::http_post;
using test::loop_world;
using test::raw_peer;

constexpr auto intake = "/intake/v2/events";
const std::string metadata = R"({"metadata":{"service":{"name":"f"}}})";
const std::string transaction =
    R"({"transaction":{"id":"0011223344556677","faas":{"execution":"r1"}}})";
const std::string body = metadata + '\n' + transaction + '\n';

/// `window_bits` as zlib has it: 15 + 16 gzip, 15 zlib, -15 raw deflate.
std::string pack(std::string_view text, int window_bits, int flush = Z_FINISH) {
  z_stream stream{};
  EXPECT_EQ(
      deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY),
      Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 16, '\0');
  std::string in{text};
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, flush), flush == Z_FINISH ? Z_STREAM_END : Z_OK);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

class agent_listener_test : public testing::Test {
protected:
  agent_listener_test() {
    listener_.connect(coordinator_.handle);
    port_ = listener_.server().listen().value();
  }

  static http_server_options options() {
    http_server_options options;
    options.body_bytes_max = 100'000;
    return options;
  }

  /// Sends it, and waits until the COORDINATOR has something of it.
  void send(std::string_view request) {
    const auto before = told();
    peer_.emplace_back(world_, port_);
    peer_.back().send(request);
    world_.run_until([&] { return told() > before; });
  }

  size_t told() const {
    return coordinator_.intakes.size() + coordinator_.relays.size()
           + coordinator_.refusals.size() + coordinator_.registrations.size();
  }

  /// Sends what is to be refused; the answer says why, and so do we.
  void expect_refused(const std::string& request, int status) {
    coordinator_.refusals.clear();
    send(request);
    ASSERT_EQ(coordinator_.refusals.size(), 1U);
    const auto& refusal = coordinator_.refusals[0];
    EXPECT_EQ(refusal.listener, "agent");
    EXPECT_EQ(refusal.status, status);
    EXPECT_NE(refusal.reason, "");
    const auto answer = peer_.back().read_answer();
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.body, refusal.reason + '\n');
    EXPECT_TRUE(coordinator_.intakes.empty());
  }

  loop_world world_;
  coordinator_sink coordinator_{world_};
  agent_listener listener_{world_.loop(), options()};
  uint16_t port_ = 0;
  std::vector<raw_peer> peer_;
};

TEST_F(agent_listener_test, hands_over_a_body_in_each_encoding) {
  const struct {
    const char* header;
    std::string sent;
  } cases[] = {
      {"", body},
      {"Content-Encoding: identity\r\n", body},
      {"Content-Encoding: gzip\r\n", pack(body, 15 + 16)},
      {"Content-Encoding: GZIP\r\n", pack(body, 15 + 16)},
      {"Content-Encoding: deflate\r\n", pack(body, 15)},
      {"Content-Encoding: deflate\r\n", pack(body, -15)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.header);
    coordinator_.intakes.clear();
    send(http_post(intake,
                   std::string{"User-Agent: apm-agent-nodejs/4.18.0\r\n"}
                       + c.header,
                   c.sent));
    ASSERT_EQ(coordinator_.intakes.size(), 1U);
    const auto& x = coordinator_.intakes[0];
    EXPECT_EQ(x.user_agent, "apm-agent-nodejs/4.18.0");
    EXPECT_FALSE(x.is_flushed);
    EXPECT_EQ(x.metadata.view(), metadata);
    EXPECT_EQ(x.events.view(), transaction + '\n');
    EXPECT_EQ(x.lines, 1U);
    ASSERT_EQ(x.transactions.size(), 1U);
    EXPECT_EQ(x.transactions[0].id, "0011223344556677");
    EXPECT_EQ(x.transactions[0].request_id, "r1");
  }
}

TEST_F(agent_listener_test, passes_the_answer_back) {
  auto port = world_.spawn(agent_listener_port, &listener_.server());
  send(http_post(intake, "", body));
  EXPECT_EQ(peer_[0].received(), "") << "the COORDINATOR answers";
  caf::anon_send(port, listener_answer{coordinator_.intakes[0].id,
                                       202,
                                       {{"X-Kind", "odd"}},
                                       bytes{"{}"}});
  const auto answer = peer_[0].read_answer();
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.header("x-kind"), "odd");
  EXPECT_EQ(answer.body, "{}");
}

// As the agents send it: elastic/apm, tracing-instrumentation-aws-lambda.md.
TEST_F(agent_listener_test, knows_the_flush_signal) {
  const struct {
    const char* target;
    bool is_flushed;
  } cases[] = {
      {"/intake/v2/events?flushed=true", true},
      {"/intake/v2/events?a=b&flushed=true", true},
      {"/intake/v2/events?flushed=true&a=b", true},
      {"/intake/v2/events", false},
      {"/intake/v2/events?flushed=false", false},
      {"/intake/v2/events?flushed", false},
      {"/intake/v2/events?unflushed=true", false},
      {"/intake/v2/events?flushed=trueish", false},
  };
  for (const auto& c : cases) {
    send(http_post(c.target, "", body));
    EXPECT_EQ(coordinator_.intakes.back().is_flushed, c.is_flushed) << c.target;
    EXPECT_EQ(coordinator_.intakes.back().lines, 1U) << c.target;
  }
}

// Elastic's Python agent labels the empty body of its flush signal gzip.
TEST_F(agent_listener_test, takes_a_flush_signal_without_a_body) {
  for (const auto* header :
       {"", "Content-Encoding: gzip\r\n", "Content-Encoding: deflate\r\n"}) {
    send(http_post("/intake/v2/events?flushed=true", header, ""));
    const auto& x = coordinator_.intakes.back();
    EXPECT_TRUE(x.is_flushed) << header;
    EXPECT_EQ(x.lines, 0U) << header;
    EXPECT_TRUE(x.metadata.empty()) << header;
    EXPECT_TRUE(x.events.empty()) << header;
  }
  EXPECT_TRUE(coordinator_.refusals.empty());
}

// Python's agent sends its signal with the last data, and never again.
TEST_F(agent_listener_test, a_signal_outlives_the_refusal_of_its_body) {
  send(http_post("/intake/v2/events?flushed=true", "", "no json\n"));
  world_.run_until([&] { return !coordinator_.intakes.empty(); });
  EXPECT_EQ(coordinator_.refusals.size(), 1U);
  EXPECT_EQ(peer_.back().read_answer().status, 400);
  ASSERT_EQ(coordinator_.intakes.size(), 1U);
  EXPECT_TRUE(coordinator_.intakes[0].is_flushed);
  EXPECT_EQ(coordinator_.intakes[0].id, 0U) << "it has its answer";
}

TEST_F(agent_listener_test, takes_gzip_of_nothing) {
  send(http_post("/intake/v2/events?flushed=true", "Content-Encoding: gzip\r\n",
                 pack("", 15 + 16)));
  ASSERT_EQ(coordinator_.intakes.size(), 1U);
  EXPECT_TRUE(coordinator_.intakes[0].is_flushed);
}

TEST_F(agent_listener_test, refuses_an_encoding_that_it_cannot_undo) {
  expect_refused(http_post(intake, "Content-Encoding: br\r\n", body), 415);
  EXPECT_NE(coordinator_.refusals[0].reason.find("br"), std::string::npos);
  EXPECT_EQ(coordinator_.refusals[0].body_bytes, body.size());
}

TEST_F(agent_listener_test, refuses_damaged_bodies) {
  const auto packed = pack(body, 15 + 16);
  const std::string sent[] = {body, packed.substr(0, packed.size() - 9),
                              packed + "more"};
  for (const auto& x : sent)
    expect_refused(http_post(intake, "Content-Encoding: gzip\r\n", x), 400);
  for (const auto* x : {"no JSON\n", "{\"transaction\":{}}\n", "[1]\n"})
    expect_refused(http_post(intake, "", x), 400);
}

// 100,000 bytes are the bound: of what is sent and of what it unpacks to.
TEST_F(agent_listener_test, refuses_a_body_that_is_too_large) {
  const auto large = metadata + '\n' + std::string(100'000, 'x') + '\n';
  expect_refused(http_post(intake, "", large), 413);
  const auto packed = pack(large, 15 + 16);
  EXPECT_LT(packed.size(), 1000U);
  expect_refused(http_post(intake, "Content-Encoding: gzip\r\n", packed), 413);
  EXPECT_EQ(coordinator_.refusals[0].body_bytes, packed.size());
}

TEST_F(agent_listener_test, reports_what_the_server_refuses_by_itself) {
  expect_refused("nothing\r\n\r\n", 400);
}

TEST_F(agent_listener_test, unpacks_no_more_than_can_be_taken) {
  // 20 bodies of 98 KB unpacked, whole at the same time.
  std::string long_body = metadata + '\n';
  while (long_body.size() < 98'000)
    long_body += transaction + '\n';
  const auto request =
      http_post(intake, "Content-Encoding: gzip\r\n", pack(long_body, 15 + 16));
  for (int i = 0; i < 20; ++i) {
    peer_.emplace_back(world_, port_);
    peer_.back().send(request);
  }
  world_.run_until([&] { return told() >= 11; });
  for (int i = 0; i < 5; ++i)
    world_.settle();
  EXPECT_EQ(told(), 11U) << "1 MiB, and what passes it";
  const auto port = world_.spawn(agent_listener_port, &listener_.server());
  for (size_t i = 0; i < 20; ++i) {
    world_.run_until([&] { return told() > i; });
    caf::anon_send(port,
                   listener_answer{coordinator_.intakes[i].id, 202, {}, {}});
    world_.run_until([&] { return told() >= std::min<size_t>(20, 12 + i); });
  }
  for (auto& peer : peer_)
    EXPECT_EQ(peer.read_answer().status, 202);
}

// -- bodies that are open, and cut --------------------------------------------

using counts = std::vector<uint32_t>;

const std::string chunked_head = "POST /intake/v2/events HTTP/1.1\r\n"
                                 "User-Agent: a\r\n"
                                 "Transfer-Encoding: chunked\r\n";

std::string chunk(const std::string& text) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return size + text + "\r\n";
}

TEST_F(agent_listener_test, tells_of_a_body_that_stays_open) {
  raw_peer agent{world_, port_};
  agent.send(chunked_head + "\r\n" + chunk(body));
  world_.run_until([this] { return !coordinator_.open_bodies.empty(); });
  raw_peer other{world_, port_};
  other.send(chunked_head + "\r\n");
  world_.run_until([this] { return coordinator_.open_bodies.size() == 2; });
  EXPECT_TRUE(coordinator_.intakes.empty());
  agent.send(chunk("{}\n") + "0\r\n\r\n");
  world_.run_until([this] { return coordinator_.open_bodies.size() == 3; });
  ASSERT_EQ(coordinator_.intakes.size(), 1U);
  EXPECT_EQ(coordinator_.intakes[0].lines, 2U);
  EXPECT_NE(coordinator_.intakes[0].id, 0U);
  other.close();
  world_.run_until([this] { return coordinator_.open_bodies.size() == 4; });
  EXPECT_EQ(coordinator_.open_bodies, (counts{1, 2, 1, 0}));
  EXPECT_EQ(coordinator_.intakes.size(), 1U) << "nothing came of the other";
}

TEST_F(agent_listener_test, tells_nothing_of_a_body_that_comes_at_once) {
  send(http_post(intake, "", body));
  EXPECT_EQ(coordinator_.open_bodies, counts{});
}

// A function that is killed takes its agent along, in the middle of a body.
TEST_F(agent_listener_test, takes_the_whole_lines_of_a_body_that_is_cut) {
  const auto more = body + transaction + '\n' + R"({"span":{"id":)";
  for (const bool is_reset : {false, true}) {
    for (const bool is_gzip : {false, true}) {
      SCOPED_TRACE(std::to_string(is_reset) + std::to_string(is_gzip));
      coordinator_.intakes.clear();
      coordinator_.open_bodies.clear();
      raw_peer agent{world_, port_};
      agent.send(chunked_head
                 + (is_gzip ? "Content-Encoding: gzip\r\n\r\n" : "\r\n")
                 + chunk(is_gzip ? pack(more, 15 + 16, Z_SYNC_FLUSH) : more));
      world_.run_until([this] { return !coordinator_.open_bodies.empty(); });
      is_reset ? agent.reset() : agent.close();
      world_.run_until([this] { return coordinator_.open_bodies.size() == 2; });
      EXPECT_EQ(coordinator_.open_bodies.back(), 0U);
      ASSERT_EQ(coordinator_.intakes.size(), 1U);
      const auto& x = coordinator_.intakes[0];
      EXPECT_GE(x.id, uint64_t{1} << 63) << "nobody waits for an answer";
      EXPECT_EQ(x.user_agent, "a");
      EXPECT_EQ(x.lines, 2U);
      EXPECT_EQ(x.metadata.view(), metadata);
      EXPECT_FALSE(x.is_flushed);
      EXPECT_TRUE(coordinator_.refusals.empty());
    }
  }
}

TEST_F(agent_listener_test, takes_what_a_sender_that_was_too_slow_has_sent) {
  raw_peer agent{world_, port_};
  agent.send(chunked_head + "\r\n" + chunk(body));
  world_.run_until([this] { return !coordinator_.open_bodies.empty(); });
  world_.fire_timers(options().request_timeout);
  EXPECT_EQ(agent.read_answer().status, 408);
  ASSERT_EQ(coordinator_.intakes.size(), 1U);
  EXPECT_EQ(coordinator_.intakes[0].lines, 1U);
  EXPECT_EQ(coordinator_.open_bodies, (counts{1, 0}));
  agent.close();
  world_.settle();
  EXPECT_EQ(coordinator_.intakes.size(), 1U) << "once";
}

TEST_F(agent_listener_test, takes_nothing_of_an_unsound_body) {
  raw_peer agent{world_, port_};
  agent.send(chunked_head + "\r\n" + chunk(body));
  world_.run_until([this] { return !coordinator_.open_bodies.empty(); });
  agent.send("no chunk\r\n");
  EXPECT_EQ(agent.read_answer().status, 400);
  EXPECT_EQ(coordinator_.open_bodies, (counts{1, 0}));
  EXPECT_TRUE(coordinator_.intakes.empty());
  EXPECT_EQ(coordinator_.refusals.size(), 1U);
}

// -- others than intake -------------------------------------------------------

constexpr auto register_path = "/register/transaction";
const std::string register_headers =
    "Content-Type: application/vnd.elastic.apm.transaction+ndjson\r\n"
    "x-elastic-aws-request-id: r1\r\n";

TEST_F(agent_listener_test, hands_over_a_registration) {
  send(http_post(register_path, register_headers + "Content-Encoding: gzip\r\n",
                 pack(body, 15 + 16)));
  ASSERT_EQ(coordinator_.registrations.size(), 1U);
  const auto& x = coordinator_.registrations[0];
  EXPECT_EQ(x.request_id, "r1");
  EXPECT_EQ(x.transaction_id, "0011223344556677");
  EXPECT_EQ(x.metadata.view(), metadata);
  EXPECT_EQ(x.line.view(), transaction);
}

TEST_F(agent_listener_test, refuses_a_registration_that_says_too_little) {
  expect_refused(
      http_post(register_path, "x-elastic-aws-request-id: r1\r\n", body), 415);
  const std::string type =
      register_headers.substr(0, register_headers.find("x-elastic"));
  expect_refused(http_post(register_path, type, body), 400);
  expect_refused(http_post(register_path, register_headers, metadata), 422);
  EXPECT_TRUE(coordinator_.registrations.empty());
}

// A refusal ends the request, not the connection: the agent's next is taken.
TEST_F(agent_listener_test, keeps_the_connection_of_a_refused_agent) {
  expect_refused(http_post(intake, "", "no JSON\n"), 400);
  peer_.back().send(http_post(intake, "", body));
  world_.run_until([this] { return !coordinator_.intakes.empty(); });
}

TEST_F(agent_listener_test, relays_what_is_meant_for_the_server) {
  send("GET /?pretty=1 HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n");
  send(http_post("/config/v1/agents", "Content-Type: application/json\r\n",
                 R"({"service":{}})"));
  send("GET /intake/v2/events HTTP/1.1\r\n\r\n");
  send(http_post("/intake/v2/rum/events", "", body));
  ASSERT_EQ(coordinator_.relays.size(), 4U);
  const auto& info = coordinator_.relays[0];
  EXPECT_EQ(info.method, "GET");
  EXPECT_EQ(info.target, "/?pretty=1");
  ASSERT_EQ(info.headers.size(), 1U);
  EXPECT_EQ(info.headers[0].name, "Authorization");
  EXPECT_EQ(info.headers[0].value, "Bearer x");
  EXPECT_TRUE(info.body.empty());
  EXPECT_EQ(coordinator_.relays[1].method, "POST");
  EXPECT_EQ(coordinator_.relays[1].body.view(), R"({"service":{}})");
  EXPECT_NE(coordinator_.relays[1].id, info.id);
}

} // namespace
} // namespace apm
