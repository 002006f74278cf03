// Stand-ins for clock and randomness that record what they give to actors, so
// that it can be given again.
#pragma once

#include "runtime/random.hpp"
#include "runtime/trace/recorder.hpp"

namespace apm {

/// *Ownership:* what it stands for outlives it, as does the recorder.
class recorded_clock final : public clock {
public:
  recorded_clock(const clock& real, trace::recorder* to)
      : real_(real), to_(to) {}

  /// Every turn's record has it.
  steady_time now() const noexcept override { return real_.now(); }

  wall_ms wall() const noexcept override {
    const auto ms = real_.wall();
    if (to_ != nullptr && (told_in_ != to_->turn() || to_->turn() == 0)) {
      told_in_ = to_->turn();
      trace::note(to_, trace::record_kind::wall_read, ms);
    }
    return ms;
  }

private:
  const clock& real_;
  trace::recorder* to_;
  mutable uint64_t told_in_ = 0; ///< turn
};

class recorded_random final : public random_source {
public:
  recorded_random(random_source& real, trace::recorder* to)
      : real_(real), to_(to) {}

  uint64_t next() noexcept override {
    const auto value = real_.next();
    trace::note(to_, trace::record_kind::random_draw, value);
    return value;
  }

private:
  random_source& real_;
  trace::recorder* to_;
};

} // namespace apm
