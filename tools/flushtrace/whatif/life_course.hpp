// How far a life has come: in which interval of the script it is, since when,
// and how much later than in the recording things happen.
//
//   life_course course{script};
//   course.begin_next(now);
//   course.begin() + script.offset_of(item)
#pragma once

#include "tools/flushtrace/whatif/script.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace flushtrace {

/// When the function of an invocation was through: when the platform says so,
/// else with the signal that won. *Units:* ns, monotonic.
struct function_end {
  int64_t recorded = 0;
  int64_t changed = 0;
};

class life_course {
public:
  /// @param script outlives it
  explicit life_course(const world_script& script)
      : script_(script), begin_(script.intervals().front().begin) {}

  size_t interval() const noexcept { return interval_; }

  /// The interval, as it was recorded.
  const recorded_interval& recorded() const {
    return script_.intervals()[interval_];
  }

  /// When it has begun. *Units:* ns, monotonic.
  int64_t begin() const noexcept { return begin_; }

  /// The one that the next event begins, without those that are left out.
  size_t following() const { return script_.following(interval_); }

  /// The next event has been given out.
  void begin_next(int64_t at);

  /// By how much the interval has begun later than in the recording.
  int64_t later_ns() const { return begin_ - recorded().begin; }

  /// How much later something happens than in the recording, by the interval
  /// in which it happened there. *Units:* µs, as wall time.
  int64_t later_us(int64_t recorded_wall_us) const;

  /// By request id, of what has begun and was not left out.
  std::map<std::string, function_end>
  function_ends(const std::set<size_t>& left_out) const;

private:
  int64_t begin_of(size_t interval) const {
    return interval == interval_ ? begin_ : begins_.at(interval);
  }

  const world_script& script_;
  size_t interval_ = 0;
  int64_t begin_ = 0;
  std::map<size_t, int64_t> begins_; ///< of intervals before
};

} // namespace flushtrace
