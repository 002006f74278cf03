// Keeps a log from saying the same thing over and over: a message is written a
// few times within a window, the rest is counted, and told in one line when the
// window is over. It has no timer: what is due is taken at the next occasion.
#pragma once

#include "messages/time.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

enum class log_level : uint8_t;

struct repeat_limits {
  /// How often a message is written within one window.
  uint32_t times = 5;
  /// From its first line on. A minute is the finest that metrics of a log have.
  std::chrono::milliseconds window = std::chrono::minutes{1};
  /// Messages that are watched at once, the oldest is let go. Ours are few
  /// dozens, but they may quote what others say.
  size_t messages_max = 64;
};

/// Messages that were not written.
struct withheld {
  log_level level;
  std::string message;
  uint64_t count = 0;
};

class repeat_limiter {
public:
  explicit repeat_limiter(repeat_limits limits = {}) : limits_(limits) {}

  /// Whether a message may be written now; if not, it is counted. Take what is
  /// due before.
  bool admit(steady_time now, log_level level, std::string_view message);

  /// Takes what was withheld in windows that have ended by `now`, and in those
  /// that were let go. *Shape:* in the order of the windows.
  std::vector<withheld> take_due(steady_time now);

  /// Takes all that was withheld, for the end of the process.
  std::vector<withheld> take_all();

private:
  struct watched {
    withheld held;
    steady_time begin;
    uint32_t written = 0;
  };

  void let_go_of_oldest();

  repeat_limits limits_;
  std::deque<watched> watched_; ///< in the order of their windows
  std::vector<withheld> due_;
};

} // namespace apm
