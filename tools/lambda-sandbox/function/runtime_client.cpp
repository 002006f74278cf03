// Runtime client: headers and bodies are those of aws-lambda-cpp 0.2.8 under
// aws-lambda-ric 3.3.0.
#include "tools/lambda-sandbox/function/runtime_client.hpp"

#include "tools/lambda-sandbox/function/clock.hpp"
#include "tools/lambda-sandbox/function/facts.hpp"

#include <cstdlib>
#include <utility>

namespace sandbox::builtin {

namespace {

constexpr const char* base = "/2018-06-01/runtime";
/// "For ever": `next` hangs as long as the sandbox is frozen, or idle.
constexpr std::int64_t never_ns = INT64_MAX;
/// A Runtime API that does not take a response in that time is broken.
constexpr std::int64_t answer_ns = 60'000 * ns_per_ms;

std::string error_json(const std::string& type, const std::string& message) {
  return "{\"errorType\":" + json_string(type)
         + ",\"errorMessage\":" + json_string(message) + ",\"trace\":[\""
         + "    at handler (/var/task/app.js:1:1)" + "\"]}";
}

} // namespace

runtime_client::runtime_client(http_address address)
    : address_(std::move(address)) {}

bool runtime_client::open() {
  // Whatever a silent server left there belongs to no request of ours.
  if (connection_.is_open() && !connection_.has_input())
    return true;
  return connection_.connect(address_, monotonic_ns() + answer_ns);
}

std::optional<invocation> runtime_client::next() {
  if (!open())
    return std::nullopt;
  const auto head = request_head(
      "GET", std::string{base} + "/invocation/next",
      {{"Host", address_.host + ":" + std::to_string(address_.port)},
       {"User-Agent", "AWS_Lambda_Cpp/0.2.8"},
       {"Accept", "*/*"}});
  if (!connection_.send(head, monotonic_ns() + answer_ns))
    return std::nullopt;
  auto answer = connection_.receive(never_ns);
  if (!answer || answer->status != 200)
    return std::nullopt;
  invocation result;
  result.received_ns = monotonic_ns();
  result.request_id = answer->header("Lambda-Runtime-Aws-Request-Id");
  result.function_arn = answer->header("Lambda-Runtime-Invoked-Function-Arn");
  result.trace_id = answer->header("Lambda-Runtime-Trace-Id");
  result.deadline_ms = std::strtoll(
      std::string{answer->header("Lambda-Runtime-Deadline-Ms")}.c_str(),
      nullptr, 10);
  result.payload = std::move(answer->body);
  result.is_cold = !std::exchange(had_invocation_, true);
  if (result.request_id.empty())
    return std::nullopt;
  return result;
}

int runtime_client::respond(const std::string& request_id,
                            std::string_view body) {
  return post(std::string{base} + "/invocation/" + request_id + "/response", {},
              body);
}

int runtime_client::respond_error(const std::string& request_id,
                                  const std::string& type,
                                  const std::string& message) {
  const auto cause =
      "{\"working_directory\":\"/var/task\",\"exceptions\":[{\"type\":"
      + json_string(type) + ",\"message\":" + json_string(message)
      + ",\"stack\":[]}],\"paths\":[]}";
  return post(std::string{base} + "/invocation/" + request_id + "/error",
              {{"lambda-runtime-function-xray-error-cause", cause}},
              error_json(type, message));
}

int runtime_client::init_error(const std::string& type,
                               const std::string& message) {
  return post(std::string{base} + "/init/error",
              {{"Lambda-Runtime-Function-Error-Type", type}},
              error_json(type, message));
}

int runtime_client::post(const std::string& target, const http_headers& extra,
                         std::string_view body) {
  if (!open())
    return 0;
  http_headers headers{
      {"Host", address_.host + ":" + std::to_string(address_.port)},
      {"User-Agent", "AWS_Lambda_Cpp/0.2.8"},
      {"Accept", "*/*"},
      {"content-type", "application/json"}};
  headers.insert(headers.end(), extra.begin(), extra.end());
  headers.emplace_back("content-length", std::to_string(body.size()));
  const auto deadline_ns = monotonic_ns() + answer_ns;
  if (!connection_.send(request_head("POST", target, headers), deadline_ns)
      || !connection_.send(body, deadline_ns))
    return 0;
  const auto answer = connection_.receive(deadline_ns);
  return answer ? answer->status : 0;
}

} // namespace sandbox::builtin
