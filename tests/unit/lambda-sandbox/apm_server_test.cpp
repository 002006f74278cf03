// Tests of the APM Server stand-in over real loopback connections: what it
// answers by rule, and what its record says afterwards.
#include "tests/unit/lambda-sandbox/apm_server_support.hpp"
#include "tools/lambda-sandbox/apm_server/apm_server.hpp"
#include "tools/lambda-sandbox/function/body_encoder.hpp"
#include "tools/lambda-sandbox/function/clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace sandbox {
namespace {

using builtin::http_connection;

std::size_t accepted_lines(const apm_server& server) {
  return static_cast<std::size_t>(std::count_if(
      server.lines().begin(), server.lines().end(), [](const auto& line) {
        return line.accepted && line.kind != "metadata";
      }));
}

TEST(apm_server, accepts_and_records_lines_byte_for_byte) {
  running_server running{"[]"};
  EXPECT_EQ(running.post(sound_body), 202);
  running.wait_for_settled(1);
  running.stop();
  const auto& server = running.server();
  ASSERT_EQ(server.lines().size(), 3u);
  EXPECT_EQ(server.lines()[0].kind, "metadata");
  EXPECT_EQ(server.lines()[2].text, "{\"span\":{\"id\":\"2\"}}");
  EXPECT_EQ(accepted_lines(server), 2u);
  ASSERT_EQ(server.requests().size(), 1u);
  const auto& request = server.requests()[0];
  EXPECT_EQ(request.number, 1u);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/intake/v2/events");
  // Header names keep their case and order.
  ASSERT_EQ(request.headers.size(), 3u);
  EXPECT_EQ(request.headers[1].first, "Content-Type");
  EXPECT_EQ(request.status, 202);
  EXPECT_EQ(request.lines, 2u);
  EXPECT_EQ(request.lines_accepted, 2u);
  EXPECT_EQ(request.wire_bytes, sound_body.size());
  EXPECT_TRUE(request.protocol_errors.empty());
  EXPECT_LE(request.begin_ns, request.end_ns);
  EXPECT_LE(request.end_ns, request.answered_ns);
  EXPECT_EQ(server.open_requests(), 0u);
}

TEST(apm_server, an_error_accepts_the_first_lines_that_it_says) {
  running_server running{
      R"([{"status": 503, "body": {"accepted": 1, "errors": []}}])"};
  EXPECT_EQ(running.post(sound_body), 503);
  EXPECT_EQ(running.post(sound_body), 202);
  running.wait_for_settled(2);
  running.stop();
  const auto& lines = running.server().lines();
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_TRUE(lines[1].accepted);
  EXPECT_FALSE(lines[2].accepted);
  EXPECT_TRUE(lines[4].accepted);
  EXPECT_TRUE(lines[5].accepted);
}

TEST(apm_server, an_error_without_a_body_gets_the_servers_usual_one) {
  running_server running{
      R"([{"status": 429, "headers": {"Retry-After": "7"}}])"};
  http_connection connection;
  ASSERT_TRUE(connection.connect(running.address(), soon_ns()));
  ASSERT_TRUE(connection.send(intake_post(sound_body), soon_ns()));
  const auto answer = connection.receive(soon_ns());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 429);
  EXPECT_EQ(answer->header("Retry-After"), "7");
  EXPECT_EQ(answer->body,
            R"({"accepted":0,"errors":[{"message":"Too Many Requests"}]})");
}

TEST(apm_server, requests_that_are_not_to_be_recorded_leave_no_lines) {
  running_server running{R"([{"status": 500, "record": false}])"};
  EXPECT_EQ(running.post(sound_body), 500);
  running.wait_for_settled(1);
  running.stop();
  EXPECT_TRUE(running.server().lines().empty());
  EXPECT_EQ(running.server().requests()[0].lines, 2u);
}

TEST(apm_server, a_delay_is_between_body_and_answer) {
  running_server running{R"([{"delay_ms": 30}])"};
  EXPECT_EQ(running.post(sound_body), 202);
  running.wait_for_settled(1);
  running.stop();
  const auto& request = running.server().requests()[0];
  EXPECT_GE(request.answered_ns - request.end_ns, 30 * builtin::ns_per_ms);
  EXPECT_EQ(accepted_lines(running.server()), 2u);
}

