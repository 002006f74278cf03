// Verbs about the program itself.
#include "tools/flushtrace/command_line/completion.hpp"
#include "tools/flushtrace/command_line/verb.hpp"

#include <map>
#include <ostream>

namespace flushtrace {

namespace {

struct completion_options {
  const CLI::App* of = nullptr;
  shell_kind shell = shell_kind::bash;
};

int run_completion(const completion_options& options, streams to) {
  to.out << completion_script(*options.of, options.shell);
  return exit_clean;
}

} // namespace

void add_own_verbs(command_line in) {
  auto [completion, script] = add_verb<completion_options>(
      in, "completion", "a script that completes for a shell",
      "bash >/etc/bash_completion.d/flushtrace", run_completion);
  script.of = &in.app;
  add_word(completion, "SHELL", script.shell, "which one",
           {{"bash", shell_kind::bash},
            {"zsh", shell_kind::zsh},
            {"fish", shell_kind::fish}},
           "bash|zsh|fish")
      ->required();
  auto [check, sizes] = add_verb<selfcheck_options>(
      in, "selfcheck", "records, kills and salvages on this machine",
      "--kills 300", run_selfcheck);
  check.add_option("--kills", sizes.kills, "default: 300");
  check
      .add_option("--records", sizes.records,
                  "to measure with; default: 1000000")
      ->check(CLI::Range(1, 1'000'000'000));
  check.add_option("--seed", sizes.seed, "of the kills' moments");
  check.add_flag("--json", sizes.is_json, "one JSON object");
}

} // namespace flushtrace
