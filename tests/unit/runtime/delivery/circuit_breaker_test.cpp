// Table tests of circuit_breaker.hpp.
#include "runtime/delivery/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

using std::chrono::milliseconds;

constexpr auto all = {ship_moment::event_begin, ship_moment::event_run,
                      ship_moment::event_end, ship_moment::shutdown};

const steady_time start{std::chrono::hours{1}};

TEST(circuit_breaker, trusts_a_server_at_first) {
  const circuit_breaker breaker;
  EXPECT_FALSE(breaker.is_open());
  for (const auto moment : all)
    EXPECT_TRUE(breaker.allows(moment, start));
}

TEST(circuit_breaker, lets_a_failing_server_hold_up_nothing) {
  circuit_breaker breaker;
  breaker.failed(start, milliseconds{0}, 500); // 500 ms of grace
  const auto early = start + milliseconds{499};
  EXPECT_FALSE(breaker.allows(ship_moment::event_begin, early));
  EXPECT_FALSE(breaker.allows(ship_moment::event_run, early));
  EXPECT_FALSE(breaker.allows(ship_moment::event_end, early));
  EXPECT_TRUE(breaker.allows(ship_moment::shutdown, early)) << "last chance";
  const auto later = start + milliseconds{500};
  EXPECT_EQ(breaker.probe_at(), later);
  EXPECT_TRUE(breaker.allows(ship_moment::event_begin, later));
  EXPECT_TRUE(breaker.allows(ship_moment::event_run, later));
  EXPECT_FALSE(breaker.allows(ship_moment::event_end, later))
      << "no probe may keep an invocation waiting";
}

TEST(circuit_breaker, keeps_its_judgement_until_a_success) {
  circuit_breaker breaker;
  breaker.failed(start, milliseconds{0}, 0);
  breaker.failed(start, milliseconds{0}, 0);
  EXPECT_EQ(breaker.failures(), 2U);
  breaker.succeeded();
  for (const auto moment : all)
    EXPECT_TRUE(breaker.allows(moment, start));
}

TEST(circuit_breaker, leaves_a_server_alone_as_it_asks_but_not_for_ever) {
  circuit_breaker breaker;
  breaker.failed(start, milliseconds{30'000}, 500);
  EXPECT_EQ(breaker.probe_at(), start + milliseconds{30'000});
  for (const milliseconds asked :
       {milliseconds{3'600'000}, milliseconds{std::chrono::hours{24}}}) {
    breaker.failed(start, asked, 500);
    EXPECT_EQ(breaker.probe_at(), start + milliseconds{60'000});
  }
}

TEST(circuit_breaker, does_as_its_policy_says) {
  shipping_policy policy;
  policy.grace = milliseconds{2000};
  policy.probe_patience_max = milliseconds{40};
  circuit_breaker breaker{policy};
  breaker.failed(start, milliseconds{0}, 500); // half of its grace
  EXPECT_EQ(breaker.probe_at(), start + milliseconds{1000});
  breaker.answered(milliseconds{30});
  EXPECT_EQ(breaker.patience(), milliseconds{40});
  policy.has_breaker = false;
  circuit_breaker none{policy};
  none.failed(start, milliseconds{60'000}, 500);
  EXPECT_FALSE(none.is_open());
  EXPECT_TRUE(none.allows(ship_moment::event_end, start));
}

// transport.md: n² s up to 36 s, ± 10 %; ours begins with up to 1 s.
TEST(circuit_breaker, grows_its_grace_with_the_failures) {
  struct {
    uint32_t failures;
    int64_t least_ms;
    int64_t most_ms;
  } const rows[] = {
      {1, 0, 999},          {2, 900, 1100},      {3, 3600, 4400},
      {4, 8100, 9900},      {7, 32'400, 39'600}, {8, 32'400, 39'600},
      {99, 32'400, 39'600},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(circuit_breaker::grace_of(row.failures, 0).count(), row.least_ms);
    EXPECT_LE(circuit_breaker::grace_of(row.failures, 999).count(),
              row.most_ms);
    EXPECT_GE(circuit_breaker::grace_of(row.failures, 999).count(),
              row.most_ms * 98 / 100);
  }
}

TEST(circuit_breaker, leaves_a_server_alone_for_as_long_as_it_asks) {
  circuit_breaker breaker;
  breaker.failed(start, milliseconds{7000}, 999);
  EXPECT_EQ(breaker.probe_at(), start + milliseconds{7000});
  breaker.failed(start, milliseconds{10}, 0); // less than the grace of 900 ms
  EXPECT_EQ(breaker.probe_at(), start + milliseconds{900});
}

TEST(circuit_breaker, may_probe_at_once_where_the_cause_is_mended) {
  circuit_breaker breaker;
  breaker.failed(start, milliseconds{7000}, 999);
  breaker.end_grace(start + milliseconds{1});
  EXPECT_FALSE(breaker.allows(ship_moment::event_begin, start));
  EXPECT_TRUE(
      breaker.allows(ship_moment::event_begin, start + milliseconds{1}));
  EXPECT_FALSE(breaker.allows(ship_moment::event_end, start + milliseconds{1}));
  breaker.end_grace(start + milliseconds{9}); // it is over: nothing changes
  EXPECT_EQ(breaker.probe_at(), start + milliseconds{1});
}

} // namespace
} // namespace apm
