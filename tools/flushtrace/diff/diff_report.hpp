// What a comparison has found, for people and for programs.
#pragma once

#include "tools/flushtrace/diff/trace_diff.hpp"

#include <string>

namespace flushtrace {

/// How the two sides are called, and what is told of them.
struct diff_view {
  bool is_replay = false; ///< B is A's own replay
  bool is_all = false;    ///< nothing is left out for the sake of a screen
  bool is_coloured = false;
  std::string remark; ///< one sentence more; empty: none
};

/// *Shape:* a screen that sums up, then the details.
std::string diff_in_text(const trace_diff& x, const diff_view& view);

/// *Shape:* one object, without a newline; see README.md.
std::string diff_in_json(const trace_diff& x, const diff_view& view);

} // namespace flushtrace
