// Children and their output, and the HTTP server: with real processes and
// sockets, but no waiting for time to pass.
#include "tests/unit/lambda-sandbox/lambda_support.hpp"
#include "tools/lambda-sandbox/lambda/child_process.hpp"
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"
#include "tools/lambda-sandbox/lambda/output_reader.hpp"
#include "tools/lambda-sandbox/lambda/program.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <csignal>

namespace sandbox {

namespace {

std::vector<std::string> cut(void (*cutter)(std::string&,
                                            const output_reader::line_handler&),
                             std::string& pending) {
  std::vector<std::string> lines;
  cutter(pending, [&](std::string_view line) { lines.emplace_back(line); });
  return lines;
}

std::string frame(std::uint32_t type, const std::string& text) {
  std::string bytes;
  for (const auto number : {type, static_cast<std::uint32_t>(text.size())})
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes += static_cast<char>(number >> shift);
  return bytes + std::string(8, '\0') + text;
}

/// The kernel stamps with another clock than ours.
constexpr std::int64_t clocks_tolerance_ns = 5'000;

struct program_run {
  std::vector<std::string> lines;
  process_exit exit;
};

program_run run_shell(const std::string& script, int signal_number = 0) {
  boost::asio::io_context io;
  child_reaper reaper{io};
  program_run result;
  child_options options;
  options.arguments = {"/bin/sh", "-c", script};
  options.environment = {"PATH=/usr/bin:/bin", "NAME=value"};
  options.has_facts_pipe = true;
  std::string error;
  const auto started =
      program::start(io, reaper, "shell", true, options,
                     {[&](program&, output_stream, std::string_view line) {
                        result.lines.emplace_back(line);
                      },
                      [&](program&, const process_exit& exit) {
                        result.exit = exit;
                        reaper.close();
                        io.stop();
                      }},
                     error);
  EXPECT_TRUE(started) << error;
  if (signal_number != 0)
    started->signal(signal_number);
  io.run_for(std::chrono::seconds{10});
  return result;
}

} // namespace

TEST(output_test, lines_are_cut_at_newlines) {
  std::string pending = "one\n\ntwo\nthr";
  EXPECT_EQ(cut(cut_lines, pending),
            (std::vector<std::string>{"one", "", "two"}));
  EXPECT_EQ(pending, "thr");
}

TEST(output_test, long_lines_are_cut_at_256_kib) {
  std::string pending = std::string(300 * 1024, 'x') + "\n";
  const auto lines = cut(cut_lines, pending);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].size(), 256u * 1024);
  EXPECT_EQ(lines[1].size(), 44u * 1024);
  EXPECT_EQ(pending, "");
}

TEST(output_test, frames_keep_newlines_within) {
  // 0xa55a000f: a text frame of level INFO.
  auto pending = frame(0xa55a000f, "a\nb\n") + frame(0xa55a000e, "{}");
  pending.resize(pending.size() - 1);
  EXPECT_EQ(cut(cut_frames, pending), (std::vector<std::string>{"a\nb"}));
  pending += '}';
  EXPECT_EQ(cut(cut_frames, pending), (std::vector<std::string>{"{}"}));
  pending = "no frame at all\n";
  EXPECT_EQ(cut(cut_frames, pending),
            (std::vector<std::string>{"no frame at all"}));
}

TEST(program_test, output_environment_and_status_arrive) {
  const auto run = run_shell("echo $NAME; echo fact >&3; printf rest; exit 3");
  EXPECT_EQ(run.exit.code, 3);
  EXPECT_EQ(run.exit.text(), "exit status 3");
  std::set<std::string> lines{run.lines.begin(), run.lines.end()};
  EXPECT_EQ(lines, (std::set<std::string>{"value", "fact", "rest"}));
}

TEST(program_test, only_its_own_pipes_are_open) {
  // 0, 1, 2, the facts pipe 3, and the one that lists the folder.
  const auto run = run_shell("ls /proc/self/fd | wc -l");
  ASSERT_EQ(run.lines.size(), 1u);
  EXPECT_EQ(std::stoi(run.lines[0]), 5);
}

