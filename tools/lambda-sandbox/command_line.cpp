// Reading the command line; see command_line.hpp.
#include "tools/lambda-sandbox/command_line.hpp"

#include "tools/lambda-sandbox/scenario/scenario_reference.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>

namespace sandbox {

namespace {

constexpr const char* description =
    R"(Runs an AWS Lambda extension and a function on this machine as Lambda would:
INIT, INVOKE, freeze, SHUTDOWN, deadlines, resets, telemetry; with an APM Server
stand-in that does what the scenario says. Tells for each invocation what ended
it, how long the extension held it, and what became of every line of telemetry.
Needs no root and changes nothing on the machine.)";

constexpr const char* footer = R"(Examples:
  the smallest scenario: one invocation of the built-in function
    echo '{}' > hello.json
    lambda-sandbox --extension build/bin/apm-lambda-extension hello.json

  watch what happens while it happens; keep all output in ./logs
    lambda-sandbox --verbose --log-dir logs --extension ./my-extension hello.json

  a function of your own, with AWS's Node.js runtime client, 100 times
    lambda-sandbox --extension ./my-extension --repeat 100 \
      --function 'node node_modules/aws-lambda-ric/bin/index.mjs app.handler' \
      --env ELASTIC_APM_LOG_LEVEL=debug node.json

  for programs: the account as JSON (schema_version 1)
    lambda-sandbox --json=account.json --extension ./my-extension hello.json

A scenario is a JSON file: how the extension and the function are started, how
this Lambda and this APM Server behave, which invocations come, what is expected.
`lambda-sandbox --help-scenario` is its reference; README.md beside the sources
explains both formats, and scenarios/ there has examples.

Exit status: 0 all expectations hold; 1 wrong usage, or an internal error;
2 something expected did not hold, or lines are missing or came twice.)";

bool add_variables(const std::vector<std::string>& lines,
                   environment_map& environment, std::string& problem) {
  for (const auto& line : lines) {
    const auto equals = line.find('=');
    if (equals == 0 || equals == std::string::npos) {
      problem = "'" + line + "' is no environment variable: write NAME=value";
      return false;
    }
    environment[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return true;
}

/// The file behind a program's name, absolute: it is started elsewhere.
std::string program_path(const std::string& file) {
  return file.find('/') == std::string::npos && !std::filesystem::exists(file)
             ? file
             : path_from(".", file);
}

} // namespace

parsed_command_line parse_command_line(int argc, char** argv) {
  parsed_command_line parsed;
  auto& options = parsed.options;
  CLI::App app{description, "lambda-sandbox"};
  app.footer(footer);
  app.add_option("SCENARIO", options.scenario_file, "the scenario, a JSON file")
      ->type_name("FILE.json");
  app.add_option("--extension", options.extensions,
                 "extension program, started as if from /opt/extensions; may "
                 "be given several times; in place of the scenario's "
                 "programs, whose environment stays")
      ->type_name("PATH")
      ->allow_extra_args(false);
  app.add_option("--function", options.function,
                 "'builtin', or a command, split into words as a shell does")
      ->type_name("COMMAND");
  const auto add_environment = [&](const char* name,
                                   std::vector<std::string>& target,
                                   const char* text) {
    app.add_option(name, target, text)
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
  };
  add_environment("--env", options.environment,
                  "environment variable of extension and function");
  add_environment("--extension-env", options.extension_environment,
                  "environment variable of the extension only");
  add_environment("--function-env", options.function_environment,
                  "environment variable of the function only");
  std::string json;
  app.add_flag("--json", json,
               "tell the account as JSON, to standard output or to FILE")
      ->type_name("[=FILE]");
  app.add_option("--log-dir", options.log_directory,
                 "keep there what the programs write and what the APM Server "
                 "stand-in received")
      ->type_name("DIR");
  app.add_option("--repeat", options.repeat,
                 "run the scenario's invocations so many times")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
  app.add_option("--memory-mb-max", options.memory_mb_max,
                 "own memory that each extension may have at its peak, where "
                 "the scenario does not say")
      ->type_name("MIB")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{10'240}));
  app.add_flag("--verbose", options.is_verbose,
               "tell events as they happen, with ms since the begin");
  bool wants_reference = false;
  app.add_flag("--help-scenario", wants_reference,
               "print the reference of the scenario format, and exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    parsed.exit_status = app.exit(error) == 0 ? 0 : 1;
    return parsed;
  }
  if (wants_reference) {
    std::cout << scenario_reference();
    parsed.exit_status = 0;
  } else if (options.scenario_file.empty()) {
    std::cerr
        << "lambda-sandbox: no scenario given; the smallest is a file with "
           "{} in it.\nRun with --help for more.\n";
    parsed.exit_status = 1;
  }
  options.wants_json = !json.empty();
  // CLI11 gives a flag without a value this one.
  options.json_file = json == "true" ? "" : json;
  return parsed;
}

namespace {

/// Where in the scenario one stands that neither it nor the command line gives
/// a program.
std::optional<std::size_t>
without_program(const std::vector<extension_settings>& extensions) {
  for (std::size_t i = 0; i < extensions.size(); ++i)
    if (extensions[i].command.empty())
      return i;
  return {};
}

} // namespace

bool apply(const command_line& options, scenario& plan, std::string& problem) {
  if (!options.extensions.empty()) {
    // The scenario's settings of the extension in the same place stay.
    auto known = std::move(plan.extensions);
    plan.extensions.clear();
    for (std::size_t i = 0; i < options.extensions.size(); ++i) {
      extension_settings extension;
      if (i < known.size())
        extension.environment = std::move(known[i].environment);
      const auto& file = options.extensions[i];
      extension.name = std::filesystem::path{file}.filename();
      extension.command = {program_path(file)};
      plan.extensions.push_back(std::move(extension));
    }
  }
  if (const auto which = without_program(plan.extensions)) {
    problem = "extension " + std::to_string(*which + 1)
              + " has no program: give it as the scenario's \"command\", or "
                "with --extension";
    return false;
  }
  if (options.function == "builtin") {
    plan.function.command.clear();
  } else if (!options.function.empty()) {
    auto words = split_command(options.function);
    if (!words || words->empty()) {
      problem = "--function: a quote is not closed, or there is no word";
      return false;
    }
    plan.function.command = std::move(*words);
  }
  for (auto& extension : plan.extensions)
    if (!add_variables(options.environment, extension.environment, problem)
        || !add_variables(options.extension_environment, extension.environment,
                          problem))
      return false;
  if (!add_variables(options.environment, plan.function.environment, problem)
      || !add_variables(options.function_environment, plan.function.environment,
                        problem))
    return false;
  if (options.memory_mb_max > 0 && !plan.expect.memory_mb_max)
    plan.expect.memory_mb_max = options.memory_mb_max;
  const auto once = plan.invocations;
  for (std::int64_t i = 1; i < options.repeat; ++i)
    plan.invocations.insert(plan.invocations.end(), once.begin(), once.end());
  return true;
}

} // namespace sandbox
