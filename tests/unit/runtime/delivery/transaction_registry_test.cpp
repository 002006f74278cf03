// Tests of transaction_registry.hpp: all orders in which registration, agent
// data, runtimeDone and SHUTDOWN may come.
#include "runtime/delivery/transaction_registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm {
namespace {

transaction_registered registration(const std::string& request) {
  return {1,
          request,
          "t-" + request,
          "agent/1",
          bytes{std::string{R"({"metadata":{}})"}},
          bytes{R"({"transaction":{"id":"t-)" + request + R"("}})"}};
}

/// Received at 1,000 ms, to be done by 4,000 ms.
std::deque<invocation_facts> invocations(const std::string& request) {
  return {{1, request, "arn", 1000, 4000}};
}

std::string due_lines(transaction_registry& registry,
                      const std::string& request = "r1",
                      bool is_intake_open = false) {
  std::string text;
  for (const auto& due :
       registry.take_due(invocations(request), is_intake_open))
    text += due.line.view();
  return text;
}

std::string line_of(const std::string& request, const std::string& result,
                    const std::string& outcome, const std::string& duration) {
  return R"({"transaction":{"id":"t-)" + request + R"(","result":")" + result
         + R"(","outcome":")" + outcome + R"(","duration":)" + duration
         + "}}\n";
}

TEST(transaction_registry, makes_what_the_runtime_s_end_says) {
  struct {
    runtime_end end;
    const char* result;
    const char* outcome;
    const char* duration;
  } const rows[] = {
      {{"r1", "success", 1250}, "success", "success", "250"},
      {{"r1", "error", 1250}, "error", "failure", "250"},
      {{"r1", "failure", 1250}, "failure", "failure", "250"},
      {{"r1", "timeout", 4000}, "timeout", "failure", "3000"},
      {{"r1", "timeout", 4007}, "timeout", "failure", "3000"}, // the deadline
      {{"r1", "timeout", 0}, "timeout", "failure", "3000"},    // no time said
      {{"r1", "success", 900}, "success", "success", "0"},     // clocks differ
      {{"r1", "", 1250}, "unknown", "unknown", "250"},
  };
  for (const auto& row : rows) {
    transaction_registry registry;
    registry.add(registration("r1"));
    EXPECT_FALSE(registry.has_due(false));
    registry.runtime_ended(row.end);
    EXPECT_TRUE(registry.has_due(false));
    EXPECT_EQ(due_lines(registry),
              line_of("r1", row.result, row.outcome, row.duration));
    EXPECT_FALSE(registry.has_due(false)) << "once only";
    EXPECT_TRUE(registry.empty());
  }
}

