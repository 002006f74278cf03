// lambda-sandbox: stands in for AWS Lambda and an APM Server on this machine,
// to develop and test extensions and functions. See --help and README.md.
#include "tools/lambda-sandbox/command_line.hpp"
#include "tools/lambda-sandbox/function/builtin_function.hpp"
#include "tools/lambda-sandbox/run.hpp"

#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>
#include <vector>

namespace {

/// Programs named by a path must be there: Lambda would say no more than
/// Extension.LaunchError. *Errors*: returns the path of one that is not.
std::string missing_program(const sandbox::scenario& plan) {
  std::vector<std::vector<std::string>> commands = {plan.function.command};
  for (const auto& extension : plan.extensions)
    commands.push_back(extension.command);
  for (const auto& command : commands)
    if (!command.empty() && command.front().front() == '/'
        && !std::filesystem::exists(command.front()))
      return command.front();
  return {};
}

int run_scenario(const sandbox::command_line& options) {
  std::ifstream file{options.scenario_file, std::ios::binary};
  const bool is_folder = std::filesystem::is_directory(options.scenario_file);
  if (!file || is_folder) {
    std::cerr << "lambda-sandbox: " << options.scenario_file
              << " can't be read: "
              << (is_folder ? "it is a folder, and a scenario is a file"
                            : std::strerror(errno))
              << '\n';
    return 1;
  }
  std::ostringstream text;
  text << file.rdbuf();
  const auto directory =
      std::filesystem::absolute(options.scenario_file).parent_path().string();
  sandbox::json_problems problems;
  auto plan = sandbox::parse_scenario(text.str(), directory, problems);
  for (const auto& problem : problems)
    std::cerr << options.scenario_file << ": "
              << (problem.pointer.empty() ? "the scenario" : problem.pointer)
              << ' ' << problem.message << '\n';
  if (!plan) {
    std::cerr << "lambda-sandbox --help-scenario tells what may be there.\n";
    return 1;
  }
  std::string problem;
  if (!sandbox::apply(options, *plan, problem)) {
    std::cerr << "lambda-sandbox: " << problem << '\n';
    return 1;
  }
  if (const auto missing = missing_program(*plan); !missing.empty()) {
    std::cerr << "lambda-sandbox: there is no program " << missing << '\n';
    return 1;
  }
  return sandbox::run(options, *plan,
                      std::filesystem::read_symlink("/proc/self/exe").string());
}

} // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view{argv[1]} == sandbox::builtin_function_name)
    return sandbox::run_builtin_function(argc, argv);
  try {
    const auto parsed = sandbox::parse_command_line(argc, argv);
    return parsed.exit_status ? *parsed.exit_status
                              : run_scenario(parsed.options);
  } catch (const std::exception& error) {
    std::cerr << "lambda-sandbox: internal error: " << error.what() << '\n';
    return 1;
  }
}
