// apm-lambda-extension: without arguments it is the extension, as Lambda starts
// it. See README.md for its settings.
#include "runtime/app/extension.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

extern char** environ;

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
    "  --help      this text\n"
    "  --version   the version\n";

apm::environment read_environment() {
  apm::environment env;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      env.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return env;
}

int usage(std::string_view argument) {
  std::fprintf(stderr, "unknown argument '%.*s'; see --help\n",
               static_cast<int>(argument.size()), argument.data());
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    const std::string_view argument{argv[1]};
    if (argument == "--help")
      return std::fwrite(help.data(), 1, help.size(), stdout) == 0;
    if (argument == "--version")
      return std::puts("apm-lambda-extension " APM_VERSION) < 0;
    return usage(argument);
  }
  const auto loaded = apm::load_settings(read_environment());
  if (loaded.values.runtime_api.empty()) {
    std::fputs("AWS_LAMBDA_RUNTIME_API is not set: this is not Lambda. Use "
               "lambda-sandbox to run the extension locally; see --help\n",
               stderr);
    return 1;
  }
  const std::string path{argv[0]};
  // The answer to Lambda is out; destructors have nothing to add.
  _exit(apm::run_extension(path.substr(path.rfind('/') + 1), loaded));
}
