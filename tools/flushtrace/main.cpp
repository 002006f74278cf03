// flushtrace: reads the actor traces of apm-lambda-extension and explains what
// became of telemetry. See --help and README.md.
#include "tools/flushtrace/command_line/unknown_verb.hpp"
#include "tools/flushtrace/command_line/verb.hpp"
#include "tools/flushtrace/progress.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>

namespace flushtrace {

namespace {

int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

enum class colour_choice : uint8_t { automatic, always, never };

/// *Source:* no-color.org: any value but an empty one.
bool is_coloured(colour_choice choice) {
  if (choice != colour_choice::automatic)
    return choice == colour_choice::always;
  const char* refused = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1
         && (refused == nullptr || *refused == '\0')
         && (terminal == nullptr || std::string_view{terminal} != "dumb");
}

void add_colour(CLI::App& app, colour_choice& to) {
  add_word(app, "--colour,--color", to, "default: auto, which is on a terminal",
           {{"auto", colour_choice::automatic},
            {"always", colour_choice::always},
            {"never", colour_choice::never}},
           "auto|always|never");
}

int run(int argc, char** argv) {
  CLI::App app{"Reads the actor traces of apm-lambda-extension.", "flushtrace"};
  app.footer(exit_text);
  app.require_subcommand(1);
  app.set_version_flag("--version", "flushtrace " APM_VERSION);
  app.fallthrough();
  int status = exit_clean;
  streams to{std::cout, std::cerr};
  progress shown{std::cerr, ::isatty(STDERR_FILENO) == 1, steady_ms};
  to.progress = &shown;
  to.is_terminal = ::isatty(STDOUT_FILENO) == 1;
  auto colours = colour_choice::automatic;
  add_colour(app, colours);
  // Before any verb runs, which is at the end of parsing.
  app.parse_complete_callback([&] { to.is_coloured = is_coloured(colours); });
  const command_line line{app, to, status};
  add_reading_verbs(line);
  add_showing_verbs(line);
  add_file_verbs(line);
  add_running_verbs(line);
  add_own_verbs(line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& x) {
    const auto unknown =
        x.get_exit_code() == 0 ? std::string{} : told_unknown_verb(app);
    if (!unknown.empty()) {
      std::cerr << "flushtrace: " << unknown << '\n';
      return exit_usage;
    }
    return app.exit(x) == 0 ? exit_clean : exit_usage;
  }
  std::cout.flush();
  return std::cout ? status : exit_usage;
}

} // namespace

} // namespace flushtrace

int main(int argc, char** argv) {
  try {
    std::ios::sync_with_stdio(false);
    return flushtrace::run(argc, argv);
  } catch (const std::exception& x) {
    std::cerr << "flushtrace: " << x.what() << '\n';
    return flushtrace::exit_usage;
  }
}
