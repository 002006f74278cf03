// Written by flushtrace shrink: the events that it takes to break a promise. It
// was broken so: event 2 was held by a server that was known to fail.
#include "tools/flushtrace/explore/told_life.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

using namespace steps;

TEST(found_lives, breaker_is_forgotten) {
  scenario of;
  of.invocations = 2;
  of.faults = 2;
  of.may_leave_out = true;
  told_life life{of};
  life.take(invoke(1));
  life.take(platform(start_and_log, 1));
  life.take(time_goes_on());
  life.take(server(partly_unavailable));
  life.take(time_goes_on());
  life.take(invoke(2));
  life.take(agent(data, 1));
  life.take(time_goes_on());
  life.take(server(hangs));
  life.take(platform(runtime_done, 2));
  life.take(time_goes_on());
  EXPECT_EQ(life.finish(), "");
}

} // namespace
} // namespace flushtrace