TEST(apm_server, a_client_that_gives_up_during_the_delay_is_noticed) {
  running_server running{R"([{"delay_ms": 60000}])"};
  http_connection connection;
  ASSERT_TRUE(connection.connect(running.address(), soon_ns()));
  ASSERT_TRUE(connection.send(intake_post(sound_body), soon_ns()));
  // 20 ms: long enough for the body to be there in all but the worst case, and
  // right in any case: an end before the body is an abort, too.
  EXPECT_FALSE(
      connection.receive(builtin::monotonic_ns() + 20 * builtin::ns_per_ms));
  connection.close();
  running.wait_for_settled(1);
  running.stop();
  const auto& request = running.server().requests()[0];
  EXPECT_TRUE(request.is_aborted);
  EXPECT_EQ(request.status, 0);
  EXPECT_EQ(accepted_lines(running.server()), 0u);
}

TEST(apm_server, a_request_that_hangs_gets_no_answer) {
  running_server running{R"([{"hang": true}])"};
  http_connection connection;
  ASSERT_TRUE(connection.connect(running.address(), soon_ns()));
  ASSERT_TRUE(connection.send(intake_post(sound_body), soon_ns()));
  running.wait_for_settled(1);
  EXPECT_FALSE(connection.has_input());
  EXPECT_EQ(running.post(sound_body), 202);
  running.wait_for_settled(2);
  running.stop();
  EXPECT_EQ(running.server().requests()[0].status, 0);
  EXPECT_EQ(running.server().requests()[0].lines_accepted, 0u);
  EXPECT_EQ(running.server().open_requests(), 0u);
}

TEST(apm_server, closes_before_or_after_the_body) {
  running_server running{R"([{"close": "before_body"}, {"close": "after_body"},
                            {"close": "after_body", "accept": true}])"};
  std::string error;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(running.post(sound_body, &error), 0);
    EXPECT_TRUE(error == "ECONNRESET" || error == "EPIPE") << error;
  }
  running.wait_for_settled(3);
  running.stop();
  const auto& requests = running.server().requests();
  EXPECT_EQ(requests[0].end_ns, 0);
  EXPECT_GT(requests[1].end_ns, 0);
  EXPECT_EQ(requests[1].lines_accepted, 0u);
  // The lost answer: the lines are in all the same.
  EXPECT_EQ(requests[2].lines_accepted, 2u);
}

TEST(apm_server, closes_within_the_answer) {
  running_server running{R"([{"close": "within_answer"}])"};
  std::string error;
  EXPECT_EQ(running.post(sound_body, &error), 0);
  EXPECT_EQ(error, "ECONNRESET");
  running.wait_for_settled(1);
  EXPECT_EQ(running.post(sound_body), 202);
  running.stop();
  EXPECT_EQ(running.server().requests()[0].lines_accepted, 0u);
  EXPECT_EQ(running.server().requests()[0].status, 0);
}

TEST(apm_server, refuses_connections_for_a_time) {
  running_server running{R"([{"status": 503}, {"refuse_ms": 40}])"};
  EXPECT_EQ(running.post(sound_body), 503);
  const auto refused_ns = builtin::monotonic_ns();
  std::string error;
  int status = 0;
  int refusals = 0;
  // The port closes right after the 503, and opens 40 ms later.
  while ((status = running.post(sound_body, &error)) == 0) {
    refusals += error == "ECONNREFUSED" ? 1 : 0;
    ASSERT_LT(builtin::monotonic_ns(),
              refused_ns + patience_ms * builtin::ns_per_ms);
    std::this_thread::yield();
  }
  EXPECT_EQ(status, 202);
  EXPECT_GT(refusals, 0);
  EXPECT_GE(builtin::monotonic_ns() - refused_ns, 35 * builtin::ns_per_ms);
}

TEST(apm_server, a_server_that_refuses_keeps_its_port) {
  running_server running{"[]", true};
  std::string error;
  EXPECT_EQ(running.post(sound_body, &error), 0);
  EXPECT_EQ(error, "ECONNREFUSED");
}

