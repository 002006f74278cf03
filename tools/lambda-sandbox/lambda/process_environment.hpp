// The environment variables of the sandbox's processes: what real Lambda gives
// an extension and a function, nothing of the sandbox's own environment but
// PATH, then what the scenario and the command line add.
// Source: AWS Lambda developer guide, "Defined runtime environment variables";
// for extensions AWS's emulator, internal/lambda/rapidcore/env/environment.go
// (AgentExecEnv).
#pragma once

#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sandbox {

/// What the sandbox itself contributes.
struct sandbox_places {
  /// host:port of Lambda's APIs.
  std::string runtime_api;
  /// URL of the APM Server stand-in.
  std::string apm_server_url;
  /// URL of the stand-in for AWS's APIs; empty: there is none.
  std::string aws_url;
  /// Port on which agent and extension meet.
  std::uint16_t agent_port = 0;
  /// Private directory that stands in for Lambda's /tmp.
  std::string temporary_directory;
  /// This program, for the built-in function.
  std::string own_program;
  /// Further variables of the extensions.
  environment_map extension_environment;
};

/// What AWS_LAMBDA_INITIALIZATION_TYPE says, and telemetry.
const char* initialization_type(const scenario& scenario);

/// Returns `NAME=value` for an extension.
std::vector<std::string>
environment_of_extension(const scenario& scenario,
                         const extension_settings& extension,
                         const sandbox_places& places);

/// Returns `NAME=value` for the function.
std::vector<std::string> environment_of_function(const scenario& scenario,
                                                 const sandbox_places& places);

} // namespace sandbox
