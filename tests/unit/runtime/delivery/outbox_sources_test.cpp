// Tests of what the outbox makes of many sources: a function that starts a
// process for each invocation shows other metadata each time, and in an outage
// the lines of all of them are held.
#include "runtime/delivery/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm {
namespace {

constexpr uint64_t plenty = 8 * 1024 * 1024; // the setting's default
constexpr size_t metadata_bytes = 20'000;    // labels and many variables
constexpr uint64_t allowance = line_sources::allowance;

const line_source ours{bytes{R"({"metadata":{"ours":1}})"}, ""};

/// Metadata that differs in the process's id, far behind.
line_source process(uint64_t id, size_t size = metadata_bytes) {
  const auto text = std::to_string(id);
  return {bytes{std::string(size - text.size(), 'm') + text}, ""};
}

outbox_lines lines_of(std::string text, uint64_t sequence = 1,
                      line_value value = line_value::agent) {
  outbox_lines x;
  x.sequence = sequence;
  x.value = value;
  x.count = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  x.lines = bytes{std::move(text)};
  return x;
}

void put(outbox& box, const line_source& source, outbox_lines lines) {
  EXPECT_TRUE(box.add(source, std::move(lines)).empty());
}

void settle(outbox& box, const batch& b, delivery_outcome outcome,
            uint32_t accepted) {
  delivery d;
  d.lease = b.lease;
  d.outcome = outcome;
  d.accepted = accepted;
  (void)box.settle(d, delivery_policy::at_least_once);
}

// In an outage: 3 000 processes, each with one line.
TEST(outbox_sources, are_bounded_together_with_their_lines) {
  outbox box{plenty};
  uint64_t dropped = 0;
  for (uint64_t id = 1; id <= 3'000; ++id) {
    for (const auto& fate : box.add(process(id), lines_of("line\n", id)))
      dropped += fate.lines;
    ASSERT_LE(box.held_bytes(), plenty + metadata_bytes);
  }
  EXPECT_EQ(box.held_lines() + dropped, 3'000U);
  EXPECT_EQ(box.held_lines(), (plenty + allowance) / (metadata_bytes + 5) + 2)
      << "beside the bound the newest, and the one before";
  EXPECT_EQ(box.lease(ours)->metadata, process(dropped + 1).metadata)
      << "the oldest went";
}

// Where metadata is short, all of them are held, and each is told apart.
TEST(outbox_sources, are_told_apart_however_many) {
  constexpr size_t size = 100;
  outbox box{plenty};
  for (uint64_t round = 0; round < 2; ++round)
    for (uint64_t id = 1; id <= 1'000; ++id)
      put(box, process(id, size), lines_of(std::to_string(id) + '\n'));
  for (uint64_t id = 1; id <= 1'000; ++id) {
    const auto leased = box.lease(ours);
    ASSERT_TRUE(leased);
    ASSERT_EQ(leased->metadata, process(id, size).metadata);
    ASSERT_EQ(leased->lines, 2U) << "one request for both";
    ASSERT_EQ(leased->chunks.front().view(), std::to_string(id) + '\n');
    settle(box, *leased, delivery_outcome::settled, 2);
  }
  EXPECT_EQ(box.held_bytes(), 0U);
}

TEST(outbox_sources, count_once_and_until_their_last_line_has_gone) {
  outbox box{plenty};
  put(box, process(1), lines_of("a\n"));
  put(box, process(1), lines_of("b\n"));
  EXPECT_EQ(box.held_bytes(), 4U) << "the newest is there with or without";
  put(box, {process(2).metadata, "agent/2"}, lines_of("c\n"));
  EXPECT_EQ(box.held_bytes(), 6U + metadata_bytes - allowance);
  put(box, process(3), lines_of("d\n"));
  EXPECT_EQ(box.held_bytes(), 8U + 2 * metadata_bytes + 7 - allowance)
      << "with its user agent";
  EXPECT_EQ(box.free_bytes(), 8U) << "what a request would carry";
  const auto first = box.lease(ours);
  EXPECT_EQ(box.held_bytes(), 8U + 2 * metadata_bytes + 7 - allowance);
  settle(box, *first, delivery_outcome::not_taken, 1);
  EXPECT_EQ(box.held_bytes(), 6U + 2 * metadata_bytes + 7 - allowance)
      << "b is left";
  settle(box, *box.lease(ours), delivery_outcome::settled, 1);
  EXPECT_EQ(box.held_bytes(), 4U + metadata_bytes + 7 - allowance);
  settle(box, *box.lease(ours), delivery_outcome::settled, 1);
  EXPECT_EQ(box.held_bytes(), 2U);
}

// A service of some processes, in ordinary times.
TEST(outbox_sources, are_no_backlog_where_they_are_few_and_short) {
  outbox box{plenty};
  for (uint64_t id = 1; id <= 17; ++id)
    put(box, process(id, 1024), lines_of("line\n"));
  EXPECT_EQ(box.held_bytes(), 17U * 5) << "16 beside the newest: 16 KiB";
  box.show(process(18));
  EXPECT_EQ(box.held_bytes(), 17U * 5 + 1024);
}

TEST(outbox_sources, count_while_the_parts_of_their_lines_are_held) {
  outbox box{plenty};
  std::string body;
  for (int i = 0; i < 3'000; ++i)
    body += std::string(999, 'x') + '\n';
  put(box, process(1), lines_of(body)); // 3 MB: twelve pieces, three requests
  box.show(process(2));
  EXPECT_EQ(box.held_bytes(), body.size() + metadata_bytes - allowance);
  while (const auto leased = box.lease(ours)) {
    EXPECT_EQ(leased->metadata, process(1).metadata);
    EXPECT_GE(box.held_bytes(), metadata_bytes - allowance);
    settle(box, *leased, delivery_outcome::settled, leased->lines);
  }
  EXPECT_EQ(box.held_bytes(), 0U);
}

TEST(outbox_sources, go_with_lines_that_the_server_names) {
  outbox box{plenty};
  put(box, process(1), lines_of("bad\n"));
  box.show(process(2));
  delivery d;
  d.lease = box.lease(ours)->lease;
  d.outcome = delivery_outcome::not_taken;
  d.refused_lines = {"bad"};
  EXPECT_EQ(box.settle(d, delivery_policy::at_least_once).size(), 1U);
  EXPECT_EQ(box.held_bytes(), 0U);
}

TEST(outbox_sources, show_themselves_without_lines) {
  outbox box{plenty};
  for (uint64_t id = 1; id <= 40; ++id)
    box.show(process(id));
  EXPECT_EQ(box.held_bytes(), 0U) << "none is remembered but the newest";
  EXPECT_TRUE(box.add_own(lines_of("log\n", 1, line_value::log)).empty());
  EXPECT_EQ(box.lease(ours)->metadata, process(40).metadata);
}

// Whoever asks whether there is room knows of the lines alone: what has no room
// in memory must have a chance to go to disk before it is dropped.
TEST(outbox_sources, take_no_room_from_lines_that_had_some) {
  outbox box{2 * metadata_bytes - allowance};
  put(box, process(1), lines_of("a\n"));
  put(box, process(2), lines_of("b\n"));
  ASSERT_TRUE(box.has_room(2));
  put(box, process(3), lines_of("c\n"));
  EXPECT_EQ(box.held_bytes(), 6U + 2 * metadata_bytes - allowance);
  EXPECT_FALSE(box.has_room(0));
  const auto records = box.evict(6);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].lines.metadata, process(1).metadata);
  EXPECT_EQ(box.held_bytes(), 4U + metadata_bytes - allowance);
  EXPECT_TRUE(box.has_room(2));
}

TEST(outbox_sources, are_over_the_bound_until_the_next_lines_only) {
  outbox box{2 * metadata_bytes - allowance};
  for (uint64_t id = 1; id <= 3; ++id)
    put(box, process(id), lines_of("a\n", id));
  ASSERT_FALSE(box.has_room(0));
  const auto fates = box.add(process(3), lines_of("b\n", 3));
  ASSERT_EQ(fates.size(), 1U);
  EXPECT_EQ(fates[0].sequence, 1U);
  EXPECT_EQ(fates[0].reason, drop_reason::buffer_full);
  EXPECT_EQ(box.held_bytes(), 6U + metadata_bytes - allowance);
}

TEST(outbox_sources, put_back_count_from_then_on) {
  outbox box{plenty};
  put(box, process(1), lines_of("new\n"));
  EXPECT_TRUE(box.put_back(process(2), lines_of("old\n")).empty());
  EXPECT_EQ(box.held_bytes(), 8U + metadata_bytes - allowance);
  EXPECT_TRUE(box.put_back(process(1), lines_of("old\n")).empty());
  EXPECT_EQ(box.held_bytes(), 12U + metadata_bytes - allowance);
  EXPECT_TRUE(box.put_back(process(3), {}).empty());
  EXPECT_EQ(box.held_bytes(), 12U + metadata_bytes - allowance)
      << "it has no lines";
}

} // namespace
} // namespace apm
