// Table tests of server_health.hpp. Source: known-traps.md T6: a hanging server
// is paid for once, then costs nothing until a probe has succeeded.
#include "runtime/delivery/server_health.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

constexpr ship_moment moments[] = {
    ship_moment::event_begin,
    ship_moment::event_run,
    ship_moment::event_end,
    ship_moment::shutdown,
};

TEST(server_health, trusts_a_server_at_first) {
  const server_health health;
  EXPECT_FALSE(health.is_failing());
  for (const auto moment : moments)
    EXPECT_TRUE(health.allows(moment));
}

TEST(server_health, lets_a_failing_server_hold_up_nothing) {
  server_health health;
  health.failed();
  EXPECT_TRUE(health.is_failing());
  EXPECT_TRUE(health.allows(ship_moment::event_begin)) << "the probe";
  EXPECT_FALSE(health.allows(ship_moment::event_run));
  EXPECT_FALSE(health.allows(ship_moment::event_end));
  EXPECT_TRUE(health.allows(ship_moment::shutdown)) << "the last chance";
}

TEST(server_health, keeps_its_judgement_until_a_success) {
  server_health health;
  health.failed();
  health.failed();
  EXPECT_FALSE(health.allows(ship_moment::event_end));
  health.succeeded();
  EXPECT_FALSE(health.is_failing());
  for (const auto moment : moments)
    EXPECT_TRUE(health.allows(moment));
}

} // namespace
} // namespace apm
