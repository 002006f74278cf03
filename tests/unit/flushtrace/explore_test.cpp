// Exploration: complete for one invocation, the same each time, and what it
// leaves is a trace like any other. That it finds faults is shown by
// tests/explore.
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/explore/explorer.hpp"
#include "tools/flushtrace/explore/history.hpp"
#include "tools/flushtrace/explore/model.hpp"
#include "tools/flushtrace/explore/promises.hpp"
#include "tools/flushtrace/explore/shrinker.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"

namespace flushtrace {
namespace {

TEST(explore, is_the_same_each_time) {
  scenario of;
  of.faults = 1;
  explore_budget budget;
  budget.schedules = 200;
  const auto first = explore(of, budget);
  const auto second = explore(of, budget);
  EXPECT_TRUE(first.violation.empty()) << first.violation;
  EXPECT_EQ(first.records, second.records);
  EXPECT_EQ(first.states, second.states);
  EXPECT_FALSE(first.is_complete) << "there are thousands";
  budget.is_random = true;
  budget.seed = 5;
  const auto third = explore(of, budget);
  EXPECT_EQ(third.records, explore(of, budget).records);
  budget.seed = 6;
  EXPECT_NE(third.records, explore(of, budget).records);
}

using explore_files = verb_test;

/// What explore leaves is replayed exactly, by the same actors.
TEST_F(explore_files, are_traces_that_replay) {
  for (const auto strategy :
       {apm::send_strategy::syncflush, apm::send_strategy::background})
    for (const auto order : {order_kind::loop, order_kind::any}) {
      scenario of;
      of.strategy = strategy;
      of.order = order;
      of.invocations = 2;
      of.faults = 2;
      // Whatever is possible: not always the first.
      schedule taken;
      for (uint32_t i = 0; i < 400; ++i)
        taken.push_back(i % 3 == 0 ? 1 : 0);
      auto life = live_again(of, taken);
      if (life.found.size() < taken.size()) // there was one way only
        life = live_again(of, schedule(taken.size(), 0));
      ASSERT_FALSE(life.segment.empty());
      const auto file = save("explored.atrc", life.segment);
      const auto report = replay_process(load(file), {}, true);
      EXPECT_EQ(status_of(report), 0) << text_of(report);
      EXPECT_GT(report.outcome.messages, 10U);
    }
}

TEST_F(explore_files, are_of_schedules_that_can_be_lived) {
  const std::pair<const char*, const char*> rows[] = {
      {"nonsense", "'nonsense' is no schedule: it is numbers such as 0.3.1"},
      {"0:2", "'0:2' is no schedule"},
      {"0..1", "'0..1' is no schedule"},
      {"4294967296", "'4294967296' is no schedule"},
      {"99.99.99", "step 1: there is no 99: possible are 0 ("},
      {"0.99", "step 2: there is no 99: possible are 0 ("}};
  explore_options options;
  for (const auto& [schedule, why] : rows) {
    options.schedule = schedule;
    EXPECT_EQ(run(run_explore, options), exit_usage) << schedule;
    EXPECT_EQ(out, "");
    EXPECT_EQ(trouble.find(std::string{"flushtrace: --schedule: "} + why), 0U)
        << trouble;
  }
  options.schedule = "0.0";
  EXPECT_EQ(run(run_explore, options), exit_clean) << trouble;
  for (int i = 0; i < 1000; ++i)
    options.schedule += ".0";
  EXPECT_EQ(run(run_explore, options), exit_usage);
  EXPECT_NE(trouble.find(": there is no 0: the life is over\n"),
            std::string::npos)
      << trouble;
}

TEST(shrink, finds_nothing_where_no_promise_is_broken) {
  scenario of;
  of.invocations = 2;
  const auto life = live_again(of, schedule(400, 0));
  ASSERT_FALSE(life.actions.empty());
  const auto least = shrink(of, life.actions, "line L7 was lost");
  EXPECT_TRUE(least.violation.empty());
  EXPECT_TRUE(least.steps.empty());
}

// -- promises -----------------------------------------------------------------

struct promises_test : ::testing::Test {
  /// A record with these numbers as its fields.
  void note(record_kind kind, std::initializer_list<uint64_t> fields) {
    char buffer[128];
    apm::trace::byte_writer to{buffer, sizeof buffer};
    for (const auto each : fields)
      to.u(each);
    record x;
    x.kind = static_cast<uint8_t>(kind);
    x.payload = to.written();
    check.note(x);
  }

