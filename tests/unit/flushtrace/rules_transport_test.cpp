// The rules of the way to the APM Server, on made records.
#include "tests/unit/flushtrace/made_trace.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

using apm::end_signal;
using apm::http_failure;
using namespace test; // the vocabulary of made traces

/// One whose only POST ends so.
process_analysis run_with_answer(const made_answer& answer) {
  made_trace x;
  run_clean(x, 1);
  run_until_flush(x, 2);
  x.answer(x.post(4), answer);
  x.flush_end(4 - answer.accepted, flush_end_why::server_fails);
  x.end(4, answer.accepted, 0, delayed);
  return x.analyse();
}

TEST(rules, find_nothing_where_nothing_is_missed) {
  made_trace x;
  run_clean(x, 1);
  run_clean(x, 2);
  x.begin_shutdown(3, "spindown");
  x.end(0, 0);
  x.process_ends();
  const auto found = x.analyse();
  ASSERT_EQ(found.events.size(), 3U);
  for (const auto& each : found.events) {
    EXPECT_FALSE(each.outcome.is_missed()) << each.facts.event;
    EXPECT_TRUE(each.findings.empty())
        << each.facts.event << ' ' << each.findings.front().what->id;
  }
}

TEST(rules, tell_statuses_apart) {
  const struct {
    uint16_t status;
    const char* cause;
  } cases[] = {
      {401, "transport.auth_401_403"},     {403, "transport.auth_401_403"},
      {429, "transport.rate_limited_429"}, {400, "transport.rejected_4xx"},
      {413, "transport.rejected_4xx"},     {500, "transport.server_5xx"},
      {503, "transport.server_5xx"},       {404, "transport.server_5xx"},
  };
  for (const auto& [status, cause] : cases) {
    const auto found = run_with_answer({3, status});
    EXPECT_EQ(cause_of(found, 2), cause) << status;
    EXPECT_EQ(cause_of(found, 1), "-") << status;
  }
}

TEST(rules, tell_failures_apart) {
  const struct {
    made_answer answer;
    const char* cause;
  } cases[] = {
      {{3000, 0, http_failure::timeout}, "transport.post_timeout"},
      {{2, 0, http_failure::connect}, "transport.connect_fail"},
      {{2, 0, http_failure::resolve}, "transport.connect_fail"},
      {{2, 0, http_failure::tls}, "transport.connect_fail"},
      {{2, 0, http_failure::closed, 0, true}, "transport.stale_connection"},
      {{2, 0, http_failure::closed, 0, false}, "transport.server_5xx"},
  };
  for (const auto& [answer, cause] : cases) {
    EXPECT_EQ(cause_of(run_with_answer(answer), 2), cause);
  }
}

TEST(rules, a_post_is_evidence_by_its_records) {
  const auto found = run_with_answer({3, 503});
  const auto& event = *found.find(2);
  const auto& post = event.facts.posts.at(0);
  const std::vector<uint64_t> expected{post.begin.record, post.phases_record,
                                       post.end.record, post.delivery.record};
  EXPECT_EQ(event.findings.at(0).evidence, expected);
  EXPECT_EQ(event.findings.at(0).detail,
            "POST of 4 lines was answered 503 after 3.00 ms, 0 accepted");
}

TEST(rules, a_flush_may_be_out_of_time_by_its_last_post) {
  made_trace x;
  x.set("ELASTIC_APM_DATA_FORWARDER_TIMEOUT", "300ms");
  x.begin(1, 3000);
  x.agent_data(8);
  x.agent_data(0, true);
  x.win(end_signal::agent_flushed);
  x.flush_begin(8, false, 300);
  x.answer(x.post(4), {20, 202, http_failure::none, 4});
  x.post_in_vain(4, 280);
  x.end(8, 4, 0, delayed);
  const auto found = x.analyse();
  ASSERT_EQ(cause_of(found, 1), "transport.post_timeout");
  EXPECT_EQ(found.find(1)->findings[0].fix.setting,
            "ELASTIC_APM_DATA_FORWARDER_TIMEOUT");
  EXPECT_EQ(found.find(1)->findings[0].fix.value, "600ms"); // twice
}

