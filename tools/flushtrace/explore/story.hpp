// What a trace of an exploration says of how it was lived.
//
//   if (auto story = read_story(trace))
//     retell(story.value().of, story.value().steps);
#pragma once

#include "runtime/trace/trace_reader.hpp"
#include "tools/flushtrace/explore/steps.hpp"

#include <string>
#include <vector>

namespace flushtrace {

struct told_story {
  scenario of;
  std::vector<action> steps;
  std::string violation;
};

/// Whether a trace is of an exploration.
bool is_explored(const apm::trace::trace& x);

/// *Errors:* `bad_shape` where it is no trace of an exploration, `bad_value`
/// where its words are not known.
[[nodiscard]] apm::result<told_story> read_story(const apm::trace::trace& of);

} // namespace flushtrace
