// Event maker: the NDJSON lines of the built-in function's agent, in the shape
// and about the size of those that Elastic's Node.js agent makes.
// *Source*: captured bodies; https://github.com/elastic/apm-data, input schema.
#pragma once

#include "tools/lambda-sandbox/function/environment.hpp"
#include "tools/lambda-sandbox/function/runtime_client.hpp"

#include <cstdint>
#include <random>
#include <string>

namespace sandbox::builtin {

/// One line for the extension.
struct agent_event {
  /// "transaction", "span" or "error".
  std::string kind;
  /// Without newline.
  std::string line;
};

/// What ties the events of one transaction together.
struct transaction_context {
  std::string id;
  std::string trace_id;
  std::int64_t begin_us = 0;
};

class event_maker {
public:
  /// *Shape*: `agent` is "node", "python" or "java".
  event_maker(const function_environment& environment, std::string agent);

  /// All members that come from the invocation are those of `invoked`.
  void begin(const invocation& invoked);
  transaction_context new_transaction();

  std::string metadata() const;
  /// The line for /register/transaction: no duration, result "undefined" (Node)
  /// and outcome "unknown", since the handler has yet to run.
  agent_event registration(const transaction_context& context) const;
  agent_event transaction(const transaction_context& context, bool is_success,
                          std::int64_t spans) const;
  /// *Units*: `bytes` is the length of the line, reached within a few bytes
  /// when it is more than the least a span needs (about 290).
  agent_event span(const transaction_context& context, std::int64_t number,
                   double duration_ms, std::int64_t bytes);
  agent_event error(const transaction_context& context, std::string_view text);

  std::string user_agent() const;
  const std::string& request_id() const { return invocation_.request_id; }

private:
  std::string random_hex(std::size_t digits);
  std::string transaction_line(const transaction_context& context,
                               const std::string& result,
                               const std::string& outcome,
                               const std::string& duration,
                               std::int64_t spans) const;

  const function_environment& environment_;
  std::string agent_;
  invocation invocation_;
  std::mt19937_64 random_{std::random_device{}()};
};

} // namespace sandbox::builtin
