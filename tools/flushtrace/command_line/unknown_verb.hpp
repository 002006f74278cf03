// What is said of a command line whose first word is no verb.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace flushtrace {

/// After parsing has failed: `explian is no verb; did you mean explain?`; empty
/// where that is not what is wrong.
std::string told_unknown_verb(const CLI::App& app);

} // namespace flushtrace
