// What all forms of the Runtime API share: reading a request, checking what the
// runtime says of an invocation, and the answer that carries one.
// Source: AWS Lambda developer guide, "Runtime API"; AWS's emulator,
// internal/lambda/rapi/handler.
#pragma once

#include "tools/lambda-sandbox/lambda/http_server.hpp"
#include "tools/lambda-sandbox/report/observer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox {

/// Whose requests these are, in the report.
inline constexpr std::string_view function_program = "function";

/// What the runtime gets with `next`.
struct runtime_invocation {
  std::string request_id;
  std::int64_t deadline_unix_ms = 0;
  std::string function_arn;
  std::string trace_header;
  /// The event: any bytes, usually JSON.
  std::string payload;
};

/// What the runtime said at the end of an invocation.
struct runtime_outcome {
  std::int64_t at_ns = 0;
  std::size_t bytes = 0;
  /// Empty for a response; else the error's type.
  std::string error_type;
  std::string request_id;
};

/// Largest response that Lambda takes: 6 MiB and 100 bytes.
inline constexpr std::size_t response_bytes_max = 6'291'556;

enum class runtime_call { none, ping, next, init_error, response, error };

/// Which call a request is. *Shape*: `request_id` is that of the path, for
/// `response` and `error`, and lives as long as the request.
runtime_call call_of(const http_request& request, std::string_view& request_id);

/// What the runtime calls its error, as Lambda names it.
std::string error_type_of(const http_request& request);

/// Answers `next` with its invocation.
void send_invocation(const http_exchange_ptr& exchange,
                     const runtime_invocation& invocation);

/// Takes `response` or `error` of a running invocation and answers it.
/// *Errors*: absent, and answered, if the request itself is unsound.
std::optional<runtime_outcome> take_outcome(const http_exchange_ptr& exchange,
                                            observer& observer,
                                            std::string_view request_id,
                                            bool is_error);

} // namespace sandbox
