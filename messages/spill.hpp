// What goes to files of the sandbox: lines for which memory has no room while
// the APM Server is away, and those that it has not taken at SHUTDOWN. They are
// taken back, oldest first, by the same process or by the sandbox's next one.
// And, in figures, what a process that was killed had in its memory.
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

/// Keep these. With nothing to keep it only asks for the room that is left.
struct spill_store {
  uint64_t id = 0;      ///< comes back in `spill_stored`, and in `spill_found`
  bool is_last = false; ///< at SHUTDOWN, for the next process
  std::vector<spilled_lines> content; ///< oldest first
  uint32_t more = 0;                  ///< of the last ones: how many follow
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spill_store& x) {
  return f(caf::meta::type_name("spill_store"), x.id, x.is_last, x.content,
           x.more);
}

/// What became of a `spill_store`.
struct spill_stored {
  uint64_t id = 0;
  bool is_kept = false;
  uint64_t room_bytes = 0; ///< for more of it
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spill_stored& x) {
  return f(caf::meta::type_name("spill_stored"), x.id, x.is_kept, x.room_bytes);
}

/// The oldest that there is, please.
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
  uint64_t store = 0; ///< id of its `spill_store`; 0: an earlier process's
  std::vector<spilled_lines> content; ///< oldest first
  uint64_t ignored_bytes = 0;         ///< torn or foreign
  std::string problem;                ///< why; empty where nothing was ignored
  uint32_t left = 0;                  ///< how many more there are
  uint64_t room_bytes = 0;            ///< for a `spill_store`
  uint64_t earlier_lines = 0;         ///< in what is left of earlier processes
  held_figures lost; ///< what an earlier process held, and is in no file
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, spill_found& x) {
  return f(caf::meta::type_name("spill_found"), x.id, x.store, x.content,
           x.ignored_bytes, x.problem, x.left, x.room_bytes, x.earlier_lines,
           x.lost);
}

} // namespace apm