TEST(program_test, the_group_is_killed_as_a_whole) {
  const auto run = run_shell("sleep 100 & wait", SIGKILL);
  EXPECT_TRUE(run.exit.is_by_signal);
  EXPECT_EQ(run.exit.text(), "signal: killed");
}

TEST(program_test, what_can_not_be_started_says_why) {
  boost::asio::io_context io;
  child_reaper reaper{io};
  child_options options;
  options.arguments = {"/no/such/program"};
  std::string error;
  EXPECT_FALSE(program::start(io, reaper, "none", true, options, {}, error));
  EXPECT_EQ(error, "/no/such/program: No such file or directory");
}

TEST(http_server_test, an_answer_may_come_later) {
  boost::asio::io_context io;
  std::vector<http_exchange_ptr> exchanges;
  http_server server{io, [&](http_exchange_ptr exchange) {
                       exchanges.push_back(std::move(exchange));
                     }};
  const auto port = server.listen();
  ASSERT_NE(port, 0);
  boost::asio::ip::tcp::socket client{io};
  client.connect({boost::asio::ip::address_v4::loopback(), port});
  const auto before_ns = now_ns();
  boost::asio::write(client, boost::asio::buffer(std::string{
                                 "POST /a HTTP/1.1\r\nHost: x\r\nX-Name: v\r\n"
                                 "Content-Length: 2\r\n\r\nhi"
                                 "GET /b HTTP/1.1\r\nHost: x\r\n\r\n"}));
  while (exchanges.empty())
    io.run_one();
  const auto& request = exchanges[0]->request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/a");
  EXPECT_EQ(request.body, "hi");
  EXPECT_EQ(request.header("x-name"), "v");
  EXPECT_GE(request.arrived_ns, before_ns - clocks_tolerance_ns);
  EXPECT_LE(request.arrived_ns, now_ns());
  EXPECT_EQ(exchanges.size(), 1u); // one at a time
  exchanges[0]->answer(200, "done", {{"Content-Type", "text/plain"}});
  const std::string expected = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                               "Content-Length: 4\r\n\r\ndone";
  std::string got(expected.size(), '\0');
  while (exchanges.size() < 2)
    io.run_one();
  boost::asio::read(client, boost::asio::buffer(got));
  EXPECT_EQ(got, expected);
  client.close();
  while (!exchanges[1]->is_abandoned())
    io.run_one();
}

TEST(http_server_test, a_late_reader_does_not_falsify_the_arrival) {
  boost::asio::io_context io;
  http_exchange_ptr exchange;
  http_server server{io,
                     [&](http_exchange_ptr got) { exchange = std::move(got); }};
  boost::asio::ip::tcp::socket client{io};
  client.connect({boost::asio::ip::address_v4::loopback(), server.listen()});
  // The kernel begins to stamp a little after it was asked to.
  for (int attempt = 0; attempt < 100; ++attempt) {
    boost::asio::write(
        client, boost::asio::buffer(std::string{"GET / HTTP/1.1\r\n\r\n"}));
    const auto written_ns = now_ns();
    while (now_ns() < written_ns + 100 * clocks_tolerance_ns) {
    }
    exchange.reset();
    while (!exchange)
      io.run_one();
    const auto arrived_ns = exchange->request().arrived_ns;
    exchange->answer(200, "");
    if (arrived_ns <= written_ns + clocks_tolerance_ns)
      return;
  }
  GTEST_SKIP() << "this kernel does not stamp what arrives on loopback";
}

TEST(json_text_test, numbers_are_short) {
  EXPECT_EQ(json_number(1.5, 3), "1.5");
  EXPECT_EQ(json_number(2.0, 3), "2");
  EXPECT_EQ(json_number(-0.0001, 3), "0");
  EXPECT_EQ(json_number(100.0, 0), "100");
}

} // namespace sandbox
