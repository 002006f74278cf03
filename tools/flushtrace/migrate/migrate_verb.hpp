// migrate: traces of older programs as this one writes them.
#pragma once

#include "tools/flushtrace/verbs.hpp"

#include <CLI/CLI.hpp>

namespace flushtrace {

struct migrate_options : trace_options {
  std::string output;       ///< a file for all of them; empty: in place
  bool is_in_place = false; ///< one of the two
};

void add_migrate_options(CLI::App& verb, migrate_options& to);

int run_migrate(const migrate_options& options, streams to);

} // namespace flushtrace
