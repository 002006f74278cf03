// What children find in their environment; see process_environment.hpp.
#include "tools/lambda-sandbox/lambda/process_environment.hpp"

#include "tools/lambda-sandbox/lambda/child_process.hpp"
#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <cstdlib>

namespace sandbox {

namespace {

/// What both get: Lambda's common part and the sandbox's wiring.
environment_map common(const scenario& scenario, const sandbox_places& places) {
  const auto& function = scenario.function;
  const auto* path = std::getenv("PATH");
  const aws_identity identity;
  return {
      {"PATH", path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin"},
      {"TZ", ":UTC"},
      {"LANG", "C.UTF-8"},
      {"AWS_REGION", function.region},
      {"AWS_DEFAULT_REGION", function.region},
      // Lambda's own are real; these are good for the AWS of the sandbox.
      {"AWS_ACCESS_KEY_ID", identity.access_key_id},
      {"AWS_SECRET_ACCESS_KEY", identity.secret_access_key},
      {"AWS_SESSION_TOKEN", identity.session_token},
      {"AWS_LAMBDA_FUNCTION_NAME", function.name},
      {"AWS_LAMBDA_FUNCTION_VERSION", function.version},
      {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(function.memory_mb)},
      {"AWS_LAMBDA_RUNTIME_API", places.runtime_api},
      {"AWS_LAMBDA_INITIALIZATION_TYPE", initialization_type(scenario)},
      {"TMPDIR", places.temporary_directory},
      {"LAMBDA_SANDBOX_TMP", places.temporary_directory},
      {"ELASTIC_APM_LAMBDA_APM_SERVER", places.apm_server_url},
      {"ELASTIC_APM_DATA_RECEIVER_SERVER_PORT",
       std::to_string(places.agent_port)},
      {"ELASTIC_APM_SERVER_URL",
       "http://127.0.0.1:" + std::to_string(places.agent_port)},
  };
}

void add_concurrency(environment_map& environment, const scenario& scenario) {
  if (scenario.managed)
    environment["AWS_LAMBDA_MAX_CONCURRENCY"] =
        std::to_string(scenario.managed->concurrency);
}

std::vector<std::string> lines_of(environment_map environment,
                                  const environment_map& overrides) {
  for (const auto& [name, value] : overrides)
    environment[name] = value;
  std::vector<std::string> lines;
  lines.reserve(environment.size());
  for (const auto& [name, value] : environment)
    lines.push_back(name + "=" + value);
  return lines;
}

std::string log_stream_name(const scenario& scenario) {
  // 2026-11-23T… becomes 2026/11/23.
  auto day = rfc3339_ms(unix_now_ns()).substr(0, 10);
  day[4] = day[7] = '/';
  return day + "/[" + scenario.function.version
         + "]0123456789abcdef0123456789abcdef";
}

} // namespace

const char* initialization_type(const scenario& scenario) {
  return scenario.managed ? "lambda-managed-instances" : "on-demand";
}

std::vector<std::string>
environment_of_extension(const scenario& scenario,
                         const extension_settings& extension,
                         const sandbox_places& places) {
  auto environment = common(scenario, places);
  add_concurrency(environment, scenario);
  for (const auto& [name, value] : places.extension_environment)
    environment[name] = value;
  if (!places.aws_url.empty())
    environment["AWS_ENDPOINT_URL"] = places.aws_url;
  if (scenario.aws && scenario.aws->has_container_credentials) {
    for (const auto* name :
         {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
      environment.erase(name);
    environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] =
        places.aws_url + container_path;
    environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = container_token;
  }
  return lines_of(std::move(environment), extension.environment);
}

std::vector<std::string> environment_of_function(const scenario& scenario,
                                                 const sandbox_places& places) {
  const auto& function = scenario.function;
  auto environment = common(scenario, places);
  add_concurrency(environment, scenario);
  environment["_HANDLER"] = function.handler;
  environment["LAMBDA_TASK_ROOT"] = function.directory;
  environment["LAMBDA_RUNTIME_DIR"] = "/var/runtime";
  environment["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + function.runtime;
  environment["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/" + function.name;
  environment["AWS_LAMBDA_LOG_STREAM_NAME"] = log_stream_name(scenario);
  environment["AWS_LAMBDA_LOG_FORMAT"] =
      function.has_json_logs ? "JSON" : "Text";
  environment["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR";
  if (function.is_builtin()) {
    environment["LAMBDA_SANDBOX_REPORT_FD"] = std::to_string(facts_descriptor);
    environment["LAMBDA_SANDBOX_SCENARIO_DIR"] = scenario.directory;
    if (!scenario.builtin_agent.empty())
      environment["LAMBDA_SANDBOX_AGENT"] = scenario.builtin_agent;
  } else {
    environment["_LAMBDA_TELEMETRY_LOG_FD"] = std::to_string(frames_descriptor);
  }
  return lines_of(std::move(environment), function.environment);
}

} // namespace sandbox
