// Timers of the loop: one-shot, cancellable, fired in the order of their times
// and, among equals, in the order in which they were set.
//
//   timer_queue timers;
//   auto id = timers.set(due, [] { … });
//   timers.cancel(id);
#pragma once

#include "messages/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace apm {

class timer_queue {
public:
  using callback = std::function<void()>;

  /// Names one armed timer; never reused, ordered by due time.
  using timer_id = std::pair<steady_time, uint64_t>;

  timer_id set(steady_time due, callback on_due) {
    timer_id id{due, next_++};
    armed_.emplace(id, std::move(on_due));
    return id;
  }

  /// Does nothing where the timer has fired or was cancelled.
  void cancel(const timer_id& id) { armed_.erase(id); }

  /// `steady_time::max()` where nothing is armed.
  steady_time next_due() const {
    return armed_.empty() ? steady_time::max() : armed_.begin()->first.first;
  }

  /// Fires the timers that are due at `now`. Those that their callbacks set
  /// wait for the next call, so that a timer that re-arms itself cannot hold up
  /// the loop, or the others where it is behind time.
  void fire(steady_time now) {
    const uint64_t newest = next_;
    auto i = armed_.begin();
    while (i != armed_.end() && i->first.first <= now) {
      if (i->first.second >= newest) {
        ++i;
        continue;
      }
      const timer_id id = i->first;
      auto on_due = std::move(i->second);
      armed_.erase(i);
      on_due();
      i = armed_.upper_bound(id);
    }
  }

private:
  std::map<timer_id, callback> armed_;
  uint64_t next_ = 1; // a timer_id of no timer has 0
};

} // namespace apm
