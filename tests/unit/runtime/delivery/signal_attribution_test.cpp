// Tests of signal_attribution.hpp, as scripts: what comes in which order, and
// to whom a flush belongs. The orders are those in which Elastic's agents were
// seen to send; registration, data and flush are strictly serial.
#include "runtime/delivery/signal_attribution.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

TEST(signal_attribution, gives_a_plain_invocation_its_flush) {
  signal_attribution signals;
  for (const auto* request : {"r1", "r2", "r3"}) {
    EXPECT_FALSE(signals.event_began(request));
    signals.agent_seen();
    signals.transaction_seen(request);
    EXPECT_TRUE(signals.is_flush_current());
    signals.event_ended();
  }
}

// An unsampled invocation flushes with no data before.
TEST(signal_attribution, takes_a_flush_without_data) {
  signal_attribution signals;
  for (const auto* request : {"r1", "r2"}) {
    signals.event_began(request);
    EXPECT_TRUE(signals.is_flush_current());
    signals.event_ended();
  }
}

TEST(signal_attribution, knows_a_late_flush_of_the_event_before) {
  signal_attribution signals;
  signals.event_began("r1");
  signals.agent_seen();
  signals.transaction_seen("r1");
  signals.event_ended(); // by runtimeDone
  signals.event_began("r2");
  EXPECT_FALSE(signals.is_flush_current()) << "r1's";
  signals.agent_seen();
  signals.transaction_seen("r2");
  EXPECT_TRUE(signals.is_flush_current()) << "r2's own";
}

TEST(signal_attribution, expects_no_more_than_one_late_flush) {
  signal_attribution signals;
  signals.event_began("r1");
  signals.agent_seen();
  signals.event_ended();
  signals.event_began("r2");
  EXPECT_FALSE(signals.is_flush_current()) << "r1's";
  EXPECT_TRUE(signals.is_flush_current()) << "r2's, unsampled";
}

// It was silent in r1, which its deadline ended, and goes on with it in r2.
TEST(signal_attribution, knows_a_late_flush_by_what_came_before_it) {
  signal_attribution signals;
  signals.event_began("r1");
  signals.event_ended(); // by its deadline
  signals.event_began("r2");
  signals.transaction_seen("r1");
  signals.agent_seen();
  EXPECT_FALSE(signals.is_flush_current()) << "r1's";
  signals.transaction_seen("r2");
  EXPECT_TRUE(signals.is_flush_current()) << "r2's own";
}

// It was silent in r1, and went on with it before r2 began.
TEST(signal_attribution, knows_a_late_flush_by_what_came_between_events) {
  signal_attribution signals;
  signals.event_began("r1");
  signals.event_ended(); // by runtimeDone
  signals.transaction_seen("r1");
  EXPECT_FALSE(signals.event_began("r2"));
  EXPECT_FALSE(signals.is_flush_current()) << "r1's";
  signals.event_ended();
  signals.transaction_seen("r2");
  signals.flush_between_events();
  EXPECT_FALSE(signals.event_began("r3"));
  EXPECT_TRUE(signals.is_flush_current()) << "r2's is through";
}

// Data that comes late, or again, after its flush owes none.
TEST(signal_attribution, expects_no_second_flush_of_an_event) {
  signal_attribution signals;
  signals.event_began("r1");
  EXPECT_TRUE(signals.is_flush_current());
  signals.event_ended();
  signals.event_began("r2");
  signals.transaction_seen("r1");
  EXPECT_TRUE(signals.is_flush_current()) << "r2's, unsampled";
}

// Of a transaction without a request, or of one that no event had, nobody knows
// whose it is.
TEST(signal_attribution, learns_nothing_from_a_transaction_of_no_request) {
  for (const auto* request : {"", "another"}) {
    signal_attribution signals;
    signals.event_began("r1");
    signals.event_ended();
    signals.transaction_seen(request);
    signals.event_began("r2");
    signals.agent_seen();
    signals.transaction_seen(request);
    EXPECT_TRUE(signals.is_flush_current()) << request;
  }
}

// The agent is through with r1 when it shows r2: r1's flush never came.
TEST(signal_attribution, believes_a_transaction_of_the_event) {
  signal_attribution signals;
  signals.event_began("r1");
  signals.agent_seen();
  signals.event_ended();
  signals.event_began("r2");
  signals.agent_seen();
  signals.transaction_seen("r2");
  EXPECT_TRUE(signals.is_flush_current());
}

// A body may begin with what the last one left.
TEST(signal_attribution, is_not_misled_by_transactions_of_others) {
  signal_attribution signals;
  signals.event_began("r1");
  signals.agent_seen();
  signals.event_ended();
  signals.event_began("r2");
  signals.agent_seen();
  signals.transaction_seen("r1");
  signals.transaction_seen(""); // names none
  EXPECT_FALSE(signals.is_flush_current()) << "r1's";
  signals.transaction_seen("r2");
  EXPECT_TRUE(signals.is_flush_current());
}

TEST(signal_attribution, settles_the_debt_between_events) {
  signal_attribution signals;
  signals.event_began("r1");
  signals.agent_seen();
  signals.event_ended();
  signals.flush_between_events(); // r1's
  EXPECT_FALSE(signals.event_began("r2")) << "not r2's";
  EXPECT_TRUE(signals.is_flush_current()) << "r2's, unsampled";
}

TEST(signal_attribution, owes_nothing_where_no_agent_was_at_work) {
  signal_attribution signals;
  signals.event_began("r1");
  signals.event_ended();
  signals.event_began("r2");
  EXPECT_TRUE(signals.is_flush_current());
}

// Where the CPU is scarce the agent may be read before Lambda's INVOKE.
TEST(signal_attribution, honours_a_flush_that_overtook_its_invoke) {
  signal_attribution signals;
  signals.agent_seen();
  signals.transaction_seen("r1");
  signals.flush_between_events();
  EXPECT_TRUE(signals.event_began("r1"));
  signals.event_ended();
  EXPECT_FALSE(signals.event_began("r2")) << "it counts once";
  EXPECT_TRUE(signals.is_flush_current()) << "and nothing is owed";
}

TEST(signal_attribution, tells_early_data_from_an_early_flush) {
  signal_attribution signals;
  signals.agent_seen();
  signals.transaction_seen("r1");
  EXPECT_FALSE(signals.event_began("r1")) << "the flush is still to come";
  EXPECT_TRUE(signals.is_flush_current());
}

TEST(signal_attribution, owes_a_flush_for_early_data_too) {
  signal_attribution signals;
  signals.agent_seen();
  signals.transaction_seen("r1");
  signals.event_began("r1");
  signals.event_ended(); // by runtimeDone
  signals.event_began("r2");
  EXPECT_FALSE(signals.is_flush_current()) << "r1's";
}

// The late flush of r1, then the early data of r2: r2 has not flushed.
TEST(signal_attribution, keeps_a_late_flush_apart_from_early_data) {
  signal_attribution signals;
  signals.event_began("r1");
  signals.agent_seen();
  signals.event_ended();
  signals.flush_between_events();
  signals.transaction_seen("r2");
  EXPECT_FALSE(signals.event_began("r2"));
  EXPECT_TRUE(signals.is_flush_current());
}

} // namespace
} // namespace apm
