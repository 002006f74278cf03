// What the program does when it is given arguments. Lambda gives it none; these
// are for people at a shell.
#pragma once

#include "runtime/config/configuration_check.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// What a command has to say, and the exit status.
struct command_result {
  std::string output;  ///< for standard output
  std::string trouble; ///< for standard error
  int exit_code = 0;
};

/// Runs `--help`, `--version` or `--check-config`. *Shape:* the exit code is 0,
/// 1 for arguments that there are not, 2 where the configuration is wrong.
///
/// @param arguments without the program's name, one at least
command_result run_command(const std::vector<std::string_view>& arguments,
                           const environment& env, const outside_world& world);

} // namespace apm
