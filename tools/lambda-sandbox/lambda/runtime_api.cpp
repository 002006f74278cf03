// The runtime's state machine; see runtime_api.hpp.
#include "tools/lambda-sandbox/lambda/runtime_api.hpp"

#include "tools/lambda-sandbox/lambda/api_answers.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"

#include <cctype>
#include <utility>

namespace sandbox {

namespace {

constexpr std::string_view who = "function";
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

} // namespace

runtime_api::runtime_api(observer& observer, handlers handle)
    : observer_{observer}, handlers_{std::move(handle)} {}

void runtime_api::begin() {
  state_ = state::started;
  waiting_.clear();
  invocation_ = {};
}

const char* runtime_api::name_of(state state) {
  switch (state) {
  case state::started:
    return "Started";
  case state::ready:
    return "Ready";
  case state::running:
    return "Running";
  case state::responded:
    return "RuntimeResponseSent";
  case state::failed_init:
    return "InitError";
  }
  return "";
}

bool runtime_api::handle(const http_exchange_ptr& exchange) {
  const auto& request = exchange->request();
  std::string_view path = request.target;
  if (path == "/2018-06-01/ping") {
    exchange->answer(200, "pong");
    return true;
  }
  if (!take_prefix(path, prefix))
    return false;
  const bool is_post = request.method == "POST";
  if (request.method == "GET" && path == "invocation/next") {
    next(exchange);
    return true;
  }
  if (is_post && path == "init/error") {
    init_error(exchange);
    return true;
  }
  if (!is_post || !take_prefix(path, invocation_prefix))
    return false;
  const bool is_error = take_suffix(path, "/error");
  if (!is_error && !take_suffix(path, "/response"))
    return false;
  outcome(exchange, path, is_error);
  return true;
}

void runtime_api::refuse(const http_exchange_ptr& exchange,
                         std::string_view wanted) {
  answer_error(exchange, observer_, who, 403, "InvalidStateTransition",
               transition_refused(name_of(state_), wanted, "runtime"));
}

void runtime_api::next(const http_exchange_ptr& exchange) {
  if (state_ == state::failed_init)
    return refuse(exchange, "Ready");
  if (state_ == state::running)
    return send_invocation(exchange); // the same once more, as Lambda does
  waiting_.push_back(exchange);
  if (std::exchange(state_, state::ready) != state::ready)
    handlers_.on_next(exchange->request().arrived_ns);
}

void runtime_api::hand_out(runtime_invocation invocation) {
  invocation_ = std::move(invocation);
  state_ = state::running;
  for (const auto& exchange : std::exchange(waiting_, {}))
    send_invocation(exchange);
}

void runtime_api::send_invocation(const http_exchange_ptr& exchange) const {
  exchange->answer(
      200, invocation_.payload,
      {{"Content-Type", "application/json"},
       {"Lambda-Runtime-Aws-Request-Id", invocation_.request_id},
       {"Lambda-Runtime-Deadline-Ms",
        std::to_string(invocation_.deadline_unix_ms)},
       {"Lambda-Runtime-Invoked-Function-Arn", invocation_.function_arn},
       {"Lambda-Runtime-Trace-Id", invocation_.trace_header}});
}

void runtime_api::outcome(const http_exchange_ptr& exchange,
                          std::string_view request_id, bool is_error) {
  const auto& request = exchange->request();
  const auto* wanted =
      is_error ? "InvocationErrorResponse" : "InvocationResponse";
  if (invocation_.request_id.empty() || request_id != invocation_.request_id) {
    if (invocation_.request_id.empty())
      return refuse(exchange, wanted);
    return answer_error(exchange, observer_, who, 400, "InvalidRequestID",
                        "Invalid request ID");
  }
  if (state_ != state::running)
    return refuse(exchange, wanted);
  const auto mode = request.header("Lambda-Runtime-Function-Response-Mode");
  if (!mode.empty() && mode != "streaming")
    return answer_error(exchange, observer_, who, 400,
                        "InvalidFunctionResponseMode",
                        "Invalid function response mode");
  if (request.is_truncated)
    return answer_error(exchange, observer_, who, 400, "TruncatedHTTPRequest",
                        "HTTP request detected as truncated");
  state_ = state::responded;
  runtime_outcome said{request.arrived_ns, request.body.size(), {}};
  if (is_error)
    said.error_type = error_type_of(request);
  if (request.body.size() > response_bytes_max) {
    said.error_type = "Function.ResponseSizeTooLarge";
    answer_error(exchange, observer_, who, 413, "RequestEntityTooLarge",
                 "Exceeded maximum allowed payload size ("
                     + std::to_string(response_bytes_max) + " bytes).");
  } else {
    answer_accepted(exchange);
  }
  handlers_.on_outcome(said);
}

void runtime_api::init_error(const http_exchange_ptr& exchange) {
  if (state_ != state::started)
    return refuse(exchange, "InitError");
  state_ = state::failed_init;
  answer_accepted(exchange);
  handlers_.on_init_error(exchange->request().arrived_ns,
                          error_type_of(exchange->request()));
}

} // namespace sandbox
