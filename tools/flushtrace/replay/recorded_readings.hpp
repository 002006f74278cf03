// What actors were told when they asked: wall time, random draws, and where the
// clocks stood. Each is given once, in the turn in which it was recorded.
//
//   recorded_readings readings{run};
//   readings.begin_turn(at, time);
//   auto wall = readings.wall(turn);
#pragma once

#include "messages/time.hpp"
#include "tools/flushtrace/replay/recorded_run.hpp"

namespace flushtrace {

class recorded_readings {
public:
  /// @param run outlives it
  explicit recorded_readings(const recorded_run& run) : run_(run) {}

  /// What comes next was asked for behind the record of that index, at that
  /// time.
  void begin_turn(size_t at, int64_t time_ns) noexcept {
    at_ = at;
    time_ns_ = time_ns;
    lacks_any_ = false;
  }

  int64_t time_ns() const noexcept { return time_ns_; }

  /// Once a turn it is asked for, then remembered.
  ///
  /// @param turn of the replay's recorder; 0: none
  apm::wall_ms wall(uint64_t turn);

  uint64_t draw();

  apm::trace::clock_readings anchor();

  /// Whether something was asked for in this turn that was not recorded.
  bool lacks_any() const noexcept { return lacks_any_; }

private:
  const record* next(apm::trace::record_kind kind, size_t& from) noexcept;

  const recorded_run& run_;
  size_t at_ = 0;
  int64_t time_ns_ = 0;
  apm::wall_ms wall_ = 0;
  uint64_t wall_turn_ = 0;
  size_t next_wall_ = 0;
  size_t next_draw_ = 0;
  size_t next_anchor_ = 0;
  bool lacks_any_ = false;
};

} // namespace flushtrace
