// How far long work is, for people who wait at a terminal: one line, which is
// taken away again.
//
//   progress shown{std::cerr, isatty(STDERR_FILENO), steady_ms};
//   shown.step("reading", 3, 12);
//   shown.clear();
#pragma once

#include <cstdint>
#include <iosfwd>

namespace flushtrace {

class progress {
public:
  /// @param now_ms a clock that never runs back. *Units:* ms.
  progress(std::ostream& to, bool is_shown, int64_t (*now_ms)());
  ~progress();

  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// Cheap enough for each of a million records.
  void step(const char* what, uint64_t done, uint64_t all);

  void clear();

private:
  void show(const char* what, uint64_t done, uint64_t all);

  std::ostream& to_;
  bool is_shown_;
  bool is_on_screen_ = false;
  int64_t (*now_ms_)();
  int64_t begin_ms_ = 0;
  int64_t next_ms_ = 0;
  uint32_t skipped_ = 0;
};

} // namespace flushtrace
