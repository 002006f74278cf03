// Orders of invoke, agent data, flush signal, runtime done, deadline, answers
// and shutdown that nobody would write down, each from a seed, with the
// invariants checked after every step:
//
// - the books balance, for each event and in sum (rule 1),
// - under `syncflush` nothing is in flight when the next event is asked for
// (5),
// - every event ends, once, and in its turn (4),
// - nothing is posted while credentials are on their way,
// - what is on record for the case that we are killed is what is held,
// - no line is delivered twice unless an answer was lost, and none is missing
//   in the end unless it was dropped with a reason (1, 7).
#include "tests/simulation/simulation.hpp"

#include <cstdlib>
#include <iostream>

namespace apm::test {
namespace {

/// Worlds that a run of the suite explores: about a second.
constexpr uint64_t seeds = 2'000;

TEST(coordinator_simulation, keeps_its_invariants_in_every_order) {
  uint64_t first = 1;
  uint64_t last = seeds;
  if (const char* one = std::getenv("SIMULATION_SEED"))
    first = last = std::strtoull(one, nullptr, 10);
  for (uint64_t seed = first; seed <= last; ++seed) {
    simulation world{seed};
    world.run();
    if (HasFailure()) {
      std::cerr << "SIMULATION_SEED=" << seed << '\n';
      return;
    }
  }
}

} // namespace
} // namespace apm::test
