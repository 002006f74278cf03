// What came from the world in a recorded run, laid out as a script: for each
// interval, from one event's being given out to the next one's, what comes how
// long after its begin; and what an alteration makes of that.
//
//   const world_script script{run, exchanges, facts, alteration};
//   for (const auto& item : script.items())
//     … begin_ns + script.offset_of(item)
#pragma once

#include "tools/flushtrace/analysis/event_facts.hpp"
#include "tools/flushtrace/whatif/alteration.hpp"
#include "tools/flushtrace/whatif/exchanges.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace flushtrace {

enum class item_kind : uint8_t { agent, telemetry, other };

/// A message that comes whatever the extension does.
struct script_item {
  size_t index = 0; ///< of its record
  size_t interval = 0;
  int64_t offset_ns = 0; ///< recorded, from the interval's begin
  item_kind kind = item_kind::other;
};

/// From an answer to `event/next` to the next one. *Units:* ns, monotonic; with
/// `_ns` alone a span.
struct recorded_interval {
  int64_t begin = 0;
  bool is_invocation = false;
  std::string request_id;         ///< of the invocation
  int64_t function_ns = -1;       ///< from the begin to its end; -1: not known
  int64_t limit_ns = -1;          ///< from the begin to its deadline; likewise
  const exchange* next = nullptr; ///< what it ends with; null: never asked for
  int64_t awake_ns = 0;           ///< behind its end, before the freeze
  int64_t tail_ns = 0;            ///< behind the freeze, before the next event
  int64_t wall_offset = 0;        ///< of wall time to monotonic, at the begin
};

/// When the next event is given out, and when the process stands still before.
struct pause {
  int64_t end = 0;
  int64_t freeze_begin = 0;
  int64_t freeze_end = 0;
};

class world_script {
public:
  /// @param run outlives it, as does all else
  world_script(const recorded_run& run, const exchange_book& exchanges,
               const trace_facts& facts, const alteration& how);

  const std::vector<script_item>& items() const noexcept { return items_; }

  /// *Shape:* the first is what comes before the first event.
  const std::vector<recorded_interval>& intervals() const noexcept {
    return intervals_;
  }

  bool is_dropped(const script_item& x) const;

  /// The interval behind one, without those of dropped events.
  size_t following(size_t interval) const;

  /// Altered, from the begin of the interval.
  int64_t offset_of(const script_item& x) const;

  /// How much later in its interval than recorded something happens that the
  /// function or the platform does.
  int64_t later_ns(size_t interval, int64_t offset) const;

  /// Of a function that is altered; -1: not known.
  int64_t function_ns(const recorded_interval& x) const noexcept;

  /// @param begin the interval's, as it is
  /// @param asked when the extension has asked for the next event
  pause pause_after(size_t interval, int64_t begin, int64_t asked) const;

  /// When the process came to stand still in a recorded interval, as far as is
  /// known.
  int64_t freeze_begin(size_t interval) const;

  /// The first moment at which something comes at another time, or does not
  /// come, provided that the extension does what it did; INT64_MAX: none.
  int64_t first_difference() const;

private:
  class reader;

  int64_t scaled(const recorded_interval& in, int64_t offset) const noexcept;
  int64_t end_of_gap(size_t interval, int64_t from) const;

  const recorded_run& run_;
  const alteration& how_;
  int64_t held_back_ns_ = 0;       ///< telemetry, by the platform, as recorded
  std::vector<script_item> items_; ///< in the order of their records
  std::vector<recorded_interval> intervals_;
};

} // namespace flushtrace
