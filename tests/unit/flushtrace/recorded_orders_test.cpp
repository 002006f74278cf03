// Exploring around recorded lives: what else could have come of them.
#include "tests/unit/flushtrace/documented_members.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/explore/recorded_orders.hpp"

#include <algorithm>

namespace flushtrace {
namespace {

process_trace golden(const std::string& name) {
  return load(golden_file(name));
}

uint64_t first_invocation(const process_trace& of) {
  return analyse(of).events.at(0).facts.begin.record;
}

/// The record with which the last invocation begins.
uint64_t last_invocation(const process_trace& of) {
  uint64_t found = 0;
  for (const auto& event : analyse(of).events)
    if (event.facts.kind == apm::event_kind::invoke)
      found = event.facts.begin.record;
  return found;
}

recorded_orders explored(const process_trace& of, const orders_budget& budget) {
  auto found = explore_recorded(of, budget);
  EXPECT_TRUE(found) << found.error().detail;
  return std::move(found.value());
}

TEST(recorded_orders, time_s_order_ends_as_was_recorded) {
  for (const auto* name : {"demo.syncflush", "three_signals.background",
                           "server_hang.syncflush"}) {
    const auto trace = golden(name);
    orders_budget budget;
    budget.from = last_invocation(trace);
    budget.changes = 0;
    const auto found = explored(trace, budget);
    EXPECT_EQ(found.orders, 1U);
    EXPECT_EQ(found.complete_changes, 0);
    EXPECT_EQ(found.violation, "");
    EXPECT_GT(found.steps, 3U) << name;
    for (const auto& way : found.ways)
      EXPECT_TRUE(way.is_recorded) << name << ": " << describe(way.how);
  }
}

TEST(recorded_orders, all_orders_with_one_change_balance) {
  const auto trace = golden("three_signals.syncflush");
  orders_budget budget;
  budget.from = last_invocation(trace);
  budget.changes = 1;
  const auto found = explored(trace, budget);
  EXPECT_EQ(found.complete_changes, 1);
  EXPECT_GT(found.orders, found.steps) << "each step has another way";
  EXPECT_EQ(found.untold, 0U);
  EXPECT_EQ(found.violation, "");
  EXPECT_GT(found.ways.size(), 1U) << "late data is missed";
}

TEST(recorded_orders, the_server_can_fail) {
  const auto trace = golden("three_signals.syncflush");
  orders_budget budget;
  budget.changes = 1;
  budget.from = first_invocation(trace);
  budget.faults = 1;
  const auto found = explored(trace, budget);
  const auto failed =
      std::find_if(found.ways.begin(), found.ways.end(), [](const way& x) {
        return x.how.second == "transport.server_5xx";
      });
  ASSERT_NE(failed, found.ways.end());
  ASSERT_EQ(failed->changes.size(), 1U);
  EXPECT_NE(failed->changes[0].find("answer to a POST, which is 503"),
            std::string::npos)
      << failed->changes[0];
  const auto again = live_order(trace, budget, failed->order);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_TRUE(std::any_of(again.value().ways.begin(), again.value().ways.end(),
                          [&](const way& x) { return x.how == failed->how; }));
}

TEST(recorded_orders, chance_is_the_same_each_time) {
  const auto trace = golden("three_signals.syncflush");
  orders_budget budget;
  budget.from = last_invocation(trace);
  budget.is_random = true;
  budget.orders = 20;
  budget.changes = 3;
  const auto ends = [&](uint64_t seed) {
    budget.seed = seed;
    std::string text;
    for (const auto& x : explored(trace, budget).ways)
      text += describe(x.how) + ' ' + text_of(x.order) + '\n';
    return text;
  };
  EXPECT_EQ(ends(1), ends(1));
  EXPECT_NE(ends(1), ends(2));
}

TEST(recorded_orders, orders_are_written_as_steps_and_choices) {
  EXPECT_EQ(text_of(order_of("12:1,30:2").value()), "12:1,30:2");
  EXPECT_EQ(order_of("").value().size(), 0U);
  for (const auto* wrong : {"5", "5:", "5:0", "5:1,5:2", "7:1,5:1", "5:1x"})
    EXPECT_FALSE(order_of(wrong)) << wrong;
}

struct explore_trace_test : flushtrace_test {
  explore_options options(const std::string& name) const {
    explore_options x;
    x.paths = {golden_file(name)};
    x.changes = 1;
    x.faults = 1;
    x.schedules = 60;
    x.from = first_invocation(golden(name));
    return x;
  }
};

TEST_F(explore_trace_test, tells_what_was_not_recorded_and_keeps_it) {
  auto with = options("three_signals.syncflush");
  with.schedules = UINT64_MAX;
  with.output = folder + "/other.atrc";
  EXPECT_EQ(run(run_explore, with), exit_missed) << trouble;
  EXPECT_NE(out.find("complete: all with at most 1 change"), std::string::npos)
      << out;
  EXPECT_NE(out.find("again with --schedule "), std::string::npos) << out;
  const auto kept = load_traces({with.output});
  ASSERT_FALSE(kept.processes.empty());
  bool is_missed = false;
  for (const auto& event : analyse(kept.processes[0]).events)
    is_missed = is_missed || event.outcome.is_missed();
  EXPECT_TRUE(is_missed);
}

TEST_F(explore_trace_test, prints_the_members_of_the_manual) {
  auto with = options("three_signals.syncflush");
  with.is_json = true;
  EXPECT_EQ(run(run_explore, with), exit_missed) << trouble;
  EXPECT_EQ(members_of(out), documented_members("explore TRACE")) << out;
}

TEST_F(explore_trace_test, refuses_orders_that_do_not_fit) {
  auto with = options("three_signals.syncflush");
  with.schedule = "1-2";
  EXPECT_EQ(run(run_explore, with), exit_usage);
  EXPECT_NE(trouble.find("such as 12:1,30:2"), std::string::npos) << trouble;
  with.schedule = "99999:1";
  EXPECT_EQ(run(run_explore, with), exit_usage);
  EXPECT_NE(trouble.find("does not fit"), std::string::npos) << trouble;
  with.from = 99'999'999;
  EXPECT_EQ(run(run_explore, with), exit_usage);
  EXPECT_NE(trouble.find("--from 99999999: the last record of process "),
            std::string::npos)
      << trouble;
}

} // namespace
} // namespace flushtrace
