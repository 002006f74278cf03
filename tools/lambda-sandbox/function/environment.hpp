// Environment: what the function's process learns from its environment
// variables, as Lambda and an agent's user set them.
#pragma once

#include "tools/lambda-sandbox/function/http_connection.hpp"

#include <optional>
#include <string>

namespace sandbox::builtin {

struct function_environment {
  http_address runtime_api;
  /// Where the agent sends: ELASTIC_APM_SERVER_URL, 127.0.0.1:8200 by default.
  http_address apm_server;
  /// Path of that URL without its trailing slash; goes before each target.
  std::string apm_path;
  /// Value of the Authorization header; empty: there is none. An API key wins
  /// over a secret token.
  std::string authorization;
  /// Whether the agent knows that an extension is there (Python asks for it).
  bool has_lambda_apm_server = false;
  /// LAMBDA_SANDBOX_AGENT: "node", "python", "java" or "none".
  std::string agent;
  std::string function_name;
  std::string function_version;
  std::string region;
  std::string log_stream_name;
  std::string execution_env;
  /// "text" or "json".
  std::string log_format;
  /// LAMBDA_SANDBOX_INIT_ERROR: if not empty, the init phase fails with this
  /// error type.
  std::string init_error;
  /// AWS_LAMBDA_MAX_CONCURRENCY: how many invocations run side by side; absent
  /// where there are no Managed Instances.
  std::optional<int> concurrency;
  /// LAMBDA_SANDBOX_INIT_MS: how long the init phase takes, at least.
  std::int64_t init_ms = 0;
};

/// Reads the environment of this process.
/// *Errors*: absent without AWS_LAMBDA_RUNTIME_API, or if an address or URL
/// can't be understood; `message` says what to set.
std::optional<function_environment> read_environment(std::string& message);

/// Splits `host:port`.
std::optional<http_address> parse_address(std::string_view text,
                                          std::uint16_t default_port);

} // namespace sandbox::builtin
