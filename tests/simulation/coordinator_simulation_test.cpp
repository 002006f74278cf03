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
#include "tests/simulation/seeds.hpp"
#include "tests/simulation/simulation.hpp"

namespace apm::test {
namespace {

/// Worlds that a run of the suite explores: about a second.
constexpr uint64_t seeds = 2'000;

TEST(coordinator_simulation, keeps_its_invariants_in_every_order) {
  run_seeds<simulation>(seeds);
}

} // namespace
} // namespace apm::test
