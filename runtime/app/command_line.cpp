// The three options; see command_line.hpp.
#include "runtime/app/command_line.hpp"

#include "runtime/config/configuration_report.hpp"

namespace apm {

namespace {

constexpr std::string_view help =
    "apm-lambda-extension " APM_VERSION "\n"
    "\n"
    "Delivers what an Elastic APM agent, the function's log and the platform\n"
    "say of an AWS Lambda function to an APM Server. Lambda starts it without\n"
    "arguments from /opt/extensions; it is configured by environment "
    "variables,\n"
    "of which one is required:\n"
    "\n"
    "  ELASTIC_APM_LAMBDA_APM_SERVER   URL of the APM Server\n"
    "\n"
    "The README lists all of them. To run it on your own machine, use\n"
    "lambda-sandbox.\n"
    "\n"
    "  --check-config  prints the settings that the environment gives, what "
    "is\n"
    "                  wrong with them and how to mend it; without the "
    "network.\n"
    "                  Exit status 0, or 2 if something is wrong\n"
    "  --help          this text\n"
    "  --version       the version\n";

command_result check_config(const environment& env,
                            const outside_world& world) {
  auto loaded = load_settings(env);
  check_at_start(loaded, world);
  auto problems = std::move(loaded.problems);
  for (auto& x : check_thoroughly(env, loaded.values, world))
    problems.push_back(std::move(x));
  return {describe_configuration(env, loaded.values, problems, APM_VERSION), "",
          is_anything_wrong(problems) ? 2 : 0};
}

} // namespace

command_result run_command(const std::vector<std::string_view>& arguments,
                           const environment& env, const outside_world& world) {
  const auto& first = arguments.front();
  if (arguments.size() > 1)
    return {"", "one argument at most; see --help\n", 1};
  if (first == "--help")
    return {std::string{help}, "", 0};
  if (first == "--version")
    return {"apm-lambda-extension " APM_VERSION "\n", "", 0};
  if (first == "--check-config")
    return check_config(env, world);
  return {"", "unknown argument '" + std::string{first} + "'; see --help\n", 1};
}

} // namespace apm