TEST(transaction_registry, every_order_ends_with_one_transaction) {
  enum step { registered, delivered, ended, shut_down };
  std::vector<int> order{registered, delivered, ended, shut_down};
  do {
    // Data cannot come once the sandbox is being shut down, but it may be
    // read later than SHUTDOWN.
    transaction_registry registry;
    bool has_second = false;
    int substitutes = 0;
    for (const int step : order) {
      if (step == registered)
        registry.add(registration("r1"));
      else if (step == delivered)
        has_second = registry.delivered({"t-r1", "r1"});
      else if (step == ended)
        registry.runtime_ended({"r1", "success", 1250});
      else
        registry.shut_down("spindown", "r1", 2000);
      substitutes += due_lines(registry).empty() ? 0 : 1;
    }
    EXPECT_EQ(substitutes + (has_second ? 0 : 1), 1)
        << order[0] << order[1] << order[2] << order[3];
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(transaction_registry, waits_while_a_body_of_a_living_agent_is_coming) {
  transaction_registry registry;
  registry.add(registration("r1"));
  registry.runtime_ended({"r1", "success", 1250});
  EXPECT_FALSE(registry.has_due(true));
  EXPECT_EQ(due_lines(registry, "r1", true), "");
  EXPECT_TRUE(registry.has_due(false));
  // A runtime that was killed sends no more, whatever is still open.
  transaction_registry other;
  other.add(registration("r2"));
  other.runtime_ended({"r2", "timeout", 4000});
  EXPECT_TRUE(other.has_due(true));
}

TEST(transaction_registry, spin_down_is_not_a_failure) {
  struct {
    const char* reason;
    const char* result;
    const char* outcome;
  } const rows[] = {
      {"spindown", "success", "success"},
      {"timeout", "timeout", "failure"},
      {"failure", "failure", "failure"},
  };
  for (const auto& row : rows) {
    transaction_registry registry;
    registry.add(registration("r0"));
    registry.add(registration("r1"));
    registry.shut_down(row.reason, "r1", 9000);
    EXPECT_EQ(due_lines(registry),
              line_of("r0", "success", "success", "0") // not known any more
                  + line_of("r1", row.result, row.outcome, "3000"))
        << row.reason;
  }
}

TEST(transaction_registry, a_second_registration_replaces_the_first) {
  transaction_registry registry;
  registry.add(registration("r1"));
  auto again = registration("r1");
  again.transaction_id = "other";
  again.line = bytes{std::string{R"({"transaction":{"id":"other"}})"}};
  registry.add(again);
  registry.runtime_ended({"r1", "success", 1250});
  const auto due = registry.take_due(invocations("r1"), false);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_NE(due[0].line.view().find("other"), std::string_view::npos);
  EXPECT_EQ(due[0].source.user_agent, "agent/1");
  EXPECT_EQ(due[0].source.metadata.view(), R"({"metadata":{}})");
}

// Without telemetry nothing says how invocations ended: none is forgotten.
TEST(transaction_registry, what_does_not_fit_becomes_due) {
  transaction_registry registry;
  for (int i = 0; i < 100; ++i)
    registry.add(registration("r" + std::to_string(i)));
  EXPECT_EQ(registry.take_due({}, false).size(), 36U); // 64 are kept
  auto large = registration("large");
  large.line = bytes{std::string(1024 * 1024, ' ') // its size counts
                     + std::string{large.line.view()}};
  registry.add(std::move(large));
  EXPECT_GE(registry.take_due({}, false).size(), 64U) << "oldest first";
}

TEST(transaction_registry, side_by_side_an_agent_has_a_fixed_time) {
  using namespace std::chrono_literals;
  const steady_time told{5min};
  struct {
    const char* status;
    std::chrono::milliseconds until;
  } const rows[] = {
      {"success", 1s}, {"error", 1s}, {"failure", 1s}, {"timeout", 10s}};
  for (const auto& row : rows)
    for (const bool is_early : {false, true}) {
      transaction_registry registry;
      registry.run_concurrently();
      if (is_early)
        registry.runtime_ended({"r1", row.status, 1250}, told);
      registry.add(registration("r1"));
      if (!is_early)
        registry.runtime_ended({"r1", row.status, 1250}, told);
      EXPECT_TRUE(registry.has_ended());
      // Somebody's body is always on its way in.
      EXPECT_FALSE(registry.has_due(true, told + row.until - 1ms));
      EXPECT_TRUE(registry.has_due(true, told + row.until)) << row.status;
      registry.shut_down("spindown", "", 9000);
      EXPECT_TRUE(registry.has_due(false, told)) << "at SHUTDOWN at once";
      const auto due = registry.take_due({}, false, told);
      ASSERT_EQ(due.size(), 1U);
      EXPECT_NE(
          due[0].line.view().find("\"result\":\"" + std::string{row.status}),
          std::string_view::npos);
    }
}

TEST(transaction_registry, what_runs_side_by_side_has_not_ended) {
  transaction_registry registry;
  registry.run_concurrently();
  for (int i = 0; i < 1'600; ++i) // the most that Lambda lets run
    registry.add(registration("r" + std::to_string(i)));
  EXPECT_FALSE(registry.has_due(false));
  registry.shut_down("failure", "", 9000);
  const auto due = registry.take_due(invocations("r1"), false);
  ASSERT_EQ(due.size(), 1'600U);
  for (const auto& each : due)
    ASSERT_NE(each.line.view().find(R"("result":"failure")"),
              std::string_view::npos);
}

} // namespace
} // namespace apm
