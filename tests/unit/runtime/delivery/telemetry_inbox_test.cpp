// Tests of telemetry_inbox.hpp: a delivery may come three times, as Lambda was
// seen to send it, and what a child works on stays here (ARCHITECTURE.md, 2).
#include "runtime/delivery/telemetry_inbox.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

telemetry_batch delivery_of(uint64_t id, uint64_t fingerprint,
                            uint64_t body_bytes = 10) {
  telemetry_batch x;
  x.id = id;
  x.fingerprint = fingerprint;
  x.body_bytes = body_bytes;
  return x;
}

TEST(telemetry_inbox, hands_out_one_at_a_time_oldest_first) {
  telemetry_inbox inbox;
  EXPECT_EQ(inbox.begin_next(), nullptr);
  EXPECT_TRUE(inbox.add(delivery_of(1, 100)));
  EXPECT_TRUE(inbox.add(delivery_of(2, 200)));
  const auto* first = inbox.begin_next();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->id, 1U);
  EXPECT_EQ(inbox.under_work(), 1U);
  EXPECT_EQ(inbox.begin_next(), nullptr) << "one is under work";
  EXPECT_TRUE(inbox.finish(1));
  EXPECT_EQ(inbox.under_work(), std::nullopt);
  ASSERT_NE(inbox.begin_next(), nullptr);
  EXPECT_EQ(inbox.under_work(), 2U);
  EXPECT_TRUE(inbox.finish(2));
  EXPECT_TRUE(inbox.empty());
}

TEST(telemetry_inbox, knows_a_delivery_that_comes_again) {
  telemetry_inbox inbox;
  EXPECT_TRUE(inbox.add(delivery_of(1, 100)));
  EXPECT_FALSE(inbox.add(delivery_of(2, 100))) << "while the first waits";
  inbox.begin_next();
  inbox.finish(1);
  EXPECT_FALSE(inbox.add(delivery_of(3, 100))) << "after it was done";
  EXPECT_TRUE(inbox.empty());
  EXPECT_EQ(inbox.held_bytes(), 0U);
}

TEST(telemetry_inbox, remembers_the_last_64_deliveries) {
  telemetry_inbox inbox;
  for (uint64_t n = 1; n <= 64; ++n)
    EXPECT_TRUE(inbox.add(delivery_of(n, n)));
  EXPECT_FALSE(inbox.add(delivery_of(65, 1)));
  EXPECT_TRUE(inbox.add(delivery_of(66, 65)));
  EXPECT_TRUE(inbox.add(delivery_of(67, 1))) << "forgotten by now";
  EXPECT_FALSE(inbox.add(delivery_of(68, 65)));
}

TEST(telemetry_inbox, gives_back_what_a_processor_left) {
  telemetry_inbox inbox;
  inbox.add(delivery_of(1, 100));
  inbox.begin_next();
  inbox.restart();
  const auto* again = inbox.begin_next();
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->id, 1U);
}

TEST(telemetry_inbox, takes_each_result_once) {
  telemetry_inbox inbox;
  inbox.add(delivery_of(1, 100));
  inbox.begin_next();
  inbox.restart(); // its LOG PROCESSOR was replaced,
  inbox.begin_next();
  EXPECT_TRUE(inbox.finish(1)); // and then both had a result
  EXPECT_FALSE(inbox.finish(1));
  EXPECT_FALSE(inbox.finish(7)) << "never seen";
}

TEST(telemetry_inbox, counts_the_bytes_it_holds) {
  telemetry_inbox inbox;
  inbox.add(delivery_of(1, 100, 1000));
  inbox.add(delivery_of(2, 200, 500));
  inbox.add(delivery_of(3, 200, 500)); // again: not held twice
  EXPECT_EQ(inbox.held_bytes(), 1500U);
  inbox.begin_next();
  EXPECT_EQ(inbox.held_bytes(), 1500U) << "held while it is worked at";
  inbox.finish(1);
  EXPECT_EQ(inbox.held_bytes(), 500U);
  inbox.begin_next();
  inbox.finish(2);
  EXPECT_EQ(inbox.held_bytes(), 0U);
}

} // namespace
} // namespace apm