TEST(rules, lines_of_an_earlier_events_post_are_rejected_later) {
  made_trace x;
  x.set("ELASTIC_APM_SEND_STRATEGY", "background");
  run_until_flush(x, 1);
  const auto lease = x.post(4);
  x.flush_end(4, flush_end_why::put_off);
  x.end(4, 0);
  x.begin(2, 3000);
  x.answer(lease, {5, 400, http_failure::none, 1});
  x.drop(0, 3);
  const auto next = x.post(1);
  x.flush_end(0, flush_end_why::put_off);
  x.end(0, 0, 0, is_rejected);
  x.answer(next, {5, 202, http_failure::none, 1});
  x.begin(3, 3000);
  const auto found = x.analyse();
  ASSERT_EQ(cause_of(found, 2), "transport.rejected_4xx");
  EXPECT_EQ(found.find(2)->findings[0].evidence.front(),
            found.find(1)->facts.posts[0].begin.record);
  // Of event 2 alone the refusal is all there is.
  const auto begin = found.find(2)->facts.begin.record;
  const auto part = analyse(x.read(begin));
  ASSERT_EQ(cause_of(part, 2), "transport.rejected_4xx");
  EXPECT_EQ(part.find(2)->findings[0].detail,
            "3 lines refused; their POST is not in the trace");
}

TEST(rules, backoff_skip_names_what_opened_the_breaker) {
  made_trace x;
  run_until_flush(x, 1);
  x.answer(x.post(4), {3, 503});
  x.breaker(true);
  x.flush_end(4, flush_end_why::server_fails);
  x.end(4, 0, 0, delayed);
  for (uint64_t event = 2; event < 4; ++event) {
    x.begin(event, 3000);
    x.agent_data(0, true);
    x.win(end_signal::agent_flushed);
    x.flush_begin(4, true);
    x.flush_end(4, flush_end_why::server_fails);
    x.end(0, 0, 0, delayed);
  }
  const auto found = x.analyse();
  const auto opened = found.find(1)->facts.breaker.at(0).at.record;
  for (uint64_t event = 2; event < 4; ++event) {
    EXPECT_EQ(cause_of(found, event), "transport.backoff_skip");
    const auto& skipped = found.find(event)->findings[0];
    EXPECT_EQ(skipped.evidence.at(0), opened);
    EXPECT_NE(skipped.detail.find("event 1 had opened it: "
                                  "transport.server_5xx"),
              std::string::npos)
        << skipped.detail;
    EXPECT_EQ(skipped.fix.text, found.find(1)->findings[0].fix.text);
  }
}

TEST(rules, dropped_after_failure) {
  for (const uint64_t reason : {2, 0}) { // ambiguous; rejected, unjudged
    made_trace x;
    run_until_flush(x, 1);
    x.answer(x.post(4), {1, 503});
    x.drop(reason, 4);
    x.flush_end(0, flush_end_why::nothing_left);
    x.end(4, 0, 4, lost);
    EXPECT_EQ(cause_of(x.analyse(), 1), "transport.dropped_after_failure");
  }
}

/// Found by exploration: lines that the server refuses are dropped event by
/// event, as many of one as an earlier POST had that failed.
TEST(rules, dropped_after_failure_is_not_what_the_server_has_refused) {
  made_trace x;
  run_until_flush(x, 1, 1);
  x.answer(x.post(1), {1, 503});
  x.flush_end(1, flush_end_why::server_fails);
  x.end(1, 0, 0, delayed);
  x.begin_shutdown(2, "spindown");
  x.win(end_signal::runtime_done);
  x.flush_begin(1, true);
  x.answer(x.post(1), {1, 503});
  x.answer(x.post(3), {1, 400, http_failure::none, 1});
  x.drop(0, 1);
  x.drop(0, 1);
  x.flush_end(0, flush_end_why::nothing_left);
  x.end(2, 0, 2, is_rejected);
  x.process_ends();
  const auto found = x.analyse();
  EXPECT_EQ(cause_of(found, 2), "transport.rejected_4xx");
  EXPECT_FALSE(found.find(2)->has_cause("transport.dropped_after_failure"));
}

