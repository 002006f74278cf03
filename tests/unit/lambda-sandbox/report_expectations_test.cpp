// What a scenario may expect of a whole run, each thing held and not held:
// times and counts that are made of a record made by hand.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/report/account.hpp"

#include <gtest/gtest.h>

namespace sandbox {

namespace {

/// One invocation, and an extension that ended `took_ms` after its SHUTDOWN.
run_record run_with_shutdown(std::int64_t took_ms) {
  run_record run;
  invocation_record invocation;
  invocation.request_id = "one";
  invocation.status = "success";
  invocation.begin_ns = 100 * ns_per_ms;
  run.invocations.push_back(invocation);
  process_end end;
  end.name = "ext";
  end.is_extension = true;
  end.told_ns = 400 * ns_per_ms;
  end.at_ns = end.told_ns + took_ms * ns_per_ms;
  run.shutdowns.push_back(
      {"spindown", false, 390 * ns_per_ms, end.at_ns, {end}});
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
  offered.at_ns = 110 * ns_per_ms;
  offered.kind = "span";
  offered.text = "{\"span\":1}";
  run.facts = {offered};
  received_line line{"span", offered.text, 1, 160 * ns_per_ms, true};
  EXPECT_EQ(failures_of(plan, run, {line}), failures{});
  line.at_ns = 161 * ns_per_ms;
  EXPECT_EQ(failures_of(plan, run, {line}),
            failures{"slowest line: expected at most 50 ms, was 51 ms"});
}

TEST(run_expectations, lines_under_another_agent_s_metadata) {
  const auto plan = one_invocation(); // none are allowed by default
  auto run = run_with_shutdown(1);
  function_fact metadata;
  metadata.fact = "metadata";
  metadata.at_ns = 110 * ns_per_ms;
  metadata.metadata = 1;
  metadata.text = "{\"metadata\":1}";
  auto offered = metadata;
  offered.fact = "line_offered";
  offered.request_id = "one";
  offered.kind = "span";
  offered.text = "{\"span\":1}";
  run.facts = {metadata, offered};
  std::vector<received_line> lines = {
      {"metadata", "{\"metadata\":1}", 1, 120 * ns_per_ms, true},
      {"span", "{\"span\":1}", 1, 120 * ns_per_ms, true}};
  EXPECT_EQ(failures_of(plan, run, lines), failures{});
  lines[0].text = "{\"metadata\":2}";
  EXPECT_EQ(failures_of(plan, run, lines),
            (failures{"1 lines under another agent's metadata, expected 0",
                      "under another agent's metadata: span of one: "
                      "{\"span\":1}"}));
}

TEST(run_expectations, deliveries_of_telemetry) {
  auto plan = one_invocation();
  plan.expect.telemetry_records_min = 150;
  plan.expect.telemetry_answer_ms_max = 20;
  auto run = run_with_shutdown(1);
  run.telemetry_posts = {
      {"ext", 100 * ns_per_ms, 101 * ns_per_ms, 200, 3, 300},
      {"ext", 110 * ns_per_ms, 130 * ns_per_ms, 200, 150, 9'000}};
  EXPECT_EQ(failures_of(plan, run), failures{});
  run.telemetry_posts[0].status = 503;
  run.telemetry_posts[1].answered_ns = 131 * ns_per_ms;
  run.telemetry_posts[1].records = 149;
  EXPECT_EQ(failures_of(plan, run),
            (failures{"a delivery of 3 telemetry records: expected 200 within "
                      "20 ms, was 503 after 1 ms",
                      "a delivery of 149 telemetry records: expected 200 "
                      "within 20 ms, was 200 after 21 ms",
                      "records in the largest delivery of telemetry: expected "
                      "at least 150, were 149"}));
}

/// Held for so long after the agent's flush signal.
run_record run_held_for(const std::vector<std::int64_t>& held_ms) {
  run_record run;
  for (std::size_t i = 0; i < held_ms.size(); ++i) {
    invocation_record each;
    each.number = i + 1;
    each.request_id = std::to_string(i);
    each.status = "success";
    each.begin_ns = static_cast<std::int64_t>(i + 1) * 1'000 * ns_per_ms;
    each.end_ns = each.begin_ns + 900 * ns_per_ms;
    each.deadline_ns = each.begin_ns + 3'000 * ns_per_ms;
    function_fact flush;
    flush.fact = "flush_sent";
    flush.request_id = each.request_id;
    flush.at_ns = each.begin_ns + 10 * ns_per_ms;
    run.facts.push_back(flush);
    each.extensions.push_back({"ext", flush.at_ns + held_ms[i] * ns_per_ms, 0});
    run.invocations.push_back(each);
  }
  return run;
}

TEST(run_expectations, the_median_of_repetitions) {
  auto plan = one_invocation();
  plan.invocations[0].expect.held_ms_median_max = 5;
  EXPECT_EQ(failures_of(plan, run_held_for({700, 5, 1})), failures{});
  EXPECT_EQ(failures_of(plan, run_held_for({700, 6, 1})),
            failures{"held, median of 3 invocations: expected at most 5 ms, "
                     "was 6 ms"});
  EXPECT_EQ(failures_of(plan, run_record{}),
            failures{"held: nothing to make a median of"});
}

TEST(run_expectations, the_time_before_the_deadline) {
  auto plan = one_invocation();
  plan.invocations[0].expect.before_deadline_ms_min = 190;
  plan.invocations[0].expect.before_deadline_ms_max = 210;
  EXPECT_EQ(failures_of(plan, run_held_for({2'790})), failures{});
  EXPECT_EQ(failures_of(plan, run_held_for({2'700})),
            failures{"invocation 1: before the deadline: expected 190 to 210 "
                     "ms, were 290 ms"});
  EXPECT_EQ(failures_of(plan, run_held_for({2'850})),
            failures{"invocation 1: before the deadline: expected 190 to 210 "
                     "ms, were 140 ms"});
}

TEST(run_expectations, the_peak_of_memory) {
  auto plan = one_invocation();
  plan.expect.extension_peak_mib_max = 30;
  auto run = run_with_shutdown(1);
  run.programs = {{"ext", true, 30 * 1'024, 1, 0},
                  {"function", false, 99 * 1'024, 1, 0}};
  EXPECT_EQ(failures_of(plan, run), failures{});
  run.programs[0].peak_kib = 31 * 1'024;
  EXPECT_EQ(failures_of(plan, run),
            failures{"ext, peak memory: expected at most 30 MiB, was 31 MiB"});
}

TEST(run_expectations, lines_that_the_extension_made) {
  auto plan = one_invocation();
  plan.invocations[0].expect.lines_made["transaction"] = 0;
  const auto run = run_with_shutdown(1);
  EXPECT_EQ(failures_of(plan, run), failures{});
  const received_line substitute{
      "transaction", R"({"transaction":{"faas":{"execution":"one"}}})", 1,
      120 * ns_per_ms, true};
  EXPECT_EQ(failures_of(plan, run, {substitute}),
            failures{"invocation 0: transaction lines made by the extension: "
                     "expected 0, were 1"});
}

} // namespace sandbox
