// When a recorded process stood still although it had something to do: for want
// of CPU, or since its sandbox was stopped in the midst of an event.
//
//   const auto stalls = find_stalls(run, exchanges);
#pragma once

#include "tools/flushtrace/whatif/exchanges.hpp"

#include <cstdint>
#include <vector>

namespace flushtrace {

/// *Units:* ns, monotonic.
struct stall {
  int64_t begin = 0;
  int64_t end = 0;
};

/// *Shape:* ascending. What is shorter than 20 ms, or lies between a request
/// for the next event and its answer, is none.
std::vector<stall> find_stalls(const recorded_run& run,
                               const exchange_book& exchanges);

} // namespace flushtrace
