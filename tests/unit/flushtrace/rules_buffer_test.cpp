// The rules of buffers and of the platform, on made records.
#include "tests/unit/flushtrace/made_trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace flushtrace {
namespace {

using apm::end_signal;
using namespace test; // the vocabulary of made traces

TEST(rules_buffer, agent_buffer_full_counts_what_was_dropped) {
  made_trace x;
  x.set("ELASTIC_APM_LAMBDA_SPILL", "false");
  run_until_flush(x, 1, 10);
  x.drop(1, 3);
  x.drop(1, 4);
  x.answer(x.post(3), {1, 503});
  x.flush_end(3, flush_end_why::server_fails);
  x.end(10, 0, 7, lost | delayed);
  const auto found = x.analyse();
  ASSERT_EQ(cause_of(found, 1), "buffer.agent_buffer_full");
  const auto& first = found.find(1)->findings[0];
  EXPECT_EQ(first.detail, "7 lines dropped: the buffer was full");
  EXPECT_EQ(first.fix.setting, "ELASTIC_APM_LAMBDA_SPILL");
}

TEST(rules_buffer, a_larger_buffer_where_the_disk_is_used_already) {
  made_trace x;
  run_until_flush(x, 1, 10);
  x.drop(1, 3);
  x.flush_end(7, flush_end_why::server_fails);
  x.end(10, 0, 3, lost | delayed);
  const auto found = x.analyse();
  const auto& fix = found.find(1)->findings.at(0).fix;
  EXPECT_EQ(fix.setting, "ELASTIC_APM_LAMBDA_BUFFER_BYTES");
  EXPECT_EQ(fix.value, "16777216"); // twice the default's 8 MiB
}

TEST(rules_buffer, drops_of_other_builds_have_their_causes) {
  const struct {
    uint64_t reason; // FORMAT.md, kind 38
    const char* cause;
  } cases[] = {{7, "buffer.batch_full"},
               {8, "buffer.metadata_missing"},
               {9, "lifecycle.before_register"}};
  for (const auto& [reason, cause] : cases) {
    made_trace x;
    run_until_flush(x, 1);
    x.drop(reason, 2);
    x.flush_end(0, flush_end_why::nothing_left);
    x.end(4, 2, 2, lost);
    EXPECT_EQ(cause_of(x.analyse(), 1), cause);
  }
}

TEST(rules_buffer, log_backpressure) {
  made_trace x;
  run_until_flush(x, 1);
  x.telemetry(503);
  x.telemetry(503);
  x.telemetry(200, 20);
  x.flush_end(4, flush_end_why::server_fails);
  x.end(4, 0, 0, delayed);
  const auto found = x.analyse();
  ASSERT_EQ(cause_of(found, 1), "buffer.log_backpressure");
  EXPECT_TRUE(found.find(1)->has_cause("platform.platform_dropped"));
  EXPECT_EQ(found.find(1)->findings[0].detail,
            "the platform was answered 503 2 times, since there was no room");
}

TEST(rules_buffer, not_flushed_by_policy_is_a_remark) {
  made_trace x;
  x.set("ELASTIC_APM_SEND_STRATEGY", "background");
  run_until_flush(x, 1);
  x.flush_end(4, flush_end_why::put_off);
  x.end(4, 0);
  x.begin(2, 3000);
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 1), "buffer.not_flushed_by_policy");
  EXPECT_FALSE(found.find(1)->outcome.is_missed());
}

TEST(rules_buffer, child_dead) {
  for (const bool is_asked : {false, true}) {
    made_trace x;
    run_until_flush(x, 1);
    if (is_asked)
      x.ask_child_to_end(child_role::forwarder);
    x.child_exits(child_role::forwarder, 1);
    x.wait_ms(2000);
    x.flush_end(4, flush_end_why::out_of_time);
    x.end(4, 0, 0, delayed);
    EXPECT_EQ(x.analyse().find(1)->has_cause("buffer.child_dead"), !is_asked);
    EXPECT_EQ(cause_of(x.analyse(), 1),
              is_asked ? "lifecycle.wedged" : "buffer.child_dead");
  }
}

/// 4 lines are sent, and 2 more come before the flush is declared over.
process_analysis run_with_snapshot(bool come_during_flush,
                                   bool is_out_of_time) {
  made_trace x;
  x.begin(1, 3000);
  x.agent_data(4);
  if (!come_during_flush)
    x.agent_data(2);
  x.agent_data(0, true);
  x.win(end_signal::agent_flushed);
  x.flush_begin(come_during_flush ? 4 : 6);
  const auto lease = x.post(4);
  if (come_during_flush)
    x.agent_data(2);
  x.answer(lease, {is_out_of_time ? 2945 : 5, 202, apm::http_failure::none, 4});
  x.flush_end(2, flush_end_why::out_of_time);
  x.end(6, 4, 0, delayed);
  x.begin(2, 3000);
  return x.analyse();
}

TEST(rules_buffer, arrived_during_flush) {
  EXPECT_EQ(cause_of(run_with_snapshot(true, false), 1),
            "buffer.arrived_during_flush");
  EXPECT_EQ(cause_of(run_with_snapshot(false, false), 1),
            "lifecycle.next_too_early");
  EXPECT_EQ(cause_of(run_with_snapshot(true, true), 1),
            "signal.data_after_signal");
}

TEST(rules_buffer, unparsable) {
  made_trace x;
  run_until_flush(x, 1);
  x.refuse(400, 300);
  x.refuse(415, 20);
  x.answer(x.post(4), {1, 202, apm::http_failure::none, 4});
  x.flush_end(0, flush_end_why::nothing_left);
  x.end(4, 4);
  const auto found = x.analyse();
  ASSERT_EQ(cause_of(found, 1), "buffer.unparsable");
  EXPECT_EQ(found.find(1)->outcome.refused_bytes, 320U);
  EXPECT_EQ(describe(found.find(1)->outcome), "lost");
}

