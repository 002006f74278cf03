// What outlives the process: lines that it could not deliver, handed to the
// SPILL port at SHUTDOWN, and found there by the sandbox's next process; and,
// in figures, what one that was killed had in its memory.
#pragma once

#include "messages/bytes.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace apm {

/// Lines of one origin and value.
struct spilled_lines {
  bytes metadata; ///< without newline; empty for lines of our own
  std::string user_agent;
  uint8_t value = 0; ///< a `line_value`
  uint32_t count = 0;
  bytes lines; ///< each ended by a newline
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spilled_lines& x) {
  return f(caf::meta::type_name("spilled_lines"), x.metadata, x.user_agent,
           x.value, x.count, x.lines);
}

/// Keep these for the next process.
struct spill_store {
  std::vector<spilled_lines> content; ///< oldest first
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spill_store& x) {
  return f(caf::meta::type_name("spill_store"), x.content);
}

/// What has an earlier process left?
struct spill_wanted {
  uint64_t id = 0; ///< comes back in `spill_found`
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spill_wanted& x) {
  return f(caf::meta::type_name("spill_wanted"), x.id);
}

/// What a process has taken and not yet seen delivered.
struct held_figures {
  uint64_t lines = 0;
  uint64_t bytes = 0;           ///< of these lines
  uint64_t lines_under_way = 0; ///< of these, on their way to the APM Server
  uint64_t deliveries = 0;      ///< of telemetry, of which no line is made yet
  uint64_t dropped = 0; ///< lines that it gave up; its account ends with it
};

inline bool operator==(const held_figures& x, const held_figures& y) noexcept {
  return x.lines == y.lines && x.bytes == y.bytes
         && x.lines_under_way == y.lines_under_way
         && x.deliveries == y.deliveries && x.dropped == y.dropped;
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, held_figures& x) {
  return f(caf::meta::type_name("held_figures"), x.lines, x.bytes,
           x.lines_under_way, x.deliveries, x.dropped);
}

/// It is gone from the disk now: whoever gets this owns it.
struct spill_found {
  uint64_t id = 0;
  std::vector<spilled_lines> content; ///< oldest first
  uint64_t ignored_bytes = 0;         ///< torn or foreign
  std::string problem;                ///< why; empty where nothing was ignored
  held_figures lost; ///< what the earlier process held beside `content`
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spill_found& x) {
  return f(caf::meta::type_name("spill_found"), x.id, x.content,
           x.ignored_bytes, x.problem, x.lost);
}

} // namespace apm
