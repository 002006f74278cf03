// Tests of held_format.hpp.
#include "runtime/formats/held_format.hpp"

#include <gtest/gtest.h>

#include <string>

namespace apm {
namespace {

const held_figures figures{1, 0x123456789ABCDEF0, 3, UINT64_MAX, 5};

std::string written() {
  const auto text = write_held("orders", figures);
  return {text.data(), text.size()};
}

TEST(held_format, comes_out_as_it_went_in) {
  const auto read = read_held("orders", written());
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, figures);
}

TEST(held_format, is_not_believed_where_any_bit_is_wrong) {
  for (size_t at = 0; at < held_text_size; ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto text = written();
      text[at] = static_cast<char>(text[at] ^ (1 << bit));
      EXPECT_FALSE(read_held("orders", text)) << at << ' ' << bit;
    }
}

TEST(held_format, is_not_believed_where_it_is_cut_or_longer) {
  for (size_t size = 0; size < held_text_size; ++size)
    EXPECT_FALSE(read_held("orders", written().substr(0, size))) << size;
  EXPECT_FALSE(read_held("orders", written() + 'x'));
}

TEST(held_format, is_its_owners) {
  EXPECT_FALSE(read_held("payments", written()));
}

} // namespace
} // namespace apm
