// Completion for shells, made of the command line that CLI11 parses: what it
// knows the shell completes, and nothing else.
//
//   flushtrace completion bash >/etc/bash_completion.d/flushtrace
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace flushtrace {

enum class shell_kind : uint8_t { bash, zsh, fish };

/// A script for the shell. An option whose type is `a|b|c` takes these words,
/// another one that takes a value a file, and so do the verbs.
std::string completion_script(const CLI::App& of, shell_kind shell);

} // namespace flushtrace
