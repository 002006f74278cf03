// The traces that a command works on: files and folders of them, put together
// by the process that wrote them.
#pragma once

#include "runtime/trace/values.hpp"

#include <string>
#include <vector>

namespace flushtrace {

using apm::trace::record;
using apm::trace::trace;

/// One process' trace, put together from its segments and its ring.
struct process_trace {
  trace content;
  std::vector<std::string> files;
  /// Where its clocks stood, in order; see `find_anchors`.
  std::vector<apm::trace::clock_readings> anchors;

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
trace_set load_traces(const std::vector<std::string>& paths);

} // namespace flushtrace
