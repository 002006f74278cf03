// Wiring one run; see run.hpp.
#include "tools/lambda-sandbox/run.hpp"

#include "tools/lambda-sandbox/apm_server/apm_server.hpp"
#include "tools/lambda-sandbox/aws/aws_server.hpp"
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/lambda_platform.hpp"
#include "tools/lambda-sandbox/log_directory.hpp"
#include "tools/lambda-sandbox/network/network.hpp"
#include "tools/lambda-sandbox/report/account.hpp"
#include "tools/lambda-sandbox/report/facts_reader.hpp"
#include "tools/lambda-sandbox/report/kept_trace.hpp"
#include "tools/lambda-sandbox/run_places.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <fstream>
#include <iostream>

namespace sandbox {

namespace {

/// How long requests at the APM Server may still take when all is over.
constexpr std::int64_t settle_ms = 500;
constexpr std::int64_t settle_step_ms = 10;

int fail(const std::string& text) {
  std::cerr << "lambda-sandbox: " << text << '\n';
  return 1;
}

class sandbox_run {
public:
  sandbox_run(const command_line& options, const scenario& plan)
      : options_{options},
        plan_{plan},
        logs_{options.log_directory},
        observer_{record_, options.is_verbose ? &std::cerr : nullptr},
        server_{io_, plan.apm_server,
                [this](const received_request& request) { told(request); }},
        network_{io_, plan, observer_},
        aws_{io_, plan.aws.value_or(aws_settings{}),
             [this](const aws_request& request) { told(request); }},
        platform_{io_, observer_, plan, sinks()},
        interrupt_{io_},
        settle_timer_{io_} {}

  int go(const std::string& own_program) {
    signal(SIGPIPE, SIG_IGN);
    if (!logs_.problem().empty())
      return fail(logs_.problem());
    if (directory_.path().empty())
      return fail("no temporary directory can be made; is TMPDIR writable?");
    const auto server_port = server_.listen();
    const auto api_port = platform_.listen();
    const auto aws_port = plan_.aws ? aws_.listen() : 0;
    const auto agent_port = plan_.agent_port != 0
                                ? static_cast<std::uint16_t>(plan_.agent_port)
                                : find_agent_port();
    if (!server_port)
      return fail("no port for the APM Server: " + server_.error());
    if (!network_.open(*server_port, directory_.path()))
      return fail(network_.error());
    if (!network_.acm_certificate().empty())
      aws_.keep_certificate(network::acm_arn, network_.acm_certificate());
    if (api_port == 0 || agent_port == 0 || (plan_.aws && aws_port == 0))
      return fail("no free port on loopback");
    if (plan_.agent_port_taken && !taken_port_.take(agent_port))
      return fail("the agent's port is taken by somebody else");
    watch_interrupts();
    record_.begin_ns = now_ns();
    record_.begin_unix_ns = unix_now_ns();
    platform_.run({"127.0.0.1:" + std::to_string(api_port),
                   network_.server_url(),
                   plan_.aws ? "http://127.0.0.1:" + std::to_string(aws_port)
                             : std::string{},
                   agent_port, directory_.path(), own_program,
                   network_.extension_environment()},
                  [this] { settle(now_ns() + settle_ms * ns_per_ms); });
    io_.run();
    record_.end_ns = now_ns();
    if (!plan_.extensions.empty())
      record_.trace = keep_trace(plan_.extensions.front().environment,
                                 {directory_.path(), options_.log_directory,
                                  find_flushtrace(own_program)});
    return tell();
  }

private:
  platform_sinks sinks() {
    return {[this](const program& from, output_stream stream,
                   std::string_view line) {
              if (from.is_extension())
                count_output(line);
              logs_.keep(from, stream, line);
              observer_.program_line(from.name(), line);
            },
            [this](std::string_view line, std::size_t generation) {
              logs_.keep_fact(line);
              take_fact(line, generation);
            }};
  }

  void count_output(std::string_view line) {
    const auto& expected = plan_.expect.extension_output;
    record_.output_lines.resize(expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (line.find(expected[i].text) != std::string_view::npos)
        ++record_.output_lines[i];
  }

  void take_fact(std::string_view line, std::size_t generation) {
    auto fact = read_fact(line, generation);
    if (!fact)
      return;
    if (const auto text = sentence_for(*fact); !text.empty())
      observer_.tell_live(fact->at_ns, "agent", text);
    record_.facts.push_back(std::move(*fact));
  }

  void told(const received_request& request) {
    observer_.tell_live(request.begin_ns, "apm server",
                        request.method + " " + request.target + ", "
                            + std::to_string(request.lines) + " lines -> "
                            + std::to_string(request.status));
  }

  void told(const aws_request& request) {
    record_.aws_requests.push_back(request);
    observer_.note(request.at_ns, "aws",
                   request.target + " " + request.id + " -> "
                       + (request.status == 0
                              ? "no answer"
                              : std::to_string(request.status)));
  }

  void watch_interrupts() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
      interrupt_.add(number);
    interrupt_.async_wait([this](boost::system::error_code error, int) {
      if (error)
        return;
      record_.aborted = "interrupted by a signal";
      io_.stop();
    });
  }

  /// Lets the stand-in finish what the extension left behind.
  void settle(std::int64_t until_ns) {
    settle_timer_.after_ms(settle_step_ms, [this, until_ns] {
      if (server_.open_requests() != 0 && now_ns() < until_ns)
        return settle(until_ns);
      server_.close();
      network_.close();
      aws_.close();
      io_.stop();
    });
  }

  int tell() {
    logs_.keep_received(server_.lines(), record_.begin_ns);
    const auto account =
        make_account(plan_, record_, server_.lines(), server_.requests());
    if (!options_.wants_json) {
      write_text(std::cout, account);
    } else if (options_.json_file.empty()) {
      write_json(std::cout, account);
    } else {
      std::ofstream file{options_.json_file};
      write_json(file, account);
      if (!file.flush())
        return fail(options_.json_file + " can't be written");
    }
    if (!std::cout.flush())
      return fail("standard output can't be written: the account is lost");
    if (!options_.json_file.empty() || options_.wants_json)
      for (const auto& failure : account.failures)
        std::cerr << "lambda-sandbox: " << failure << '\n';
    if (!record_.aborted.empty())
      return 1;
    return account.is_passed() ? 0 : 2;
  }

  const command_line& options_;
  const scenario& plan_;
  run_record record_;
  log_directory logs_;
  temporary_directory directory_;
  taken_port taken_port_;
  boost::asio::io_context io_{1};
  observer observer_;
  apm_server server_;
  network network_;
  aws_server aws_;
  lambda_platform platform_;
  boost::asio::signal_set interrupt_;
  one_shot_timer settle_timer_;
};

} // namespace

int run(const command_line& options, const scenario& plan,
        const std::string& own_program) {
  sandbox_run run{options, plan};
  return run.go(own_program);
}

} // namespace sandbox
