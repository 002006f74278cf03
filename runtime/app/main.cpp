// apm-lambda-extension: without arguments it is the extension, as Lambda starts
// it. See README.md for its settings.
#include "runtime/app/command_line.hpp"
#include "runtime/app/extension.hpp"
#include "runtime/app/outside_world.hpp"

#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

extern char** environ;

namespace {

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

/// glibc takes a freed large block as a sign that such blocks should come from
/// the heap, where what lies behind them keeps them: 64 bodies of 1 MiB, one
/// after the other, came to 77 MB. Fixed, a body's memory goes back when it
/// does.
void give_memory_back() {
  constexpr int own_mapping_bytes = 128 * 1024; // what glibc begins with
  constexpr int kept_bytes = 256 * 1024;
  mallopt(M_MMAP_THRESHOLD, own_mapping_bytes);
  mallopt(M_TRIM_THRESHOLD, kept_bytes);
}

int print(const apm::command_result& result) {
  const bool is_written = std::fputs(result.output.c_str(), stdout) >= 0
                          && std::fputs(result.trouble.c_str(), stderr) >= 0
                          && std::fflush(stdout) == 0;
  return is_written ? result.exit_code : 1;
}

} // namespace

int main(int argc, char** argv) {
  const auto env = read_environment();
  const auto world = apm::make_outside_world();
  if (argc > 1)
    return print(apm::run_command({argv + 1, argv + argc}, env, world));
  auto loaded = apm::load_settings(env);
  apm::check_at_start(loaded, world);
  if (loaded.values.runtime_api.empty()) {
    std::fputs("AWS_LAMBDA_RUNTIME_API is not set: this is not Lambda. Use "
               "lambda-sandbox to run the extension locally; see --help\n",
               stderr);
    return 1;
  }
  give_memory_back();
  const std::string path{argv[0]};
  // The answer to Lambda is out; destructors have nothing to add.
  _exit(apm::run_extension(path.substr(path.rfind('/') + 1), loaded, world));
}
