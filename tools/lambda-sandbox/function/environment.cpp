// Environment: see the header.
#include "tools/lambda-sandbox/function/environment.hpp"

#include <cstdlib>

namespace sandbox::builtin {

namespace {

std::string variable(const char* name, const char* otherwise = "") {
  const auto* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

bool parse_server_url(std::string_view url, function_environment& result) {
  constexpr std::string_view scheme = "http://";
  if (url.substr(0, scheme.size()) != scheme)
    return false;
  url.remove_prefix(scheme.size());
  const auto slash = std::min(url.find('/'), url.size());
  // The default port of http.
  const auto address = parse_address(url.substr(0, slash), 80);
  if (!address)
    return false;
  result.apm_server = *address;
  result.apm_path = url.substr(slash);
  while (!result.apm_path.empty() && result.apm_path.back() == '/')
    result.apm_path.pop_back();
  return true;
}

} // namespace

std::optional<http_address> parse_address(std::string_view text,
                                          std::uint16_t default_port) {
  const auto colon = text.rfind(':');
  if (text.empty())
    return std::nullopt;
  if (colon == std::string_view::npos)
    return http_address{std::string{text}, default_port};
  const std::string digits{text.substr(colon + 1)};
  char* end = nullptr;
  const auto port = std::strtoul(digits.c_str(), &end, 10);
  if (digits.empty() || *end != '\0' || port == 0 || port > 65535)
    return std::nullopt;
  return http_address{std::string{text.substr(0, colon)},
                      static_cast<std::uint16_t>(port)};
}

std::optional<function_environment> read_environment(std::string& message) {
  function_environment result;
  const auto runtime_api =
      parse_address(variable("AWS_LAMBDA_RUNTIME_API"), 80);
  if (!runtime_api) {
    message = "AWS_LAMBDA_RUNTIME_API must be host:port: lambda-sandbox starts "
              "this function, it is not for calling by hand";
    return std::nullopt;
  }
  result.runtime_api = *runtime_api;
  const auto url = variable("ELASTIC_APM_SERVER_URL", "http://127.0.0.1:8200");
  if (!parse_server_url(url, result)) {
    message =
        "ELASTIC_APM_SERVER_URL must be http://host:port[/path], but is " + url;
    return std::nullopt;
  }
  const auto api_key = variable("ELASTIC_APM_API_KEY");
  const auto token = variable("ELASTIC_APM_SECRET_TOKEN");
  if (!api_key.empty())
    result.authorization = "ApiKey " + api_key;
  else if (!token.empty())
    result.authorization = "Bearer " + token;
  result.has_lambda_apm_server =
      !variable("ELASTIC_APM_LAMBDA_APM_SERVER").empty();
  result.agent = variable("LAMBDA_SANDBOX_AGENT", "node");
  result.function_name = variable("AWS_LAMBDA_FUNCTION_NAME", "function");
  result.function_version = variable("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
  result.region = variable("AWS_REGION", "us-east-1");
  result.log_stream_name = variable("AWS_LAMBDA_LOG_STREAM_NAME");
  result.execution_env = variable("AWS_EXECUTION_ENV");
  const auto format = variable("AWS_LAMBDA_LOG_FORMAT", "text");
  result.log_format = format == "JSON" || format == "json" ? "json" : "text";
  result.init_error = variable("LAMBDA_SANDBOX_INIT_ERROR");
  result.init_ms = std::strtoll(variable("LAMBDA_SANDBOX_INIT_MS", "0").c_str(),
                                nullptr, 10);
  const auto concurrency = variable("AWS_LAMBDA_MAX_CONCURRENCY");
  if (!concurrency.empty())
    result.concurrency =
        static_cast<int>(std::strtol(concurrency.c_str(), nullptr, 10));
  return result;
}

} // namespace sandbox::builtin
