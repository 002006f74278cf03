// Tests of what leaves the outbox for the disk and comes back: evict, put_back,
// and the records between them.
#include "runtime/delivery/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm {
namespace {

const line_source orders{bytes{R"({"metadata":{"orders":1}})"}, "agent/1"};
const line_source ours{bytes{R"({"metadata":{"ours":1}})"}, ""};

outbox_lines lines_of(std::string text, uint64_t sequence = 1,
                      line_value value = line_value::agent) {
  outbox_lines x;
  x.sequence = sequence;
  x.value = value;
  x.count = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  x.lines = bytes{std::move(text)};
  return x;
}

/// Sends all of it to a server that takes all. @returns the lines in order
std::string ship_all(outbox& box) {
  std::string text;
  while (const auto leased = box.lease(ours)) {
    for (const auto& chunk : leased->chunks)
      text += chunk.view();
    delivery d;
    d.lease = leased->lease;
    d.accepted = leased->lines;
    (void)box.settle(d, delivery_policy::at_least_once);
  }
  return text;
}

class outbox_spill : public testing::Test {
protected:
  void add(const std::string& text, uint64_t sequence = 1) {
    EXPECT_TRUE(box.add(orders, lines_of(text, sequence)).empty());
  }

  void add_log(const std::string& text, uint64_t sequence = 1) {
    EXPECT_TRUE(box.add_own(lines_of(text, sequence, line_value::log)).empty());
  }

  outbox box{1 << 20};
};

const std::string span = "{\"span\":1}\n";
const std::string failure = "{\"error\":1}\n";

TEST(line_pieces, on_its_own_lines_keep_no_body) {
  outbox_lines body;
  body.lines = bytes{"{\"span\":1}\n{\"span\":2}\n"};
  body.count = 2;
  const auto piece = take_piece(body, 12);
  const auto own = on_its_own(piece);
  EXPECT_EQ(own.lines, piece.lines);
  EXPECT_EQ(own.count, 1U);
  EXPECT_NE(own.lines.view().data(), piece.lines.view().data());
}

TEST_F(outbox_spill, takes_the_least_valuable_and_no_more_than_it_must) {
  add(span);
  add_log("a\n");
  add_log("b\n");
  const auto records = box.evict(1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].lines.lines.view(), "a\n");
  EXPECT_EQ(records[0].lines.count, 1U);
  EXPECT_EQ(records[0].lines.value, static_cast<uint8_t>(line_value::log));
  EXPECT_TRUE(records[0].lines.metadata.empty()) << "they are our own";
  EXPECT_EQ(ship_all(box), span + "b\n");
  EXPECT_TRUE(box.evict(1).empty()) << "nothing is left";
}

TEST_F(outbox_spill, parts_an_agents_lines_by_their_value) {
  add(span + failure + span);
  const auto records = box.evict(1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].lines.lines.view(), span + span);
  EXPECT_EQ(records[0].lines.value, static_cast<uint8_t>(line_value::span));
  EXPECT_EQ(records[0].lines.metadata, orders.metadata);
  EXPECT_EQ(records[0].lines.user_agent, orders.user_agent);
  EXPECT_EQ(box.held_bytes(), failure.size());
  EXPECT_EQ(box.held_lines(), 1U);
}

TEST_F(outbox_spill, leaves_what_is_leased) {
  add(span);
  ASSERT_TRUE(box.lease(ours));
  EXPECT_TRUE(box.evict(1).empty());
  EXPECT_EQ(box.held_lines(), 1U);
}

TEST_F(outbox_spill, makes_one_record_of_many_events) {
  add_log("a\n", 1);
  add_log("b\nc\n", 2);
  add_log("d\n", 2);
  add_log("e\n", 1);
  const auto records = box.evict(UINT64_MAX);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].lines.lines.view(), "a\nb\nc\nd\ne\n");
  EXPECT_EQ(records[0].lines.count, 5U);
  ASSERT_EQ(records[0].shares.size(), 3U);
  EXPECT_EQ(records[0].shares[1].sequence, 2U);
  EXPECT_EQ(records[0].shares[1].lines, 3U);
}

TEST_F(outbox_spill, puts_back_before_all_that_came_meanwhile) {
  add("new\n", 3);
  EXPECT_TRUE(box.put_back(orders, lines_of("old 1\n", 1)).empty());
  EXPECT_TRUE(box.put_back(orders, lines_of("old 2\n", 2)).empty());
  EXPECT_EQ(box.held_lines(1), 1U);
  EXPECT_EQ(box.held_lines(2), 1U);
  EXPECT_EQ(ship_all(box), "old 1\nold 2\nnew\n");
}

TEST_F(outbox_spill, own_lines_put_back_travel_under_what_came_with_them) {
  EXPECT_TRUE(box.put_back({}, lines_of("log\n", 1, line_value::log)).empty());
  EXPECT_TRUE(box.put_back(orders, lines_of(span)).empty());
  const auto leased = box.lease(ours);
  ASSERT_TRUE(leased);
  EXPECT_EQ(leased->metadata, orders.metadata);
  EXPECT_EQ(leased->lines, 2U);
}

TEST_F(outbox_spill, puts_back_no_more_than_the_bound_allows) {
  outbox small{10};
  EXPECT_TRUE(small.add(orders, lines_of("123456789\n")).empty());
  const auto fates = small.put_back({}, lines_of("log\n", 7, line_value::log));
  ASSERT_EQ(fates.size(), 1U);
  EXPECT_EQ(fates[0].sequence, 7U);
  EXPECT_EQ(fates[0].reason, drop_reason::buffer_full);
}

TEST(spill_records, divide_into_files_without_cutting_a_record) {
  spill_records all{100};
  all.add(orders, lines_of("1\n"));
  all.add({}, lines_of("2\n"));
  all.add(orders, lines_of("3\n"));
  auto records = all.take();
  ASSERT_EQ(records.size(), 3U);
  const auto size = bytes_of(records[0]);
  const auto files = in_files(std::move(records), 2 * size - 1);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].size(), 2U);
  EXPECT_EQ(files[1][0].lines.lines.view(), "3\n");
  EXPECT_TRUE(in_files({}, size).empty());
}

TEST(spill_records, are_bounded_but_for_one_piece) {
  spill_records all{4};
  for (const auto* text : {"1\n", "2\n", "3\n", "4 is long\n"})
    all.add(orders, lines_of(text));
  const auto records = all.take();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].lines.lines.view(), "1\n2\n");
  EXPECT_EQ(records[1].lines.lines.view(), "3\n");
  EXPECT_EQ(records[2].lines.lines.view(), "4 is long\n");
}

} // namespace
} // namespace apm
