// diff: two runs, or a run and its replay, compared by cause.
#pragma once

#include "tools/flushtrace/verbs.hpp"

#include <CLI/CLI.hpp>

namespace flushtrace {

struct diff_options : trace_options {
  bool is_replay = false; ///< one path: against its own replay
  std::string events;     ///< `5` or `5:8`; empty: all, by their numbers
  strictness how = strictness::shape;
  bool is_strictness_given = false; ///< else a replay is compared exactly
  std::string threshold = "50ms";
  bool is_all = false;
};

void add_diff_options(CLI::App& verb, diff_options& to);

int run_diff(const diff_options& options, streams to);

} // namespace flushtrace