  scenario of;
  model world{of};
  promises check{of, world};
};

TEST_F(promises_test, a_signal_belongs_to_its_invocation) {
  note(record_kind::event_begin, {1, 0});
  note(record_kind::winner, {1, 0});
  EXPECT_NE(check.violation().find("its agent has sent none"),
            std::string::npos);
}

TEST_F(promises_test, a_runtime_is_done_before_it_says_so) {
  note(record_kind::event_begin, {1, 0});
  note(record_kind::winner, {1, 1});
  EXPECT_NE(check.violation().find("its runtime is not done"),
            std::string::npos);
}

TEST_F(promises_test, a_flush_fails_only_where_the_server_does) {
  note(record_kind::event_begin, {1, 0});
  note(record_kind::flush_end, {1, 0, 0, 1});
  EXPECT_EQ(check.violation(), "") << "nothing was left";
  note(record_kind::flush_end, {1, 3, 90, 1});
  EXPECT_NE(check.violation().find("as if the server failed"),
            std::string::npos);
}

TEST_F(promises_test, nothing_is_dropped_where_there_is_room) {
  note(record_kind::dropped, {1, 4, 1});
  EXPECT_EQ(check.violation(), "") << "a substitute was sent for it";
  note(record_kind::dropped, {1, 1, 2});
  EXPECT_EQ(check.violation(), "2 lines were dropped, and there was room");
}

TEST_F(promises_test, agents_are_answered) {
  check.answered();
  check.at_rest(1);
  EXPECT_EQ(check.violation(), "");
  check.at_rest(2);
  EXPECT_NE(check.violation().find("was not answered"), std::string::npos);
}

// -- history ------------------------------------------------------------------

record entry(record_kind kind, uint32_t actor, uint64_t sequence,
             uint64_t cause) {
  record x;
  x.kind = static_cast<uint8_t>(kind);
  x.actor.value = actor;
  x.sequence = sequence;
  x.cause = cause;
  return x;
}

/// Two actors that each handle a message from outside: whoever is first.
TEST(history, does_not_tell_orders_that_commute) {
  history first;
  history second;
  first.enters(7);
  first.note(entry(record_kind::enqueued, 1, 1, 0));
  first.note(entry(record_kind::handled, 1, 2, 1));
  first.enters(8);
  first.note(entry(record_kind::enqueued, 2, 3, 0));
  first.note(entry(record_kind::handled, 2, 4, 3));
  second.enters(8);
  second.note(entry(record_kind::enqueued, 2, 1, 0));
  second.note(entry(record_kind::handled, 2, 2, 1));
  second.enters(7);
  second.note(entry(record_kind::enqueued, 1, 3, 0));
  second.note(entry(record_kind::handled, 1, 4, 3));
  EXPECT_EQ(first.fingerprint(), second.fingerprint());
}

TEST(history, tells_who_has_handled_what_and_what_waits) {
  history waiting;
  waiting.enters(7);
  waiting.note(entry(record_kind::enqueued, 1, 1, 0));
  history handled = waiting;
  handled.note(entry(record_kind::handled, 1, 2, 1));
  EXPECT_NE(waiting.fingerprint(), handled.fingerprint());
  history other;
  other.enters(9);
  other.note(entry(record_kind::enqueued, 1, 1, 0));
  EXPECT_NE(waiting.fingerprint(), other.fingerprint());
}

} // namespace
} // namespace flushtrace
