// A process' trace made ready to be replayed: what of it is whole, and what the
// process was started with.
//
//   auto run = prepare_run(trace);
//   if (!run)
//     … run.error().detail says why it cannot be replayed
#pragma once

#include "runtime/result.hpp"
#include "tools/flushtrace/replay/replay_world.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <cstdint>

namespace flushtrace {

/// *Ownership:* views into the trace, which outlives it.
struct recorded_run {
  const process_trace* of = nullptr;
  size_t records = 0;     ///< that can be replayed: those before a gap
  uint64_t gap_after = 0; ///< sequence of the last of them; 0: no gap
  bool is_full = false;   ///< bodies are there as they were
  bool is_ended = false;  ///< the last of them is the process' last
  world_setup setup;      ///< secrets are `(present)`

  const std::vector<record>& all() const noexcept {
    return of->content.records;
  }
};

/// The settings of a trace, as the environment would have them. *Shape:* empty
/// where it has none.
apm::environment environment_of(const trace& x);

/// *Errors:* `bad_shape` where the trace does not hold enough: its begin is
/// missing, or its settings, or its bodies.
[[nodiscard]] apm::result<recorded_run> prepare_run(const process_trace& of);

} // namespace flushtrace
