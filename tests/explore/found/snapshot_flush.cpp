// Written by flushtrace shrink: the events that it takes to break a promise. It
// was broken so: the flush of event 1 was given up before its time was out.
#include "tools/flushtrace/explore/told_life.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

using namespace steps;

TEST(found_lives, snapshot_flush) {
  scenario of;
  of.may_leave_out = true;
  told_life life{of};
  life.take(invoke(1));
  life.take(agent(data, 1));
  life.take(agent(flush_signal, 1));
  life.take(platform(start_and_log, 1));
  life.take(server(accepted));
  EXPECT_EQ(life.finish(), "");
}

} // namespace
} // namespace flushtrace
