// Each rule finds its cause in an event that was made to have it, and not in
// one that lacks what it takes.
#include "tests/unit/flushtrace/made_trace.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

using apm::end_signal;
using apm::http_failure;
using namespace test; // the vocabulary of made traces

// -- lifecycle ----------------------------------------------------------------

TEST(rules, margin_too_small_says_which_would_do) {
  made_trace x;
  run_clean(x, 1);
  run_until_margin(x, 2);
  x.wait_ms(50);
  x.begin(3, 3000);
  x.answer(x.post(4), {400, 202, http_failure::none, 4});
  x.platform("platform.runtimeDone", x.request_id(2));
  const auto found = x.analyse();
  ASSERT_EQ(cause_of(found, 2), "lifecycle.margin_too_small");
  const auto& fix = found.find(2)->findings[0].fix;
  EXPECT_EQ(fix.setting, "ELASTIC_APM_LAMBDA_FLUSH_MARGIN");
  EXPECT_EQ(fix.value, "550ms"); // 400 ms and a quarter, and 50 for the answer
}

TEST(rules, without_a_goodbye_the_process_was_killed) {
  made_trace x;
  run_clean(x, 1);
  x.begin(2, 3000);
  x.agent_data(4);
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 2), "lifecycle.killed");
  EXPECT_EQ(describe(found.find(2)->outcome), "at_risk");
  EXPECT_EQ(found.find(2)->outcome.delayed, 4U);
}

TEST(rules, function_timeout) {
  for (const std::string reason : {"timeout", "spindown"}) {
    made_trace x;
    run_until_margin(x, 1);
    x.begin_shutdown(2, reason);
    EXPECT_EQ(cause_of(x.analyse(), 1), reason == "timeout"
                                            ? "lifecycle.function_timeout"
                                            : "signal.no_signal");
  }
}

TEST(rules, behind_an_open_breaker_it_matters_not_how_the_function_ends) {
  made_trace x;
  x.begin(1, 1000);
  x.wait_ms(800);
  x.win(end_signal::deadline);
  x.flush_begin(4, true);
  x.flush_end(4, flush_end_why::server_fails);
  x.end(4, 0, 0, delayed);
  x.begin_shutdown(2, "timeout");
  EXPECT_EQ(cause_of(x.analyse(), 1), "transport.backoff_skip");
}

TEST(rules, shutdown_budget) {
  made_trace x;
  run_clean(x, 1);
  x.begin_shutdown(2, "spindown");
  x.agent_data(4);
  x.win(end_signal::runtime_done);
  x.flush_begin(4);
  x.post_in_vain(4, 1800);
  x.end(4, 0, 0, at_risk);
  x.process_ends();
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 2), "lifecycle.shutdown_budget");
  EXPECT_FALSE(found.find(2)->has_cause("buffer.child_dead"));
}

/// Found by exploration: a server that had failed is asked once more, and the
/// answer does not come within SHUTDOWN's time.
TEST(rules, shutdown_budget_with_a_server_that_had_failed) {
  made_trace x;
  run_clean(x, 1);
  x.begin_shutdown(2, "spindown");
  x.agent_data(4);
  x.win(end_signal::runtime_done);
  x.flush_begin(4, true);
  const auto lease = x.post(4);
  x.wait_ms(1950);
  x.cancel(lease);
  x.flush_end(4, flush_end_why::server_fails);
  x.end(4, 0, 0, at_risk);
  x.process_ends();
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 2), "lifecycle.shutdown_budget");
}

TEST(rules, what_a_segment_does_not_show_is_no_end) {
  made_trace x;
  run_clean(x, 1);
  x.begin(2, 3000);
  x.agent_data(4);
  auto segment = x.read();
  segment.reaches_end = false;
  const auto found = analyse(segment);
  EXPECT_EQ(cause_of(found, 2), "-");
  EXPECT_EQ(describe(found.find(2)->outcome), "unfinished");
}

TEST(rules, word_of_a_killed_process_is_a_loss) {
  made_trace x;
  run_until_flush(x, 1);
  x.drop(6, 9);
  x.answer(x.post(4), {1, 202, http_failure::none, 4});
  x.flush_end(0, flush_end_why::nothing_left);
  x.end(13, 4, 9);
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 1), "lifecycle.killed");
  EXPECT_EQ(found.find(1)->outcome.lost, 9U);
}

