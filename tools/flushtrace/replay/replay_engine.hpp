// Replays a recorded run: what came from the world is sent again, turns are
// taken in their order at their times, and what the actors do is compared with
// what they did, record by record, until the first difference.
//
//   auto outcome = replay(run, {});
//   if (outcome.first)
//     … outcome.first->fields
#pragma once

#include "tools/flushtrace/replay/comparison.hpp"
#include "tools/flushtrace/replay/recorded_run.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flushtrace {

struct replay_settings {
  strictness how = strictness::exact;
  uint64_t until = UINT64_MAX; ///< the last record that is replayed
  /// Where to stop: called with each record that was replayed, in their order;
  /// the turn in which it came is the last. None: nowhere.
  std::function<bool(const record&)> breaks_at;
  bool keeps_trace = false; ///< whether `replay_outcome::image` is wanted
  /// Whether it goes on behind the first difference: the world does what it
  /// did, the actors do what they do, and nothing is compared any more.
  bool goes_on = false;
};

/// What is the matter at the first difference.
enum class divergence_kind : uint8_t {
  different,  ///< another effect than the recorded one
  missing,    ///< the recorded effect did not come
  unexpected, ///< one more than was recorded
  no_turn,    ///< who had a turn has nothing to do
  unreadable, ///< what came from outside cannot be had of the trace
};

struct divergence {
  divergence_kind kind = divergence_kind::different;
  const record* expected = nullptr; ///< null: the trace has ended
  std::string got; ///< the replay's record as text; empty: none
  std::vector<field_difference> fields;
  std::string why; ///< one clause more, where there is one
  /// Records that brought it about, the nearest first, up to what came from
  /// outside.
  std::vector<uint64_t> ancestors;
  bool is_input_missing = false; ///< an actor asked for what was not recorded
};

struct replay_outcome {
  uint64_t records = 0;               ///< that were replayed and agreed
  uint64_t messages = 0;              ///< that were handled
  uint64_t events = 0;                ///< that began
  const record* stopped_at = nullptr; ///< by `breaks_at` or `until`: the last
  std::optional<divergence> first;
  std::string image; ///< the replay's own trace, a ring
};

replay_outcome replay(const recorded_run& run, const replay_settings& settings);

} // namespace flushtrace
