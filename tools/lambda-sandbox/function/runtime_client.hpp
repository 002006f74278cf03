// Runtime client: the Runtime API as AWS's runtime interface clients use it:
// one keep-alive connection, `next` waits for ever.
#pragma once

#include "tools/lambda-sandbox/function/http_connection.hpp"

#include <optional>
#include <string>

namespace sandbox::builtin {

/// One invocation, as `next` gave it.
struct invocation {
  std::string request_id;
  /// Unix ms.
  std::int64_t deadline_ms = 0;
  std::string function_arn;
  std::string trace_id;
  std::string payload;
  /// CLOCK_MONOTONIC ns at which it was complete here.
  std::int64_t received_ns = 0;
  /// The first one of this process.
  bool is_cold = false;
};

class runtime_client {
public:
  explicit runtime_client(http_address address);

  /// Waits for the next invocation.
  /// *Errors*: absent if the Runtime API is gone or answers nonsense.
  std::optional<invocation> next();
  /// Each returns the status of Lambda's answer, 0 if there was none.
  int respond(const std::string& request_id, std::string_view body);
  int respond_error(const std::string& request_id, const std::string& type,
                    const std::string& message);
  int init_error(const std::string& type, const std::string& message);

private:
  int post(const std::string& target, const http_headers& extra,
           std::string_view body);
  bool open();

  http_address address_;
  http_connection connection_;
  bool had_invocation_ = false;
};

} // namespace sandbox::builtin
