#include "tools/flushtrace/progress.hpp"

#include <ostream>

namespace flushtrace {

namespace {

/// What is over sooner needs no word.
constexpr int64_t patience_ms = 500;

constexpr int64_t interval_ms = 100;

/// Steps between two looks at the clock: a million records a second are known.
constexpr uint32_t steps_between_looks = 1024;

} // namespace

progress::progress(std::ostream& to, bool is_shown, int64_t (*now_ms)())
    : to_(to), is_shown_(is_shown), now_ms_(now_ms) {
  if (is_shown_)
    begin_ms_ = now_ms_();
  next_ms_ = begin_ms_ + patience_ms;
}

progress::~progress() {
  clear();
}

void progress::step(const char* what, uint64_t done, uint64_t all) {
  if (!is_shown_)
    return;
  // Few and long ones are all looked at.
  if (all > steps_between_looks && ++skipped_ % steps_between_looks != 0)
    return;
  const auto now = now_ms_();
  if (now < next_ms_)
    return;
  next_ms_ = now + interval_ms;
  show(what, done, all);
}

void progress::show(const char* what, uint64_t done, uint64_t all) {
  is_on_screen_ = true;
  to_ << '\r' << what << ' ' << done << " of " << all << "\033[K" << std::flush;
}

void progress::clear() {
  if (is_on_screen_)
    to_ << "\r\033[K" << std::flush;
  is_on_screen_ = false;
}

} // namespace flushtrace
