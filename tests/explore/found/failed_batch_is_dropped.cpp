// Written by flushtrace shrink: the events that it takes to break a promise. It
// was broken so: line L4 was lost.
#include "tools/flushtrace/explore/told_life.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

using namespace steps;

TEST(found_lives, failed_batch_is_dropped) {
  scenario of;
  of.faults = 1;
  of.may_leave_out = true;
  told_life life{of};
  life.take(invoke(1));
  life.take(agent(data, 1));
  life.take(agent(flush_signal, 1));
  life.take(server(unavailable));
  life.take(shutdown());
  life.take(time_goes_on());
  EXPECT_EQ(life.finish(), "");
}

} // namespace
} // namespace flushtrace
