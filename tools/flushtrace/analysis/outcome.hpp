// What became of an event's telemetry, as far as the trace tells: the
// extension's own verdict, and what it could not know, such as data that came
// when the event was over, what the platform dropped, and what a kill took.
#pragma once

#include "runtime/delivery/flush_verdict.hpp"
#include "tools/flushtrace/analysis/event_facts.hpp"

#include <string>

namespace flushtrace {

/// *Units:* intake lines, where not said otherwise.
struct event_outcome {
  uint8_t bits = 0; ///< of `apm::flush_outcome`
  uint64_t lost = 0;
  uint64_t delayed = 0; ///< or at risk
  uint64_t rejected = 0;
  uint64_t late = 0; ///< of these, what came when the event was over
  uint64_t platform_records = 0;  ///< records that the platform has dropped
  uint64_t forgotten_records = 0; ///< of the platform, taken and given up
  uint64_t refused_bytes = 0;     ///< of bodies that could not be read
  /// Of a process before this one, or of a file that is gone.
  uint64_t earlier_lines = 0;
  /// The trace does not tell what became of the event.
  bool is_undecidable = false;
  /// The trace ends in the middle of it.
  bool is_unfinished = false;

  bool is_missed() const noexcept { return bits != 0; }
  bool has(apm::flush_outcome x) const noexcept {
    return (bits & static_cast<uint8_t>(x)) != 0;
  }
};

/// @param after the next event, null: there is none
event_outcome judge_outcome(const trace_facts& all, const event_facts& event,
                            const event_facts* after);

/// `complete`, `undecidable`, or the outcomes' names.
std::string describe(const event_outcome& x);

/// Whether an agent's body belongs to an event that was over when it came.
bool is_late(const intake_fact& x, const event_facts& event,
             const event_facts* after);

} // namespace flushtrace