TEST(rules, a_loss_without_a_cause_is_told_all_the_same) {
  made_trace x;
  run_until_flush(x, 1);
  x.drop(5, 3); // spill_lost: a file of the disk is gone
  x.answer(x.post(4), {1, 202, http_failure::none, 4});
  x.flush_end(0, flush_end_why::nothing_left);
  x.end(7, 4, 3);
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 1), "-");
  EXPECT_EQ(describe(found.find(1)->outcome), "lost");
  EXPECT_EQ(found.find(1)->outcome.lost, 3U);
  const auto& beside = found.find(1)->uncaused;
  ASSERT_EQ(beside.size(), 1U);
  EXPECT_EQ(beside[0].detail.rfind("3 lines dropped: ", 0), 0U)
      << beside[0].detail;
  EXPECT_EQ(beside[0].evidence,
            std::vector<uint64_t>{found.find(1)->facts.drops[0].at.record});
}

/// Under `background` lines wait; then comes another event, or nothing.
process_analysis run_in_background(bool comes_back) {
  made_trace x;
  x.set("ELASTIC_APM_SEND_STRATEGY", "background");
  run_until_flush(x, 1);
  x.flush_end(4, flush_end_why::put_off);
  x.end(4, 0);
  x.wait_ms(1000);
  if (comes_back)
    x.begin(2, 3000);
  return x.analyse();
}

TEST(rules, no_next_invocation) {
  EXPECT_EQ(cause_of(run_in_background(false), 1),
            "lifecycle.no_next_invocation");
  EXPECT_EQ(cause_of(run_in_background(true), 1),
            "buffer.not_flushed_by_policy");
}

/// The flush waits for the answer to a POST, or for what became of it.
process_analysis run_until_time_is_up(bool is_delivered) {
  made_trace x;
  run_until_flush(x, 1, 8);
  made_answer answer{1, 202, http_failure::none, 4};
  answer.is_delivered = is_delivered;
  x.answer(x.post(4), answer);
  if (is_delivered)
    x.post(4);
  x.wait_ms(2944);
  x.flush_end(4, flush_end_why::out_of_time);
  x.end(8, is_delivered ? 4 : 0, 0, delayed);
  return x.analyse();
}

TEST(rules, wedged_names_who_owes_what) {
  const auto found = run_until_time_is_up(false);
  ASSERT_EQ(cause_of(found, 1), "lifecycle.wedged");
  EXPECT_NE(found.find(1)->findings[0].detail.find(
                "COORDINATOR waits for the delivery of lease 1"),
            std::string::npos)
      << found.find(1)->findings[0].detail;
  EXPECT_FALSE(
      run_until_time_is_up(true).find(1)->has_cause("lifecycle.wedged"));
}

/// Found by exploration: a POST of the event before hangs still.
TEST(rules, wedged_is_not_what_waits_for_an_earlier_request) {
  made_trace x;
  x.set("ELASTIC_APM_SEND_STRATEGY", "background");
  run_until_flush(x, 1, 8);
  const auto hangs = x.post(4);
  x.flush_end(8, flush_end_why::put_off);
  x.end(8, 0);
  x.ask_next();
  x.begin_shutdown(2, "spindown");
  x.win(end_signal::runtime_done);
  x.flush_begin(4, false, 1800);
  x.answer(x.post(4), {1, 202, http_failure::none, 4});
  x.wait_ms(1799);
  x.flush_end(4, flush_end_why::out_of_time);
  x.cancel(hangs);
  x.end(0, 4, 0, at_risk);
  x.process_ends();
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 2), "lifecycle.shutdown_budget");
  EXPECT_FALSE(found.find(2)->has_cause("lifecycle.wedged"));
}

TEST(causes, each_has_an_id_of_its_own_and_a_sentence_for_all) {
  EXPECT_EQ(all_causes().size(), 42U);
  for (const auto& each : all_causes()) {
    EXPECT_EQ(find_cause(each.id), &each) << each.id;
    EXPECT_NE(std::string_view{each.id}.find('.'), std::string_view::npos);
    for (const std::string_view text : {each.what, each.evidence, each.remedy})
      EXPECT_FALSE(text.empty()) << each.id;
    EXPECT_NE(each.judge, nullptr);
  }
  EXPECT_EQ(find_cause("signal.nothing"), nullptr);
}

} // namespace
} // namespace flushtrace