/// A LOG PROCESSOR is ended with a delivery in its mailbox.
process_analysis run_with_unread_work(bool is_done_again) {
  made_trace x;
  run_until_flush(x, 1);
  const auto delivery = x.telemetry();
  x.telemetry_work(delivery);
  x.ask_child_to_end(child_role::processor);
  x.child_exits(child_role::processor, 4);
  x.answer(x.post(4), {1, 202, apm::http_failure::none, 4});
  x.flush_end(0, flush_end_why::nothing_left);
  x.end(6, 4, 2, lost);
  x.begin(2, 3000);
  if (is_done_again) {
    x.telemetry_work(delivery);
    x.telemetry_result(delivery, 2);
  }
  return x.analyse();
}

TEST(rules_buffer, wrong_order_cancel) {
  EXPECT_EQ(cause_of(run_with_unread_work(false), 1),
            "buffer.wrong_order_cancel");
  EXPECT_EQ(cause_of(run_with_unread_work(true), 1), "-");
}

// -- the platform, the record
// ---------------------------------------------------

TEST(rules_platform, platform_dropped) {
  made_trace x;
  run_clean(x, 1);
  run_until_flush(x, 2);
  x.telemetry(200, 20);
  x.flush_end(0, flush_end_why::nothing_left);
  x.end(4, 4);
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 2), "platform.platform_dropped");
  EXPECT_EQ(found.find(2)->outcome.platform_records, 20U);
  EXPECT_FALSE(found.find(1)->outcome.is_missed());
}

TEST(rules_platform, report_next_invoke_is_a_remark) {
  made_trace x;
  run_clean(x, 1);
  x.begin(2, 3000);
  x.platform("platform.report", x.request_id(1));
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 1), "platform.report_next_invoke");
  EXPECT_FALSE(found.find(1)->outcome.is_missed());
}

process_analysis run_with_stall(int64_t ms) {
  made_trace x;
  run_until_flush(x, 1);
  x.stall(ms);
  x.post_in_vain(4, 2945 - ms);
  x.end(4, 0, 0, delayed);
  return x.analyse();
}

TEST(rules_platform, cpu_starved) {
  const auto found = run_with_stall(400);
  ASSERT_EQ(cause_of(found, 1), "platform.cpu_starved");
  EXPECT_EQ(found.find(1)->findings[0].detail,
            "a message lay in its mailbox for 400 ms while nothing else was "
            "handled");
  EXPECT_NE(cause_of(run_with_stall(20), 1), "platform.cpu_starved");
}

TEST(rules_platform, a_server_that_fails_is_no_ones_starvation) {
  made_trace x;
  run_until_flush(x, 1);
  x.stall(400);
  x.answer(x.post(4), {1, 502});
  x.flush_end(4, flush_end_why::server_fails);
  x.end(4, 0, 0, delayed);
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 1), "transport.server_5xx");
  EXPECT_TRUE(found.find(1)->has_cause("platform.cpu_starved"));
}

process_analysis run_with_clock_step(int64_t ms) {
  made_trace x;
  run_clean(x, 1);
  x.begin(2, 3000);
  x.anchor(ms);
  x.wait_ms(2800);
  x.win(end_signal::deadline);
  x.flush_nothing();
  x.end(0, 0);
  x.agent_data(3);
  x.begin(3, 3000);
  return x.analyse();
}

TEST(rules_platform, clock_step) {
  const auto found = run_with_clock_step(-500);
  ASSERT_EQ(cause_of(found, 2), "platform.clock_step");
  EXPECT_EQ(found.find(2)->findings[0].detail,
            "the wall clock was set back by 500 ms between two anchors: "
            "deadlines are wall times");
  EXPECT_EQ(cause_of(run_with_clock_step(2), 2), "signal.data_after_signal");
}

TEST(rules_record, unaccounted) {
  made_trace x;
  run_until_flush(x, 1);
  x.flush_end(0, flush_end_why::nothing_left);
  x.end(4, 1, 0, 0, 3);
  const auto found = x.analyse();
  ASSERT_EQ(cause_of(found, 1), "record.unaccounted");
  EXPECT_EQ(found.find(1)->findings[0].detail,
            "received 4, but accepted, dropped and held make 1");
}

/// Segments of missed events alone: another one lies between two of them.
TEST(rules_record, what_was_not_exported_is_no_gap) {
  for (const std::string mode : {"missed", "all"}) {
    made_trace x;
    x.set("ELASTIC_APM_LAMBDA_TRACE", mode);
    run_clean(x, 1);
    x.begin(2, 3000);
    const auto last = x.agent_data(1);
    run_clean(x, 3);
    const auto first = x.agent_data(1);
    run_clean(x, 4);
    auto cut = x.read();
    auto& records = cut.content.records;
    records.erase(std::remove_if(records.begin(), records.end(),
                                 [&](const auto& each) {
                                   return each.sequence > last
                                          && each.sequence < first;
                                 }),
                  records.end());
    EXPECT_EQ(describe(analyse(cut).find(2)->outcome),
              mode == "missed" ? "unfinished" : "undecidable");
  }
}

TEST(rules_record, a_trace_that_begins_within_an_event_is_undecidable) {
  made_trace x;
  run_clean(x, 1);
  run_until_flush(x, 2);
  const auto first = x.agent_data(1);
  x.flush_end(0, flush_end_why::nothing_left);
  const auto found = analyse(x.read(first));
  EXPECT_EQ(cause_of(found, 2), "record.trace_gap");
  EXPECT_EQ(describe(found.find(2)->outcome), "undecidable");
}

} // namespace
} // namespace flushtrace
