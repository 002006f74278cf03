// What a replay of one process came to, in words: exact, divergent with its
// classification, or undecidable. For people and for programs.
#pragma once

#include "tools/flushtrace/replay/replay_engine.hpp"

#include <optional>
#include <string>

namespace flushtrace {

/// Why a replay differs from its recording.
enum class divergence_class : uint8_t {
  code_changed,     ///< another program than the one that was recorded
  unrecorded_input, ///< what the actors were told is not all in the trace
  nondeterministic, ///< two replays of it differ from each other
  gap_in_trace,     ///< what came from outside cannot be had again
};

struct replay_report {
  const process_trace* of = nullptr;
  std::string undecidable; ///< why; empty: it was replayed
  uint64_t gap_after = 0;  ///< sequence; 0: there is no gap
  uint64_t all_records = 0;
  bool was_twice = false; ///< replayed, and both were alike
  double seconds = 0;     ///< that it took
  replay_outcome outcome;
  std::optional<divergence_class> why; ///< of `outcome.first`
};

/// Replays one process' trace; where it diverges, once more, to tell why.
///
/// @param is_twice once more in any case
replay_report replay_process(const process_trace& of,
                             const replay_settings& settings, bool is_twice);

/// *Source:* README.md, "Exit status".
int status_of(const replay_report& x) noexcept;

/// The one of two exit statuses that says more.
int worse(int x, int y) noexcept;

/// Some lines.
std::string text_of(const replay_report& x);

/// One object in one line; see README.md.
///
/// @param file where it is from; empty: not told
std::string json_of(const replay_report& x, const std::string& file = {});

} // namespace flushtrace
