// Tests of spill_book.hpp: the account of lines that are on the disk.
#include "runtime/delivery/spill_book.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

/// Two records: lines of events 1 and 2, and one line of event 2.
std::vector<spill_record> records() {
  return {{{bytes{std::string{"{}"}}, "agent/1", 3, 3,
            bytes{std::string{"a\nb\nc\n"}}},
           {{1, 2}, {2, 1}}},
          {{bytes{}, "", 0, 1, bytes{std::string{"log\n"}}}, {{2, 1}}}};
}

spill_found back(const spill_store& x, uint32_t left = 0) {
  spill_found found;
  found.store = x.id;
  found.content = x.content;
  found.left = left;
  return found;
}

TEST(spill_book, holds_what_is_stored_until_it_is_back) {
  spill_book book;
  EXPECT_FALSE(book.has_files());
  const auto store = book.store(records());
  EXPECT_TRUE(book.has_files());
  EXPECT_EQ(book.held_lines(), 4U);
  EXPECT_EQ(book.held_lines(1), 2U);
  EXPECT_EQ(book.held_lines(2), 2U);
  EXPECT_TRUE(book.stored({store.id, true, 0}).empty());
  EXPECT_EQ(book.held_lines(), 4U);
  const auto recovered = book.found(back(store), 9);
  EXPECT_FALSE(recovered.is_earlier);
  EXPECT_TRUE(recovered.fates.empty());
  ASSERT_EQ(recovered.lines.size(), 3U);
  EXPECT_EQ(recovered.lines[0].second.sequence, 1U);
  EXPECT_EQ(recovered.lines[0].second.lines.view(), "a\nb\n");
  EXPECT_EQ(recovered.lines[0].first.user_agent, "agent/1");
  EXPECT_EQ(recovered.lines[1].second.sequence, 2U);
  EXPECT_EQ(recovered.lines[1].second.lines.view(), "c\n");
  EXPECT_EQ(recovered.lines[2].second.value, line_value::log);
  EXPECT_EQ(book.held_lines(), 0U);
  EXPECT_FALSE(book.has_files());
}

TEST(spill_book, loses_what_the_disk_did_not_take) {
  spill_book book;
  const auto store = book.store(records());
  const auto fates = book.stored({store.id, false, 0});
  ASSERT_EQ(fates.size(), 3U);
  EXPECT_EQ(fates[0].sequence, 1U);
  EXPECT_EQ(fates[0].lines, 2U);
  EXPECT_EQ(fates[0].reason, drop_reason::buffer_full);
  EXPECT_EQ(book.held_lines(), 0U);
  EXPECT_FALSE(book.has_files());
  EXPECT_TRUE(book.stored({store.id, false, 0}).empty()) << "said twice";
}

TEST(spill_book, loses_what_is_torn) {
  spill_book book;
  const auto store = book.store(records());
  EXPECT_TRUE(book.stored({store.id, true, 0}).empty());
  auto torn = back(store);
  torn.content.pop_back();
  const auto recovered = book.found(torn, 9);
  EXPECT_EQ(recovered.lines.size(), 2U);
  ASSERT_EQ(recovered.fates.size(), 1U);
  EXPECT_EQ(recovered.fates[0].sequence, 2U);
  EXPECT_EQ(recovered.fates[0].reason, drop_reason::spill_lost);
  EXPECT_EQ(book.held_lines(), 0U);
}

TEST(spill_book, believes_no_record_that_is_not_as_it_was) {
  spill_book book;
  const auto store = book.store(records());
  EXPECT_TRUE(book.stored({store.id, true, 0}).empty());
  auto other = back(store);
  other.content[0].count = 1;
  other.content[0].lines = bytes{std::string{"a\n"}};
  const auto recovered = book.found(other, 9);
  EXPECT_TRUE(recovered.lines.empty());
  EXPECT_EQ(recovered.fates.size(), 3U);
}

TEST(spill_book, counts_an_earlier_processs_lines_to_this_event) {
  spill_book book;
  spill_store earlier;
  for (auto& x : records())
    earlier.content.push_back(x.lines);
  const auto recovered = book.found(back(earlier, 2), 9);
  EXPECT_TRUE(recovered.is_earlier);
  ASSERT_EQ(recovered.lines.size(), 2U);
  EXPECT_EQ(recovered.lines[0].second.sequence, 9U);
  EXPECT_EQ(recovered.lines[0].second.count, 3U);
  EXPECT_TRUE(book.has_files()) << "2 are left";
}

TEST(spill_book, knows_whose_lines_come_next) {
  spill_book book;
  EXPECT_FALSE(book.begins_with(1));
  const auto first = book.store(records());
  auto later = records();
  later.pop_back();
  later[0].shares = {{3, 3}};
  const auto second = book.store(std::move(later));
  EXPECT_TRUE(book.begins_with(1));
  EXPECT_TRUE(book.begins_with(2));
  EXPECT_FALSE(book.begins_with(3)) << "older ones come before";
  EXPECT_TRUE(book.stored({first.id, true, 0}).empty());
  EXPECT_TRUE(book.stored({second.id, true, 0}).empty());
  EXPECT_EQ(book.found(back(first, 1), 9).lines.size(), 3U);
  EXPECT_TRUE(book.begins_with(3));
  EXPECT_TRUE(book.found({0, 0, {}, 0, {}, 2, 0, 0, {}}, 9).lines.empty());
  EXPECT_FALSE(book.begins_with(3)) << "an earlier process's is before it";
}

TEST(spill_book, subtracts_what_is_on_its_way_from_the_room) {
  spill_book book;
  EXPECT_EQ(book.room_bytes(), 0U) << "nothing is known";
  EXPECT_TRUE(book.stored({0, false, 1'000}).empty());
  EXPECT_EQ(book.room_bytes(), 1'000U);
  const auto one = book.store(records());
  const auto size = 1'000 - book.room_bytes();
  EXPECT_GT(size, 10U) << "the lines alone";
  const auto two = book.store(records());
  EXPECT_EQ(book.room_bytes(), 1'000 - 2 * size);
  EXPECT_TRUE(book.stored({one.id, true, 500}).empty());
  EXPECT_EQ(book.room_bytes(), 500 - size);
  EXPECT_EQ(book.stored({two.id, false, 0}).size(), 3U);
  EXPECT_EQ(book.room_bytes(), 0U);
  EXPECT_EQ(book.found(back(one), 9).lines.size(), 3U);
}

} // namespace
} // namespace apm
