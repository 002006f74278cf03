// The command line of lambda-sandbox, and how it changes a scenario.
#pragma once

#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sandbox {

struct command_line {
  std::string scenario_file;
  /// Programs; replace the scenario's.
  std::vector<std::string> extensions;
  /// Empty: the scenario's.
  std::string function;
  /// NAME=value.
  std::vector<std::string> environment;
  std::vector<std::string> extension_environment;
  std::vector<std::string> function_environment;
  bool wants_json = false;
  /// Empty: standard output.
  std::string json_file;
  std::string log_directory;
  /// For scenarios that say nothing of it; 0: none.
  std::int64_t memory_mb_max = 0;
  std::int64_t repeat = 1;
  bool is_verbose = false;
};

/// What `parse_command_line` yields: a command line, or a status to exit with.
struct parsed_command_line {
  command_line options;
  std::optional<int> exit_status;
};

/// Reads the command line; prints help and complaints itself.
parsed_command_line parse_command_line(int argc, char** argv);

/// Changes the scenario as the command line asks.
/// *Errors*: false; `problem` says what is wrong.
bool apply(const command_line& options, scenario& plan, std::string& problem);

} // namespace sandbox
