// Capture replay: sends the requests of a capture again, as they were: headers
// in order and case, framing, proportions of chunks, connections, and times.
// Only Host becomes the real one, and bodies are compressed anew.
#pragma once

#include "tools/lambda-sandbox/function/agent.hpp"
#include "tools/lambda-sandbox/function/capture.hpp"

#include <map>

namespace sandbox::builtin {

class capture_replay {
public:
  explicit capture_replay(agent_context context);

  /// Sends all requests of one invocation.
  /// *Units*: `zero_ns`, CLOCK_MONOTONIC, is the moment at which the runtime
  /// got the invocation. A request starts at its captured time, or when the
  /// answer to the one before it is there, whichever is later.
  void send(const capture& captured, std::int64_t zero_ns);

private:
  void send_one(const captured_request& request, std::int64_t zero_ns);
  bool send_body(const captured_request& request, http_connection& connection,
                 const std::string& encoded, std::int64_t zero_ns,
                 std::int64_t late_ns);
  void report(const captured_request& request,
              const std::optional<http_answer>& answer,
              const std::vector<std::uint64_t>& lines);

  agent_context context_;
  /// By the capture's number; they last, as the agent's do.
  std::map<int, http_connection> connections_;
};

/// Offers every line of a body but a metadata line, returns their numbers.
std::vector<std::uint64_t> offer_lines(fact_writer& facts,
                                       std::string_view body);

} // namespace sandbox::builtin
