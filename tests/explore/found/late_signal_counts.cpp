// Written by flushtrace shrink: the events that it takes to break a promise. It
// was broken so: event 2 was ended by a flush signal, and its agent has sent
// none yet.
#include "tools/flushtrace/explore/told_life.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

using namespace steps;

TEST(found_lives, late_signal_counts) {
  scenario of;
  of.invocations = 2;
  of.may_leave_out = true;
  told_life life{of};
  life.take(invoke(1));
  life.take(time_goes_on());
  life.take(invoke(2));
  life.take(agent(registration, 1));
  life.take(agent(flush_signal, 1));
  EXPECT_EQ(life.finish(), "");
}

} // namespace
} // namespace flushtrace
