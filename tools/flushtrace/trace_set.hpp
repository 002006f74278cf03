// The traces that a command works on: files and folders of them, put together
// by the process that wrote them.
#pragma once

#include "runtime/trace/values.hpp"
#include "tools/flushtrace/progress.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

using apm::trace::record;
using apm::trace::trace;

/// What begins the names of facts that tell how a changed life was to send.
inline constexpr std::string_view shipping_fact = "shipping.";

inline bool is_kind(const record& x, apm::trace::record_kind kind) noexcept {
  return x.kind == static_cast<uint8_t>(kind);
}

/// The place of the record of that number, or where it would stand.
/// @param all by their numbers, ascending
inline size_t place_of(const std::vector<record>& all, uint64_t number) {
  const auto found = std::lower_bound(
      all.begin(), all.end(), number,
      [](const record& x, uint64_t wanted) { return x.sequence < wanted; });
  return static_cast<size_t>(found - all.begin());
}

/// Null: it is not there.
inline const record* find_record(const std::vector<record>& all,
                                 uint64_t number) {
  const auto place = place_of(all, number);
  return place < all.size() && all[place].sequence == number ? &all[place]
                                                             : nullptr;
}

/// One process' trace, put together from its segments and its ring.
struct process_trace {
  trace content;
  std::vector<std::string> files;
  /// Where its clocks stood, in order; see `find_anchors`.
  std::vector<apm::trace::clock_readings> anchors;
  /// Whether its newest records are the process' last ones: there is a ring, or
  /// what was salvaged of one. Segments of single events end before.
  bool reaches_end = true;

  /// Wall time of a monotonic one. *Units:* ns since the Unix epoch.
  int64_t wall_ns(int64_t monotonic_ns) const;
};

/// The anchors of a trace's clocks. *Shape:* the process' start first.
std::vector<apm::trace::clock_readings> find_anchors(const trace& x);

/// What could not be read.
struct load_problem {
  std::string file;
  std::string what;
};

struct trace_set {
  std::vector<process_trace> processes; ///< in the order of their starts
  std::vector<load_problem> problems;
};

/// Reads files; of a folder all rings and segments.
/// @param shown is told of each file; may be null
trace_set load_traces(const std::vector<std::string>& paths,
                      progress* shown = nullptr);

} // namespace flushtrace
