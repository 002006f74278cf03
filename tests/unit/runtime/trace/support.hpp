// Rings in memory for tests of the trace.
#pragma once

#include "runtime/trace/recorder.hpp"

#include <string>
#include <vector>

namespace apm::trace::test {

/// Time as the test says.
struct scripted_clock final : clock {
  steady_time now() const noexcept override {
    return steady_time{std::chrono::nanoseconds{now_ns}};
  }

  wall_ms wall() const noexcept override { return 0; }

  int64_t now_ns = 1'000'000'000;
};

inline clock_readings some_clocks() {
  return {11, 22, 33};
}

/// The memory of a ring.
class ring_memory {
public:
  explicit ring_memory(size_t slots)
      : words_(ring_writer::ring_bytes(slots) / sizeof(uint64_t)) {}

  char* data() { return reinterpret_cast<char*>(words_.data()); }
  size_t size() const { return words_.size() * sizeof(uint64_t); }
  std::string image() { return {data(), size()}; }

private:
  std::vector<uint64_t> words_; ///< aligned
};

} // namespace apm::trace::test
