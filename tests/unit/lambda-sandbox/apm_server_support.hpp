// Support for the tests of the APM Server stand-in: a server that runs on a
// thread of its own while the test is its client.
#pragma once

#include "tools/lambda-sandbox/apm_server/apm_server.hpp"
#include "tools/lambda-sandbox/function/http_connection.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace sandbox {

/// How long a test waits for what should happen at once; far more than the
/// slowest machine needs, so that only what never happens runs into it.
inline constexpr std::int64_t patience_ms = 10'000;

class running_server {
public:
  /// `behaviour` is the array of rules as JSON.
  explicit running_server(const std::string& behaviour,
                          bool is_refusing = false);
  ~running_server();

  std::uint16_t port() const { return port_; }
  builtin::http_address address() const { return {"127.0.0.1", port_}; }

  /// Posts `body` to the intake on a fresh connection.
  /// *Errors*: status 0 without an answer, with the reason in `error`.
  int post(const std::string& body, std::string* error = nullptr);
  /// Waits until so many requests are settled.
  void wait_for_settled(std::size_t count);
  /// Ends the server, so that its record can be looked at at leisure.
  void stop();

  /// Only after `stop`.
  const apm_server& server() const { return server_; }

private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      guard_{io_.get_executor()};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t settled_ = 0;
  apm_server server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// A small sound body: metadata and two spans.
extern const std::string sound_body;

/// Returns the deadline for something that should happen at once.
std::int64_t soon_ns();

/// Returns a POST to the intake, head and body.
std::string intake_post(const std::string& body,
                        const std::string& extra_headers = "");

} // namespace sandbox