TEST(apm_server, tells_its_version_and_knows_no_other_path) {
  running_server running{"[]"};
  http_connection connection;
  ASSERT_TRUE(connection.connect(running.address(), soon_ns()));
  ASSERT_TRUE(connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n", soon_ns()));
  auto answer = connection.receive(soon_ns());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  // 8.15.0: the default of apm_server_settings.
  EXPECT_NE(answer->body.find("\"version\":\"8.15.0\""), std::string::npos);
  EXPECT_NE(answer->body.find("\"publish_ready\":true"), std::string::npos);
  // The same connection goes on.
  ASSERT_TRUE(
      connection.send("GET /config HTTP/1.1\r\nHost: x\r\n\r\n", soon_ns()));
  answer = connection.receive(soon_ns());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
}

TEST(apm_server, reads_chunked_gzip_after_100_continue) {
  running_server running{"[]"};
  http_connection connection;
  ASSERT_TRUE(connection.connect(running.address(), soon_ns()));
  ASSERT_TRUE(connection.send(
      "POST /intake/v2/events HTTP/1.1\r\nHost: x\r\nContent-Type: "
      "application/x-ndjson; charset=utf-8\r\nContent-Encoding: gzip\r\n"
      "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
      soon_ns()));
  const auto wire =
      builtin::encode_body(builtin::body_encoding::gzip, sound_body);
  for (const auto byte : wire)
    ASSERT_TRUE(
        connection.send(builtin::chunk_of(std::string(1, byte)), soon_ns()));
  ASSERT_TRUE(connection.send(builtin::last_chunk, soon_ns()));
  const auto answer = connection.receive(soon_ns());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 202);
  running.wait_for_settled(1);
  running.stop();
  EXPECT_EQ(running.server().requests()[0].wire_bytes, wire.size());
  EXPECT_EQ(running.server().requests()[0].body_bytes, sound_body.size());
  EXPECT_TRUE(running.server().requests()[0].protocol_errors.empty());
}

TEST(apm_server, complains_about_what_a_real_server_would_refuse) {
  running_server running{"[]"};
  http_connection connection;
  ASSERT_TRUE(connection.connect(running.address(), soon_ns()));
  ASSERT_TRUE(connection.send("POST /intake/v2/events HTTP/1.1\r\nHost: x\r\n"
                              "Content-Type: text/plain\r\nContent-Length: 12"
                              "\r\n\r\n{\"span\":{}}\n",
                              soon_ns()));
  EXPECT_TRUE(connection.receive(soon_ns()));
  running.wait_for_settled(1);
  running.stop();
  const auto& errors = running.server().requests()[0].protocol_errors;
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0], "Content-Type is \"text/plain\", not "
                       "application/x-ndjson");
  EXPECT_EQ(errors[1], "line 1: is no metadata line, but span");
  // The bytes are kept all the same.
  EXPECT_EQ(running.server().lines().size(), 1u);
}

TEST(apm_server, cut_and_broken_requests_are_on_record) {
  running_server running{"[]"};
  http_connection cut;
  ASSERT_TRUE(cut.connect(running.address(), soon_ns()));
  const auto whole = intake_post(sound_body);
  ASSERT_TRUE(cut.send(whole.substr(0, whole.size() - 5), soon_ns()));
  cut.end_sending();
  running.wait_for_settled(1);
  http_connection broken;
  ASSERT_TRUE(broken.connect(running.address(), soon_ns()));
  ASSERT_TRUE(broken.send("\x16\x03\x01 no HTTP at all\r\n\r\n", soon_ns()));
  running.wait_for_settled(2);
  running.stop();
  const auto& requests = running.server().requests();
  EXPECT_TRUE(requests[0].is_aborted);
  EXPECT_EQ(requests[0].wire_bytes, sound_body.size() - 5);
  EXPECT_TRUE(running.server().lines().empty());
  ASSERT_EQ(requests[1].protocol_errors.size(), 1u);
  EXPECT_NE(requests[1].protocol_errors[0].find("no HTTP"), std::string::npos);
}

TEST(apm_server, takes_hundreds_of_connections_at_once) {
  // 300: more than any extension opens, less than the usual limit of 1,024
  // files for both ends in one process.
  constexpr std::size_t count = 300;
  running_server running{"[]"};
  std::vector<http_connection> connections(count);
  for (auto& connection : connections)
    ASSERT_TRUE(connection.connect(running.address(), soon_ns()));
  for (auto& connection : connections)
    ASSERT_TRUE(connection.send(intake_post(sound_body), soon_ns()));
  for (auto& connection : connections) {
    const auto answer = connection.receive(soon_ns());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 202);
  }
  running.wait_for_settled(count);
  running.stop();
  EXPECT_EQ(accepted_lines(running.server()), 2 * count);
}

} // namespace
} // namespace sandbox
