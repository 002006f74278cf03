// The APM Server stand-in: a real HTTP/1.1 server on loopback that answers
// /intake/v2/events by rule (rules.hpp), keeps every line it received, and
// checks what an APM Server would check. `GET /` tells its version; anything
// else is answered 404. It runs on the given io_context, in that one thread:
//   sandbox::apm_server server{io, settings, [](const auto& request) {…}};
//   auto port = server.listen();
//   … io.run() …
//   for (auto& line : server.lines()) …
#pragma once

#include "tools/lambda-sandbox/apm_server/rules.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sandbox {

/// One NDJSON line of a request to /intake/v2/events.
struct received_line {
  /// "metadata", "transaction", "span", "error", "metricset", "log" or "other".
  std::string kind;
  /// The exact bytes of the line without its newline.
  std::string text;
  /// `received_request::number` of the request that carried it.
  std::uint64_t request = 0;
  /// CLOCK_MONOTONIC ns at which the request's body was complete.
  std::int64_t at_ns = 0;
  /// Whether it entered the server. Final once the request is settled. A
  /// metadata line is no event: it is accepted with any 2xx.
  bool accepted = false;
};

/// One HTTP request, whatever became of it.
/// *Units*: times are CLOCK_MONOTONIC ns, sizes bytes.
struct received_request {
  /// Counts all requests from 1, in the order in which their headers came.
  std::uint64_t number = 0;
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  /// When the header was complete.
  std::int64_t begin_ns = 0;
  /// When the body was complete; 0: never.
  std::int64_t end_ns = 0;
  /// When the answer was written; 0: never.
  std::int64_t answered_ns = 0;
  /// Status of the answer; 0: none was given.
  int status = 0;
  /// Bytes of the body as they came, after chunks were joined, before
  /// decompression.
  std::size_t wire_bytes = 0;
  /// Bytes of the body after decompression.
  std::size_t body_bytes = 0;
  /// Event lines, i.e. without the metadata line.
  std::size_t lines = 0;
  /// How many of these entered the server.
  std::size_t lines_accepted = 0;
  /// True: the client went away before the body was complete, or before it had
  /// its answer.
  bool is_aborted = false;
  /// What a strict APM Server would complain about, one sentence each.
  std::vector<std::string> protocol_errors;
};

class server_state;

class apm_server {
public:
  /// Called once for each request, when it is settled: answered, or certain
  /// never to be. (A request that hangs is settled when its body is complete.)
  using request_handler = std::function<void(const received_request&)>;

  apm_server(boost::asio::io_context& io, apm_server_settings settings,
             request_handler on_request);
  apm_server(const apm_server&) = delete;
  apm_server& operator=(const apm_server&) = delete;
  /// Closes as `close` does. The io_context may outlive the server: what is
  /// still queued there does nothing.
  ~apm_server();

  /// Opens the port on 127.0.0.1 and returns its number (0 lets the kernel
  /// choose). With `refuse` the number is reserved, but connects are refused.
  /// *Errors*: absent if the port can't be had; `error()` says why.
  [[nodiscard]] std::optional<std::uint16_t> listen(std::uint16_t port = 0);
  const std::string& error() const;

  /// All lines in the order of the ends of their requests.
  const std::vector<received_line>& lines() const;
  /// All requests in the order of their numbers, open ones included.
  const std::vector<received_request>& requests() const;
  /// Number of requests whose header has come and which wait for the rest of
  /// their body or for their answer; those that hang are not counted.
  std::size_t open_requests() const;

  /// Closes the port and all connections.
  void close();

private:
  std::shared_ptr<server_state> state_;
};

} // namespace sandbox