TEST(rules, frozen_inflight) {
  for (const bool is_over_freeze : {true, false}) {
    made_trace x;
    run_until_flush(x, 1);
    const auto lease = x.post(4);
    if (!is_over_freeze)
      x.answer(lease, {1, 202, http_failure::none, 4});
    x.flush_end(is_over_freeze ? 4 : 0, flush_end_why::put_off);
    x.end(4, is_over_freeze ? 0 : 4);
    if (is_over_freeze)
      x.answer(lease, {1000, 0, http_failure::timeout});
    x.begin(2, 3000);
    EXPECT_EQ(cause_of(x.analyse(), 1),
              is_over_freeze ? "transport.frozen_inflight" : "-");
  }
}

TEST(rules, slow_cold_path) {
  for (const int64_t tls_us : {0, 2'500'000}) {
    made_answer answer{2900, 202, http_failure::none, 4};
    answer.tls_us = tls_us;
    made_trace x;
    run_until_flush(x, 1, 8);
    x.answer(x.post(4), answer);
    x.post_in_vain(4, 45);
    x.end(8, 4, 0, delayed);
    EXPECT_EQ(cause_of(x.analyse(), 1), tls_us > 0 ? "transport.slow_cold_path"
                                                   : "transport.post_timeout");
  }
}

TEST(rules, rejected_lines_are_the_servers_word) {
  made_trace x;
  run_until_flush(x, 1);
  x.answer(x.post(4), {1, 400, http_failure::none, 3});
  x.drop(0, 1);
  x.flush_end(0, flush_end_why::nothing_left);
  x.end(4, 3, 1, is_rejected);
  EXPECT_EQ(cause_of(x.analyse(), 1), "transport.rejected_4xx");
}

/// Found by exploration: the function was done so late that its deadline left
/// the server less than the time-out.
TEST(rules, post_timeout_by_the_invocation_s_deadline) {
  made_trace x;
  x.begin(1, 3000);
  x.agent_data(4);
  x.wait_ms(1000);
  x.platform("platform.runtimeDone", x.request_id(1));
  x.win(end_signal::runtime_done);
  x.flush_begin(4);
  x.post_in_vain(4, 1950);
  x.end(4, 0, 0, delayed);
  const auto found = x.analyse();
  ASSERT_EQ(cause_of(found, 1), "transport.post_timeout");
  EXPECT_NE(found.find(1)->findings[0].detail.find(
                "the invocation's deadline left the POST of 4 lines 1950 ms"),
            std::string::npos)
      << found.find(1)->findings[0].detail;
}

/// Found by exploration: the probe's batch lies in a mailbox when the flush
/// begins, its POST goes out behind that, and nobody hears of an answer.
TEST(rules_transport, backoff_skip_with_a_probe_that_goes_out_late) {
  for (const bool is_answered : {true, false}) {
    made_trace x;
    x.begin(1, 3000);
    x.agent_data(4);
    x.agent_data(0, true);
    x.win(end_signal::agent_flushed);
    x.flush_begin(4, true, 0, 1);
    const auto probe = x.post(4);
    ASSERT_EQ(probe, 1U) << "the lease that was under way";
    x.flush_end(4, flush_end_why::server_fails);
    made_answer answer{0};
    answer.is_delivered = false;
    if (is_answered)
      x.answer(probe, answer);
    else
      x.cancel(probe);
    x.end(4, 0, 0, delayed);
    const auto found = x.analyse();
    ASSERT_EQ(cause_of(found, 1), "transport.backoff_skip");
    EXPECT_NE(found.find(1)->findings[0].detail.find("a probe was under way"),
              std::string::npos);
  }
}

} // namespace
} // namespace flushtrace
