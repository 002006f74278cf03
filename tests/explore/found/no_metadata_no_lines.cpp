// Written by flushtrace shrink: the events that it takes to break a promise. It
// was broken so: line L7 was lost.
#include "tools/flushtrace/explore/told_life.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

using namespace steps;

TEST(found_lives, no_metadata_no_lines) {
  scenario of;
  told_life life{of};
  life.take(invoke(1));
  life.take(platform(start_and_log, 1));
  life.take(time_goes_on());
  life.take(shutdown());
  life.take(time_goes_on());
  EXPECT_EQ(life.finish(), "");
}

} // namespace
} // namespace flushtrace
