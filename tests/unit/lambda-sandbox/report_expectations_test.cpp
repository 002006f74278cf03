// What a scenario may expect of a whole run, each thing held and not held:
// times and counts that are made of a record made by hand.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/report/account.hpp"

#include <gtest/gtest.h>

namespace sandbox {

namespace {

constexpr std::int64_t ms = ns_per_ms;

/// One invocation, and an extension that ended `took_ms` after its SHUTDOWN.
run_record run_with_shutdown(std::int64_t took_ms) {
  run_record run;
  invocation_record invocation;
  invocation.request_id = "one";
  invocation.status = "success";
  invocation.begin_ns = 100 * ms;
  run.invocations.push_back(invocation);
  process_end end;
  end.name = "ext";
  end.is_extension = true;
  end.told_ns = 400 * ms;
  end.at_ns = end.told_ns + took_ms * ms;
  run.shutdowns.push_back({"spindown", false, 390 * ms, end.at_ns, {end}});
  return run;
}

std::vector<std::string>
failures_of(const scenario& plan, const run_record& run,
            const std::vector<received_line>& lines = {}) {
  return make_account(plan, run, lines, {}).failures;
}

using failures = std::vector<std::string>;

scenario one_invocation() {
  scenario plan;
  plan.invocations.resize(1);
  return plan;
}

} // namespace

TEST(run_expectations, the_time_of_shutdown) {
  auto plan = one_invocation();
  plan.expect.shutdown_ms_max = 300;
  EXPECT_EQ(failures_of(plan, run_with_shutdown(300)), failures{});
  EXPECT_EQ(failures_of(plan, run_with_shutdown(301)),
            failures{"ext after SHUTDOWN: expected to end within 300 ms, took "
                     "301 ms"});
  auto untold = run_with_shutdown(1);
  untold.shutdowns[0].processes[0].told_ns = 0;
  EXPECT_EQ(failures_of(plan, untold),
            failures{"ext was never told of SHUTDOWN"});
}

TEST(run_expectations, how_many_ran_side_by_side) {
  auto plan = one_invocation();
  plan.expect.concurrent_min = 3;
  auto run = run_with_shutdown(1);
  run.is_concurrent = true;
  run.concurrent_max = 3;
  EXPECT_EQ(failures_of(plan, run), failures{});
  run.concurrent_max = 2;
  EXPECT_EQ(failures_of(plan, run),
            failures{"invocations side by side: expected at least 3, were 2"});
}

TEST(run_expectations, the_time_of_a_line) {
  auto plan = one_invocation();
  plan.expect.delivery_ms_max = 50;
  auto run = run_with_shutdown(1);
  function_fact offered;
  offered.fact = "line_offered";
  offered.request_id = "one";
  offered.at_ns = 110 * ms;
  offered.kind = "span";
  offered.text = "{\"span\":1}";
  run.facts = {offered};
  received_line line{"span", offered.text, 1, 160 * ms, true};
  EXPECT_EQ(failures_of(plan, run, {line}), failures{});
  line.at_ns = 161 * ms;
  EXPECT_EQ(failures_of(plan, run, {line}),
            failures{"slowest line: expected at most 50 ms, was 51 ms"});
}

TEST(run_expectations, lines_under_another_agent_s_metadata) {
  const auto plan = one_invocation(); // none are allowed by default
  auto run = run_with_shutdown(1);
  function_fact metadata;
  metadata.fact = "metadata";
  metadata.at_ns = 110 * ms;
  metadata.metadata = 1;
  metadata.text = "{\"metadata\":1}";
  auto offered = metadata;
  offered.fact = "line_offered";
  offered.request_id = "one";
  offered.kind = "span";
  offered.text = "{\"span\":1}";
  run.facts = {metadata, offered};
  std::vector<received_line> lines = {
      {"metadata", "{\"metadata\":1}", 1, 120 * ms, true},
      {"span", "{\"span\":1}", 1, 120 * ms, true}};
  EXPECT_EQ(failures_of(plan, run, lines), failures{});
  lines[0].text = "{\"metadata\":2}";
  EXPECT_EQ(failures_of(plan, run, lines),
            (failures{"1 lines under another agent's metadata, expected 0",
                      "under another agent's metadata: span of one: "
                      "{\"span\":1}"}));
}

TEST(run_expectations, lines_that_the_extension_made) {
  auto plan = one_invocation();
  plan.invocations[0].expect.lines_made["transaction"] = 0;
  const auto run = run_with_shutdown(1);
  EXPECT_EQ(failures_of(plan, run), failures{});
  const received_line substitute{
      "transaction", R"({"transaction":{"faas":{"execution":"one"}}})", 1,
      120 * ms, true};
  EXPECT_EQ(failures_of(plan, run, {substitute}),
            failures{"invocation 0: transaction lines made by the extension: "
                     "expected 0, were 1"});
}

} // namespace sandbox
