// Requests of the Runtime API; see runtime_request.hpp.
#include "tools/lambda-sandbox/lambda/runtime_request.hpp"

#include "tools/lambda-sandbox/lambda/api_answers.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"

#include <cctype>

namespace sandbox {

namespace {

constexpr std::string_view prefix = "/2018-06-01/runtime/";
constexpr std::string_view invocation_prefix = "invocation/";

bool take_prefix(std::string_view& text, std::string_view start) {
  if (text.substr(0, start.size()) != start)
    return false;
  text.remove_prefix(start.size());
  return true;
}

bool take_suffix(std::string_view& text, std::string_view end) {
  if (text.size() < end.size() || text.substr(text.size() - end.size()) != end)
    return false;
  text.remove_suffix(end.size());
  return true;
}

/// Lambda knows `Runtime.X…` and `Function.X…`; others it gives a name itself.
/// Source: AWS's emulator, internal/lambda/fatalerror.
std::string known_error_type(std::string_view claimed) {
  const auto is_named = [&](std::string_view group) {
    return claimed.substr(0, group.size()) == group
           && claimed.size() > group.size()
           && std::isupper(static_cast<unsigned char>(claimed[group.size()]))
                  != 0;
  };
  if (is_named("Runtime.") || is_named("Function."))
    return std::string{claimed};
  return claimed.substr(0, 9) == "Function." ? "Function.Unknown"
                                             : "Runtime.Unknown";
}

} // namespace

runtime_call call_of(const http_request& request,
                     std::string_view& request_id) {
  std::string_view path = request.target;
  if (path == "/2018-06-01/ping")
    return runtime_call::ping;
  if (!take_prefix(path, prefix))
    return runtime_call::none;
  const bool is_post = request.method == "POST";
  if (request.method == "GET" && path == "invocation/next")
    return runtime_call::next;
  if (is_post && path == "init/error")
    return runtime_call::init_error;
  if (!is_post || !take_prefix(path, invocation_prefix))
    return runtime_call::none;
  const bool is_error = take_suffix(path, "/error");
  if (!is_error && !take_suffix(path, "/response"))
    return runtime_call::none;
  request_id = path;
  return is_error ? runtime_call::error : runtime_call::response;
}

/// The header says it; AWS's clients leave it out and say it in the body.
std::string error_type_of(const http_request& request) {
  const auto header = request.header("Lambda-Runtime-Function-Error-Type");
  if (!header.empty())
    return known_error_type(header);
  if (const auto body = parse_json(request.body))
    if (auto type = string_member(*body, "errorType"))
      return *type;
  return "Runtime.Unknown";
}

void send_invocation(const http_exchange_ptr& exchange,
                     const runtime_invocation& invocation) {
  exchange->answer(
      200, invocation.payload,
      {{"Content-Type", "application/json"},
       {"Lambda-Runtime-Aws-Request-Id", invocation.request_id},
       {"Lambda-Runtime-Deadline-Ms",
        std::to_string(invocation.deadline_unix_ms)},
       {"Lambda-Runtime-Invoked-Function-Arn", invocation.function_arn},
       {"Lambda-Runtime-Trace-Id", invocation.trace_header}});
}

std::optional<runtime_outcome> take_outcome(const http_exchange_ptr& exchange,
                                            observer& observer,
                                            std::string_view request_id,
                                            bool is_error) {
  const auto& request = exchange->request();
  const auto mode = request.header("Lambda-Runtime-Function-Response-Mode");
  if (!mode.empty() && mode != "streaming") {
    answer_error(exchange, observer, function_program, 400,
                 "InvalidFunctionResponseMode",
                 "Invalid function response mode");
    return std::nullopt;
  }
  if (request.is_truncated) {
    answer_error(exchange, observer, function_program, 400,
                 "TruncatedHTTPRequest", "HTTP request detected as truncated");
    return std::nullopt;
  }
  runtime_outcome said{
      request.arrived_ns, request.body.size(), {}, std::string{request_id}};
  if (is_error)
    said.error_type = error_type_of(request);
  if (request.body.size() > response_bytes_max) {
    said.error_type = "Function.ResponseSizeTooLarge";
    answer_error(exchange, observer, function_program, 413,
                 "RequestEntityTooLarge",
                 "Exceeded maximum allowed payload size ("
                     + std::to_string(response_bytes_max) + " bytes).");
  } else {
    answer_accepted(exchange);
  }
  return said;
}

} // namespace sandbox
