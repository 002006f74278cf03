// Which records of two traces are the same step: by actor, and by place among
// the effects of the same cause. Neither time nor number nor what came between
// counts, so a turn more in one trace does not move all that follows.
//
//   const auto steps = align(a, b, pairs, are_alike);
//   for (const auto& x : steps)
//     … x.a, x.b: null where one trace alone has it …
#pragma once

#include "tools/flushtrace/trace_set.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace flushtrace {

/// Which event of one trace stands against which of the other.
struct event_pair {
  uint64_t a = 0; ///< 0: before the first
  uint64_t b = 0;
};

/// One step, in both traces or in one. *Ownership:* the traces'.
struct aligned_record {
  const record* a = nullptr;
  const record* b = nullptr;
  /// The step that brought it about, as an index among all; itself: none has.
  size_t cause = 0;
  uint64_t event = 0; ///< of A; of B where A has none
};

/// Whether a record of A says the same as one of B.
using likeness = std::function<bool(const record&, const record&)>;

/// Where the same cause has brought about so many of one kind in A, and another
/// number in B, those that say the same are the same; else the n-th is.
///
/// *Shape:* those of A in their order, then those that only B has, in theirs.
/// @param pairs records of these events alone
std::vector<aligned_record> align(const trace& a, const trace& b,
                                  const std::vector<event_pair>& pairs,
                                  const likeness& are_alike);

/// Which event each record is of: the one that began last; 0 before the first.
std::vector<uint64_t> events_of_records(const trace& x);

} // namespace flushtrace
