// Agent: the APM agent inside the built-in function. One class per language
// behaves on the wire as Elastic's agent of that language: which requests in
// which order, with which headers and framing, what it waits for and how long,
// and what it gives up after which answer. Calls come from the function's one
// thread and block as long as the real agent makes its handler wait.
#pragma once

#include "tools/lambda-sandbox/function/clock.hpp"
#include "tools/lambda-sandbox/function/environment.hpp"
#include "tools/lambda-sandbox/function/event_maker.hpp"
#include "tools/lambda-sandbox/function/facts.hpp"
#include "tools/lambda-sandbox/function/function_log.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sandbox::builtin {

/// What an agent needs of its process; all outlive it.
struct agent_context {
  const function_environment& environment;
  fact_writer& facts;
  function_log& log;
};

/// What the script says about the agent in one invocation.
struct agent_options {
  bool register_transaction = true;
  bool flush = true;
  std::int64_t data_delay_ms = 0;
  std::int64_t flush_delay_ms = 0;
};

class agent {
public:
  virtual ~agent() = default;

  /// The process has started; no invocation is there yet.
  virtual void start() {}
  /// An invocation begins: registers its transaction.
  virtual void begin(const agent_options& options,
                     const agent_event& registration) = 0;
  /// A span has ended, or an error was captured.
  virtual void add(agent_event event) = 0;
  /// The handler works, or waits; what the agent does meanwhile happens.
  virtual void work_until(std::int64_t until_ns) = 0;
  /// The handler has returned: sends the rest and the flush signal.
  virtual void finish(std::vector<agent_event> transactions,
                      std::vector<agent_event> errors) = 0;
  /// A span ends after all that; it goes out in the next invocation.
  virtual void add_late(agent_event event) = 0;
  /// The headers of a data request of this agent, without Host and framing.
  virtual http_headers data_headers() const = 0;

  event_maker& events() { return events_; }
  const event_maker& events() const { return events_; }

protected:
  agent(agent_context context, const char* name)
      : context_(context), events_(context.environment, name) {}

  const function_environment& environment() const {
    return context_.environment;
  }
  fact_writer& facts() { return context_.facts; }
  std::string host() const;
  std::string target(const char* path) const;
  /// Opens the connection unless it is open, idle and sound.
  bool ensure_open(http_connection& connection, std::int64_t deadline_ns);
  /// Sends request and body, waits for the answer.
  /// *Errors*: absent, with the reason in `connection.error()`.
  std::optional<http_answer> exchange(http_connection& connection,
                                      const std::string& head,
                                      std::string_view body,
                                      std::int64_t deadline_ns);
  /// Asks for the server's version in a thread of its own, whose end nobody
  /// waits for: the agent must live as long as the process.
  void ask_info_aside(http_headers headers, std::int64_t timeout_ms);
  void report_info(const http_answer* answer);
  void offer(const agent_event& event, std::vector<std::uint64_t>& lines);
  void report_taken(const std::vector<std::uint64_t>& lines);
  void log_error(const std::string& text);

private:
  agent_context context_;
  event_maker events_;
};

/// Returns the agent of that name ("node", "python", "java"), null for "none".
std::unique_ptr<agent> make_agent(const std::string& name,
                                  agent_context context);

/// Returns what an agent logs about an answer that is no success: the status
/// and the server's own words.
std::string answer_error_text(const http_answer& answer);

inline bool is_success(int status) {
  return status >= 200 && status < 300;
}

} // namespace sandbox::builtin
