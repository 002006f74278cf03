// Runs worlds, each from a seed of its own, until one fails.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>

namespace apm::test {

/// Worlds of the seeds from 1 to `last`, or of SIMULATION_SEED alone. The seed
/// that fails is printed.
template <class World>
void run_seeds(uint64_t last) {
  uint64_t first = 1;
  if (const char* one = std::getenv("SIMULATION_SEED"))
    first = last = std::strtoull(one, nullptr, 10);
  for (uint64_t seed = first; seed <= last; ++seed) {
    World world{seed};
    world.run();
    if (testing::Test::HasFailure()) {
      std::cerr << "SIMULATION_SEED=" << seed << '\n';
      return;
    }
  }
}

} // namespace apm::test
