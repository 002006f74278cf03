// Tests of bytes.hpp: slices share their storage, and outlive what they are of.
#include "messages/bytes.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

TEST(bytes, is_empty_at_first) {
  const bytes nothing;
  EXPECT_TRUE(nothing.empty());
  EXPECT_EQ(nothing.size(), 0U);
  EXPECT_EQ(nothing, bytes{std::string{}});
}

TEST(bytes, shares_its_storage_with_copies_and_slices) {
  const bytes whole{"metadata\nevents\n"};
  const bytes copy = whole;
  const auto events = whole.slice(9); // "metadata\n" has 9 characters
  EXPECT_EQ(copy.view().data(), whole.view().data());
  EXPECT_EQ(events.view().data(), whole.view().data() + 9);
  EXPECT_EQ(events.view(), "events\n");
  EXPECT_EQ(events.slice(1, 3).view(), "ven");
  EXPECT_EQ(whole.slice(whole.size()).view(), "");
}

TEST(bytes, keeps_what_a_slice_is_of) {
  bytes part;
  {
    // Longer than any string's own buffer, so that it lies on the heap.
    const bytes whole{std::string(1000, 'x')};
    part = whole.slice(990);
  }
  EXPECT_EQ(part.view(), std::string(10, 'x'));
}

TEST(bytes, compares_what_it_holds_and_not_where) {
  EXPECT_EQ(bytes{"ab"}, bytes{"cab"}.slice(1));
  EXPECT_NE(bytes{"ab"}, bytes{"ac"});
  EXPECT_NE(bytes{"ab"}, bytes{"a"});
}

} // namespace
} // namespace apm
