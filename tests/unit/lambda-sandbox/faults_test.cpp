// Faults on purpose: how a scenario plans the kill of an extension, when it
// comes, and what the account makes of it; and the memory that a process had.
#include "tools/lambda-sandbox/lambda/child_process.hpp"
#include "tools/lambda-sandbox/lambda/kill_switch.hpp"
#include "tools/lambda-sandbox/lambda/program.hpp"
#include "tools/lambda-sandbox/report/account.hpp"
#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace sandbox {

namespace {

std::optional<scenario> parse(const std::string& text,
                              json_problems& problems) {
  return parse_scenario(text, "/scenes", problems);
}

/// How long a test waits for what comes at once on an idle machine.
constexpr std::chrono::seconds patience{10};

class kill_switch_test : public testing::Test {
protected:
  kill_switch_test() {
    std::string name = testing::TempDir() + "kills-XXXXXX";
    folder_ = mkdtemp(name.data());
  }

  ~kill_switch_test() override { std::filesystem::remove_all(folder_); }

  /// Runs until nothing is left to wait for.
  void run() { io_.run_for(patience); }

  boost::asio::io_context io_;
  std::string folder_;
  int kills_ = 0;
  kill_switch tested_{io_, [this] { ++kills_; }};
};

run_record one_invocation(const std::string& status) {
  run_record run;
  invocation_record invocation;
  invocation.number = 1;
  invocation.status = status;
  run.invocations.push_back(invocation);
  return run;
}

std::vector<std::string> failures_of(const scenario& plan,
                                     const run_record& run) {
  return make_account(plan, run, {}, {}).failures;
}

} // namespace

TEST(kill_plan_test, is_read_with_its_moment) {
  json_problems problems;
  const auto plan = parse(R"({"invocations": [{}, {"kill_extension":
      {"phase": "shutdown", "after_ms": 1.5, "at_file": true}}]})",
                          problems);
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->invocations[0].kill_extension);
  const auto& kill = plan->invocations[1].kill_extension;
  ASSERT_TRUE(kill);
  EXPECT_EQ(kill->phase, "shutdown");
  EXPECT_EQ(kill->after_ms, 1.5);
  EXPECT_TRUE(kill->is_at_file);
}

TEST(kill_plan_test, what_is_wrong_is_pointed_at) {
  json_problems problems;
  EXPECT_FALSE(parse(
      R"({"invocations": [{"kill_extension": {"phase": "lunch", "after_ms": -1}}]})",
      problems));
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].pointer, "/invocations/0/kill_extension/phase");
  EXPECT_EQ(problems[1].pointer, "/invocations/0/kill_extension/after_ms");
}

TEST_F(kill_switch_test, waits_for_its_phase) {
  const extension_kill planned{"invoke", 0.1, false};
  tested_.arm(planned, "init", folder_);
  run();
  EXPECT_EQ(kills_, 0);
  io_.restart();
  tested_.arm(planned, "invoke", folder_);
  run();
  EXPECT_EQ(kills_, 1);
}

TEST_F(kill_switch_test, can_be_disarmed) {
  tested_.arm(extension_kill{"invoke", 0.1, false}, "invoke", folder_);
  tested_.disarm();
  run();
  EXPECT_EQ(kills_, 0);
}

TEST_F(kill_switch_test, comes_with_the_next_change_of_a_file) {
  tested_.arm(extension_kill{"shutdown", 0, true}, "shutdown", folder_);
  io_.run_one_for(patience); // its moment: now it watches
  EXPECT_EQ(kills_, 0);
  std::ofstream{folder_ + "/new"} << "text";
  run();
  EXPECT_EQ(kills_, 1);
}

TEST(kill_account_test, a_planned_kill_excuses_its_invocation) {
  scenario plan;
  plan.invocations.resize(1);
  auto run = one_invocation("failure");
  EXPECT_EQ(failures_of(plan, run).size(), 1u);
  run.invocations[0].is_extension_killed = true;
  EXPECT_TRUE(failures_of(plan, run).empty());
}

TEST(kill_account_test, a_planned_kill_excuses_the_exit_status) {
  scenario plan;
  plan.invocations.resize(1);
  auto run = one_invocation("success");
  process_end end;
  end.name = "ext";
  end.is_extension = true;
  end.is_by_signal = true;
  end.code = 9;
  run.shutdowns.push_back({"spindown", false, 1, 2, {end}});
  EXPECT_EQ(failures_of(plan, run).size(), 1u);
  run.shutdowns[0].processes[0].is_killed_by_scenario = true;
  EXPECT_TRUE(failures_of(plan, run).empty());
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(memory_expectation_test, is_about_extensions_and_their_own_memory) {
  scenario plan;
  plan.invocations.resize(1);
  plan.expect.memory_mb_max = 20;
  auto run = one_invocation("success");
  run.programs.push_back({"ext", true, 90 * 1024, 20 * 1024, 1, 0});
  run.programs.push_back({"function", false, 90 * 1024, 90 * 1024, 1, 0});
  EXPECT_TRUE(failures_of(plan, run).empty());
  ++run.programs[0].own_peak_kib;
  EXPECT_EQ(failures_of(plan, run),
            (std::vector<std::string>{"own memory of ext at its peak: "
                                      "expected at most 20 MiB, was 20 MiB"}));
}
#endif

/// 40 MiB are far above what this program had when it began the other one.
TEST(memory_test, the_peak_is_known_of_one_that_has_ended) {
  boost::asio::io_context io;
  child_reaper reaper{io};
  child_options options;
  options.arguments = {"/bin/sh", "-c",
                       "x=$(head -c 41943040 /dev/zero | tr '\\0' x)"};
  options.environment = {"PATH=/usr/bin:/bin"};
  std::string error;
  const auto started =
      program::start(io, reaper, "shell", true, options,
                     {[](program&, output_stream, std::string_view) {},
                      [&](program&, const process_exit&) { io.stop(); }},
                     error);
  ASSERT_TRUE(started) << error;
  io.run_for(patience);
  EXPECT_GE(started->usage().peak_kib, 40 * 1024);
}

} // namespace sandbox
