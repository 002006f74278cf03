// The rules of signals, on made records: with what takes them, and with one
// thing changed, without.
#include "tests/unit/flushtrace/made_trace.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

using apm::end_signal;
using namespace test; // the vocabulary of made traces

/// The timer ends event 1 when its function is still at work; its data comes
/// when the event is over.
process_analysis run_until_timer(int64_t timer_before_ms) {
  made_trace x;
  x.begin(1, 3000, timer_before_ms);
  x.wait_ms(3000 - timer_before_ms);
  x.win(end_signal::deadline);
  x.flush_nothing();
  x.end(0, 0);
  x.wait_ms(20);
  x.agent_data(3);
  x.begin(2, 3000);
  return x.analyse();
}

TEST(rules_signal, early_timer) {
  const auto found = run_until_timer(1000);
  ASSERT_EQ(cause_of(found, 1), "signal.early_timer");
  EXPECT_EQ(found.find(1)->findings[0].detail,
            "the timer was due 800 ms before deadline - 200 ms, and ended the "
            "event with 1000 ms left");
  EXPECT_EQ(found.find(1)->outcome.late, 3U);
  EXPECT_EQ(cause_of(run_until_timer(200), 1), "signal.data_after_signal");
  EXPECT_EQ(cause_of(run_until_timer(204), 1), "signal.data_after_signal")
      << "4 ms are a rounded millisecond's and a turn's";
}

/// Event 1 ends by the timer; a signal comes in event 2, whose data comes when
/// that is over.
process_analysis run_with_late_signal(bool has_signalled, bool is_own) {
  made_trace x;
  x.begin(1, 3000);
  x.agent_data(4);
  if (has_signalled)
    x.agent_data(0, true);
  x.wait_ms(2800);
  x.win(end_signal::deadline);
  x.flush_begin(4);
  x.answer(x.post(4), {1, 202, apm::http_failure::none, 4});
  x.flush_end(0, flush_end_why::nothing_left);
  x.end(4, 4);
  x.begin(2, 3000);
  if (is_own)
    x.agent_data(1);
  x.agent_data(0, true);
  x.win(end_signal::agent_flushed);
  x.flush_nothing();
  x.end(is_own ? 1 : 0, is_own ? 1 : 0);
  x.agent_data(3);
  x.begin(3, 3000);
  return x.analyse();
}

TEST(rules_signal, stale_signal) {
  EXPECT_EQ(cause_of(run_with_late_signal(false, false), 2),
            "signal.stale_signal");
  EXPECT_EQ(cause_of(run_with_late_signal(true, false), 2),
            "signal.data_after_signal");
  EXPECT_EQ(cause_of(run_with_late_signal(false, true), 2),
            "signal.data_after_signal");
}

TEST(rules_signal, a_signal_that_names_another_event_is_stale) {
  made_trace x;
  run_clean(x, 1);
  x.begin(2, 3000);
  x.win(end_signal::runtime_done, 1);
  x.flush_begin(4);
  x.flush_end(4, flush_end_why::nothing_left);
  x.end(4, 0, 0, delayed);
  EXPECT_EQ(cause_of(x.analyse(), 2), "signal.stale_signal");
}

/// @param is_open whether the data is on its way in when the signal is handled
process_analysis run_with_body_on_its_way(bool is_open) {
  made_trace x;
  x.begin(1, 3000);
  x.intake_open(1);
  if (!is_open)
    x.intake_open(0);
  x.agent_data(0, true);
  x.win(end_signal::agent_flushed);
  x.flush_nothing();
  x.end(0, 0);
  x.wait_ms(20);
  x.agent_data(3);
  x.begin(2, 3000);
  return x.analyse();
}

TEST(rules_signal, signal_overtook_data) {
  EXPECT_EQ(cause_of(run_with_body_on_its_way(true), 1),
            "signal.signal_overtook_data");
  EXPECT_EQ(cause_of(run_with_body_on_its_way(false), 1),
            "signal.data_after_signal");
}

TEST(rules_signal, data_of_the_next_event_that_comes_before_it_is_not_late) {
  made_trace x;
  run_clean(x, 1);
  x.agent_data(3, false, x.request_id(2));
  x.begin(2, 3000);
  EXPECT_FALSE(x.analyse().find(1)->outcome.is_missed());
}

TEST(rules_signal, under_background_data_behind_the_event_is_not_late) {
  for (const std::string strategy : {"syncflush", "background"}) {
    made_trace x;
    x.set("ELASTIC_APM_SEND_STRATEGY", strategy);
    run_clean(x, 1);
    x.agent_data(3);
    x.begin(2, 3000);
    EXPECT_EQ(x.analyse().find(1)->outcome.is_missed(),
              strategy == "syncflush");
  }
}

TEST(rules_signal, what_waits_for_nothing_is_at_risk) {
  made_trace x;
  run_clean(x, 1);
  x.agent_data(3);
  EXPECT_EQ(describe(x.analyse().find(1)->outcome), "at_risk");
}

