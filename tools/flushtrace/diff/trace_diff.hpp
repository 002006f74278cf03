// Where two runs, or a run and its replay, part: by actor, by event, and what
// one of them alone has.
//
//   const auto found = compare_traces(a, b, {});
//   if (found.is_different())
//     … found.actors.front().first …
#pragma once

#include "tools/flushtrace/diff/alignment.hpp"
#include "tools/flushtrace/diff/event_diff.hpp"
#include "tools/flushtrace/replay/comparison.hpp"

#include <optional>

namespace flushtrace {

struct diff_settings {
  comparison_rules rules{strictness::shape, true};
  /// One event against one; nothing: all, by their numbers.
  std::optional<event_pair> only;
  int64_t threshold_ns = 50'000'000; ///< durations that differ by less do not
};

/// A step that both have, with other fields.
struct changed_step {
  const aligned_record* at = nullptr;
  std::vector<field_difference> fields; ///< `expected` is A's
};

/// Steps that one trace alone has, with all that came of the first of them.
struct lone_steps {
  const aligned_record* top = nullptr;
  uint64_t steps = 0; ///< `top` among them
};

/// What is different of one actor.
struct actor_diff {
  std::string actor; ///< its name, in A where it is there
  changed_step first;
  std::vector<uint64_t> a_ancestors; ///< sequences, the nearest first
  std::vector<uint64_t> b_ancestors;
  uint64_t changed = 0; ///< steps
  uint64_t only_a = 0;
  uint64_t only_b = 0;
};

/// *Ownership:* both traces outlive it.
struct trace_diff {
  const process_trace* a = nullptr;
  const process_trace* b = nullptr;
  std::vector<aligned_record> steps;
  std::vector<field_difference> settings; ///< and the version; A's, B's
  std::vector<changed_step> changed;      ///< in A's order
  std::vector<lone_steps> only_a;
  std::vector<lone_steps> only_b;
  std::vector<actor_diff> actors; ///< in the order of their first difference
  std::vector<event_diff> events; ///< of which anything differs
  uint64_t both = 0;              ///< steps that both have
  uint64_t a_steps = 0;           ///< those A alone has
  uint64_t b_steps = 0;

  /// Durations and settings alone are no difference.
  bool is_different() const noexcept;
};

trace_diff compare_traces(const process_trace& a, const process_trace& b,
                          const diff_settings& settings);

} // namespace flushtrace
