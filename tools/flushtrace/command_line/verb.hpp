// Verbs of the command line: each has options of its own, which live as long as
// the command line does, an example, and a function that is called once all is
// parsed.
//
//   auto [verb, options] = add_verb<dump_options>(
//       in, "dump", "the records, one line each", "--event 17 /tmp", run_dump);
//   add_paths(verb, options);
#pragma once

#include "tools/flushtrace/verbs.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <string>

namespace flushtrace {

/// Of the program and of each verb.
constexpr const char* exit_text =
    "exit status: 0 nothing is missed, 1 wrong usage, 2 a flush was missed,\n"
    "             3 a replay diverges, 4 undecidable, 5 something could\n"
    "             not be read, and the rest is clean";

/// What verbs are added to. *Ownership:* outlives parsing.
struct command_line {
  CLI::App& app;
  streams& to;
  int& status; ///< of the verb that has run, to exit with
};

template <class Options>
struct added_verb {
  CLI::App& verb;
  Options& options;
};

template <class Options>
added_verb<Options>
add_verb(command_line in, const std::string& name, const std::string& what,
         const std::string& example, int (*run)(const Options&, streams)) {
  const auto options = std::make_shared<Options>();
  auto* verb = in.app.add_subcommand(name, what);
  verb->footer("example: flushtrace " + name + ' ' + example + '\n'
               + exit_text);
  verb->final_callback(
      [=, &to = in.to, &status = in.status] { status = run(*options, to); });
  return {*verb, *options};
}

inline void add_paths(CLI::App& verb, trace_options& to) {
  verb.add_option("TRACE", to.paths, "ring or segments, or a folder of them")
      ->required();
  verb.add_flag("--json", to.is_json, "one JSON object a line");
}

inline void
add_filter(CLI::App& verb, trace_options& to,
           const char* what = "events with a record for which it holds") {
  verb.add_option("--filter", to.filter, what)->type_name("FILTER");
}

inline void add_no_proof(CLI::App& verb, bool& is_proved) {
  verb.add_flag_callback(
      "--no-proof", [&is_proved] { is_proved = false; },
      "what rules say of causes, without replays that prove them");
}

/// Takes one of some words, and names them where it is none.
template <class T>
CLI::Validator one_of(const std::map<std::string, T>& words,
                      const std::string& shown) {
  const auto take = [words, shown](std::string& word) {
    const auto found = words.find(word);
    if (found != words.end()) {
      word = std::to_string(static_cast<unsigned>(found->second));
      return std::string{};
    }
    auto why = '\'' + word + "' is none of ";
    for (const char c : shown)
      why += c == '|' ? std::string{", "} : std::string{c};
    return why;
  };
  return CLI::Validator{take, ""};
}

/// One of some words.
///
/// @param shown all of them, `text|json`, as they are told and completed
template <class T>
CLI::Option* add_word(CLI::App& verb, const std::string& name, T& to,
                      const std::string& what,
                      const std::map<std::string, T>& words,
                      const std::string& shown) {
  return verb.add_option(name, to, what)
      ->transform(one_of(words, shown))
      ->type_name(shown);
}

// -- the verbs, by what they are for --

void add_reading_verbs(command_line in); ///< info … causes
void add_showing_verbs(command_line in); ///< timeline, export
void add_file_verbs(command_line in);    ///< slice … migrate
void add_running_verbs(command_line in); ///< replay … shrink
void add_own_verbs(command_line in);     ///< completion, selfcheck

} // namespace flushtrace
