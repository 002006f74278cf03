// Written by flushtrace shrink: the events that it takes to break a promise. It
// was broken so: event 1 was ended by its deadline long before that.
#include "tools/flushtrace/explore/told_life.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

using namespace steps;

TEST(found_lives, timer_in_whole_seconds) {
  scenario of;
  told_life life{of};
  life.take(invoke(1));
  life.take(time_goes_on());
  EXPECT_EQ(life.finish(), "");
}

} // namespace
} // namespace flushtrace