TEST(rules_signal, late_runtime_done) {
  made_trace x;
  run_until_margin(x, 1);
  x.wait_ms(20);
  x.platform("platform.runtimeDone", x.request_id(1), 600);
  const auto found = x.analyse();
  ASSERT_EQ(cause_of(found, 1), "signal.late_runtime_done");
  EXPECT_EQ(found.find(1)->findings[0].detail,
            "the runtime was done 370 ms into the invocation, but the "
            "platform's word came 600 ms after that");
  made_trace y;
  run_until_margin(y, 1);
  y.wait_ms(20); // at once, when the timer had gone off
  y.platform("platform.runtimeDone", y.request_id(1), 5);
  EXPECT_EQ(cause_of(y.analyse(), 1), "lifecycle.margin_too_small");
}

TEST(rules_signal, no_signal) {
  made_trace x;
  run_until_margin(x, 1);
  x.wait_ms(20);
  EXPECT_EQ(cause_of(x.analyse(), 1), "signal.no_signal");
  x.agent_data(0, true);
  EXPECT_EQ(cause_of(x.analyse(), 1), "lifecycle.margin_too_small");
}

/// Ended as by runtimeDone while the function works.
process_analysis run_with_runtime_done_of(uint64_t event) {
  made_trace x;
  run_clean(x, 1);
  x.begin(2, 3000);
  if (event != 0)
    x.platform("platform.runtimeDone", x.request_id(event));
  x.win(end_signal::runtime_done);
  x.flush_nothing();
  x.end(0, 0);
  x.agent_data(3);
  x.begin(3, 3000);
  return x.analyse();
}

TEST(rules_signal, false_done) {
  EXPECT_EQ(cause_of(run_with_runtime_done_of(0), 2), "signal.false_done");
}

TEST(rules_signal, wrong_invocation_done) {
  EXPECT_EQ(cause_of(run_with_runtime_done_of(1), 2),
            "signal.wrong_invocation_done");
  EXPECT_EQ(cause_of(run_with_runtime_done_of(2), 2),
            "signal.data_after_signal");
}

/// Found by exploration: the platform's word is read before Lambda's INVOKE,
/// and looked at in its event.
TEST(rules_signal, runtime_done_may_come_before_its_event) {
  made_trace x;
  run_clean(x, 1);
  const auto word = x.platform_waits("platform.runtimeDone", x.request_id(2));
  x.begin(2, 3000);
  x.telemetry_work(word);
  x.telemetry_result(word, 0);
  x.win(end_signal::runtime_done);
  x.flush_nothing();
  x.end(0, 0);
  x.agent_data(3);
  x.begin(3, 3000);
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 2), "signal.data_after_signal");
  ASSERT_EQ(found.find(2)->facts.runtime_done.size(), 1U);
  EXPECT_EQ(found.find(2)->facts.runtime_done[0].event, 1U) << "it came then";
}

/// Found by exploration, likewise of the agent: nothing is owed of an event
/// that it has ended, and a transaction that was read early is its event's.
TEST(rules_signal, a_signal_is_not_stale_where_the_agent_was_early) {
  for (const bool is_signal_early : {true, false}) {
    made_trace x;
    run_clean(x, 1);
    if (is_signal_early)
      x.agent_data(0, true);
    x.begin(2, 3000);
    x.agent_data(2);
    x.win(is_signal_early ? end_signal::agent_flushed : end_signal::deadline);
    x.flush_begin(2);
    x.answer(x.post(2), {1, 202, apm::http_failure::none, 2});
    x.flush_end(0, flush_end_why::nothing_left);
    x.end(2, 2);
    if (!is_signal_early)
      x.agent_data(1, false, x.request_id(3));
    x.begin(3, 3000);
    x.agent_data(0, true);
    x.win(end_signal::agent_flushed);
    x.flush_nothing();
    x.end(is_signal_early ? 0 : 1, 0);
    x.agent_data(3);
    x.begin(4, 3000);
    EXPECT_EQ(cause_of(x.analyse(), 3), "signal.data_after_signal");
  }
}

/// Found by exploration: what comes behind a signal's message is handled when
/// the flush has begun.
TEST(rules_signal, data_behind_the_signal_s_message_comes_after_it) {
  made_trace x;
  x.begin(1, 3000);
  x.wait_ms(2800);
  const auto done = x.send_done(end_signal::deadline);
  x.agent_data(3);
  x.win_by(done, end_signal::deadline);
  x.flush_nothing();
  x.end(3, 0, 0, delayed);
  const auto found = x.analyse();
  ASSERT_EQ(cause_of(found, 1), "signal.data_after_signal");
  EXPECT_EQ(found.find(1)->findings[0].detail,
            "3 lines came after it, the first 0 ns later");
}

} // namespace
} // namespace flushtrace
