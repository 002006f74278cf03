// LOG PROCESSOR: lines first, then *done*, and only for the request that its
// event waits for.
#include "actors/log_processor.hpp"
#include "tests/support/coordinator_probe.hpp"
#include "tests/support/inputs.hpp"

#include <gtest/gtest.h>

namespace apm::test {
namespace {

class log_processor_test : public ::testing::Test {
protected:
  void process(event_kind kind, std::vector<telemetry_record> records) {
    auto actor = world.spawn(
        log_processor, world.ports(),
        log_processor_setup{coordinator.handle, 3, kind, "request-3"});
    telemetry_work work;
    work.id = 11;
    work.records = std::move(records);
    work.invocations = {{3, "request-3", "arn:aws:lambda:f", 0, 3000}};
    caf::anon_send(actor, std::move(work));
    world.settle();
  }

  virtual_world world;
  coordinator_probe coordinator{world};
};

TEST_F(log_processor_test, reports_the_lines_before_it_says_done) {
  process(event_kind::invoke,
          {function_log("hello"), runtime_done("request-3")});
  EXPECT_EQ(coordinator.order,
            (std::vector<std::string>{"telemetry_result", "done"}));
  EXPECT_EQ(coordinator.results[0].id, 11U);
  EXPECT_EQ(coordinator.results[0].log_count, 1U);
  EXPECT_EQ(coordinator.dones[0].signal, end_signal::runtime_done);
  EXPECT_EQ(coordinator.dones[0].sequence, 3U);
}

TEST_F(log_processor_test, ignores_the_end_of_another_request) {
  process(event_kind::invoke, {runtime_done("request-2")});
  EXPECT_EQ(coordinator.results.size(), 1U);
  EXPECT_TRUE(coordinator.dones.empty());
}

TEST_F(log_processor_test, at_shutdown_the_report_is_the_end) {
  process(event_kind::shutdown, {runtime_done("request-3")});
  EXPECT_TRUE(coordinator.dones.empty());
  process(event_kind::shutdown, {report("request-3")});
  ASSERT_EQ(coordinator.dones.size(), 1U);
  EXPECT_EQ(coordinator.results.back().metric_count, 1U);
}

} // namespace
} // namespace apm::test
