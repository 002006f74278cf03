// flushtrace: reads the actor traces of apm-lambda-extension and explains what
// became of telemetry. See --help and README.md.
#include "tools/flushtrace/verbs.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <functional>
#include <iostream>
#include <string>

namespace flushtrace {

namespace {

constexpr const char* exit_text =
    "exit status: 0 nothing is missed, 1 wrong usage, 2 a flush was missed,\n"
    "             4 undecidable, 5 nothing could be read";

void add_paths(CLI::App& verb, trace_options& to) {
  verb.add_option("TRACE", to.paths, "ring or segments, or a folder of them")
      ->required();
  verb.add_flag("--json", to.is_json, "one JSON object a line");
}

/// A verb with its example; `run` is called once all is parsed.
CLI::App& add_verb(CLI::App& to, const char* name, const char* what,
                   const std::string& example, std::function<void()> run) {
  auto* verb = to.add_subcommand(name, what);
  verb->footer("example: flushtrace " + std::string{name} + ' ' + example + '\n'
               + exit_text);
  verb->final_callback(std::move(run));
  return *verb;
}

struct command_line {
  trace_options info;
  trace_options ls;
  dump_options dump;
  salvage_options salvage;
  extract_options extract;
  selfcheck_options selfcheck;
};

void add_dump_options(CLI::App& verb, dump_options& to) {
  add_paths(verb, to);
  verb.add_option("--event", to.event, "records of this event alone");
  verb.add_option("--kind", to.kinds, "records of this kind; may be repeated")
      ->allow_extra_args(false);
  verb.add_option("--actor", to.actors,
                  "records of actors of this role; may be repeated")
      ->allow_extra_args(false);
  verb.add_option("--first", to.first, "from this record on");
  verb.add_option("--last", to.last, "up to this record");
}

void add_verbs(CLI::App& app, command_line& options, streams to, int& status) {
  add_paths(add_verb(app, "info", "what there is: process, time, settings",
                     "/tmp", [&, to] { status = run_info(options.info, to); }),
            options.info);
  add_paths(add_verb(app, "ls", "the events, one line each", "/tmp",
                     [&, to] { status = run_ls(options.ls, to); }),
            options.ls);
  add_dump_options(add_verb(app, "dump", "the records, one line each",
                            "--event 17 --actor apm_forwarder missed.atrc",
                            [&, to] { status = run_dump(options.dump, to); }),
                   options.dump);
  auto& salvage = add_verb(app, "salvage", "makes a segment of a ring",
                           "/tmp/apm-lambda-extension.ring", [&, to] {
                             status = run_salvage(options.salvage, to);
                           });
  salvage
      .add_option("RING", options.salvage.ring, "of a process, killed or not")
      ->required();
  salvage.add_option("-o,--output", options.salvage.output,
                     "default: RING.atrc");
  auto& extract =
      add_verb(app, "extract", "takes segments out of the extension's log",
               "-d traces log.txt",
               [&, to] { status = run_extract(options.extract, to); });
  extract.add_option("LOG", options.extract.logs, "default: standard input");
  extract.add_option("-d,--directory", options.extract.folder,
                     "where they go; default: here");
  auto& check =
      add_verb(app, "selfcheck", "records, kills and salvages on this machine",
               "--kills 300",
               [&, to] { status = run_selfcheck(options.selfcheck, to); });
  check.add_option("--kills", options.selfcheck.kills, "default: 300");
  check.add_option("--records", options.selfcheck.records,
                   "to measure with; default: 1000000");
  check.add_option("--seed", options.selfcheck.seed, "of the kills' moments");
  check.add_flag("--json", options.selfcheck.is_json, "one JSON object");
}

int run(int argc, char** argv) {
  CLI::App app{"Reads the actor traces of apm-lambda-extension.", "flushtrace"};
  app.footer(exit_text);
  app.require_subcommand(1);
  app.set_version_flag("--version", "flushtrace " APM_VERSION);
  command_line options;
  int status = exit_clean;
  add_verbs(app, options, {std::cout, std::cerr}, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& x) {
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
