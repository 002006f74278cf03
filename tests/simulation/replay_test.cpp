// What is recorded of a simulated world is the same each time, and enough to
// have it again (architecture rule 9).
#include "runtime/config/configuration_report.hpp"
#include "runtime/trace/trace_reader.hpp"
#include "tests/simulation/simulation.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"

namespace apm::test {
namespace {

/// What is recorded is what happened: a world of the same seed leaves the same
/// bytes, and each turn in it has its message before it.
TEST(recording, is_the_same_twice) {
  constexpr uint64_t recorded_seeds = 40;
  for (uint64_t seed = 1; seed <= recorded_seeds; ++seed) {
    recording first;
    recording second;
    simulation{seed, &first}.run();
    simulation{seed, &second}.run();
    ASSERT_TRUE(first.image() == second.image()) << "SIMULATION_SEED=" << seed;
    const auto found = trace::read_ring(first.image());
    ASSERT_TRUE(found);
    ASSERT_GT(found.value().records.size(), size_t{steps});
    EXPECT_EQ(found.value().process.gaps + found.value().process.torn, 0U);
    for (const auto& x : found.value().records)
      ASSERT_TRUE(!flushtrace::is_kind(x, trace::record_kind::handled)
                  || x.cause != 0)
          << x.sequence;
  }
}

class replay_test : public ::testing::TestWithParam<trace::payload_mode> {
protected:
  /// The trace as one of the extension's: with what it was started with.
  static flushtrace::process_trace trace_of(recording& of,
                                            const settings& config) {
    auto found = trace::read_ring(of.image());
    EXPECT_TRUE(found);
    flushtrace::process_trace made;
    made.content = std::move(found.value());
    EXPECT_EQ(made.content.process.overwritten, 0U) << "the ring is too small";
    made.anchors = flushtrace::find_anchors(made.content);
    for (const auto& row : describe_changed_values(config))
      made.content.dictionary.push_back(
          {trace::entry_kind::configuration, 0, 0, row});
    for (const std::string& fact :
         {std::string{"version=9"},
          std::string{"payload="}
              + (GetParam() == trace::payload_mode::full ? "full" : "shape")})
      made.content.dictionary.push_back({trace::entry_kind::fact, 0, 0, fact});
    return made;
  }
};

/// A trace is enough, be it without anybody's data: the same actors, given what
/// it holds, do the same again.
TEST_P(replay_test, has_the_world_again) {
  constexpr uint64_t replayed_seeds = 40;
  for (uint64_t seed = 1; seed <= replayed_seeds; ++seed) {
    SCOPED_TRACE("SIMULATION_SEED=" + std::to_string(seed));
    recording original{GetParam()};
    simulation world{seed, &original};
    world.run();
    const auto of = trace_of(original, world.config());
    const auto again = flushtrace::replay_process(of, {}, false);
    ASSERT_EQ(again.undecidable, "");
    ASSERT_FALSE(again.outcome.first) << text_of(again);
    EXPECT_EQ(again.outcome.records, of.content.records.size());
  }
}

INSTANTIATE_TEST_SUITE_P(replay, replay_test,
                         ::testing::Values(trace::payload_mode::full,
                                           trace::payload_mode::shape),
                         [](const auto& mode) {
                           return mode.param == trace::payload_mode::full
                                      ? "full"
                                      : "shape";
                         });

} // namespace
} // namespace apm::test
