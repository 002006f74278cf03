// Rings: what was written is read, whatever is overwritten, torn or damaged.
#include "runtime/trace/trace_reader.hpp"
#include "tests/unit/runtime/trace/support.hpp"

#include <gtest/gtest.h>

#include <random>

namespace apm::trace {
namespace {

using test::ring_memory;

constexpr size_t slots = 64;

struct ring : ::testing::Test {
  ring_memory memory{slots};
  ring_writer writer{memory.data(), memory.size(), 7, {11, 22, 33}};

  uint64_t append(std::string_view payload, uint64_t cause = 0,
                  int64_t time_ns = 5) {
    return writer.append({record_kind::enqueued, actor_reference::make(3, 17),
                          cause, time_ns, payload});
  }

  static trace read(std::string_view image, sequence_range wanted = {}) {
    auto found = read_ring(image, wanted);
    EXPECT_TRUE(found) << (found ? "" : found.error().detail);
    return found ? std::move(found.value()) : trace{};
  }

  trace read() { return read(memory.image()); }
};

TEST_F(ring, is_read_as_it_was_written) {
  const auto first = append("abc", 0, -4);
  const auto second = append(std::string(100, 'x'), first);
  writer.define(entry_kind::role, 3, 1, "apm_forwarder");
  writer.define(entry_kind::fact, 0, 0, "version=1");
  const auto found = read();
  EXPECT_EQ(found.process.process_id, 7U);
  EXPECT_EQ(found.process.start.boot, 33);
  EXPECT_FALSE(found.process.is_ended);
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_EQ(found.records[0].sequence, first);
  EXPECT_EQ(found.records[0].payload, "abc");
  EXPECT_EQ(found.records[0].time_ns, -4);
  EXPECT_EQ(found.records[0].cause, 0U);
  EXPECT_EQ(found.records[1].sequence, second);
  EXPECT_EQ(found.records[1].payload, std::string(100, 'x'));
  EXPECT_EQ(found.records[1].cause, first);
  EXPECT_EQ(found.records[1].actor.role(), 3U);
  EXPECT_EQ(found.records[1].actor.ordinal(), 17U);
  ASSERT_EQ(found.dictionary.size(), 2U);
  EXPECT_EQ(found.dictionary[0].text, "apm_forwarder");
  EXPECT_EQ(found.dictionary[0].other, 1U);
  EXPECT_EQ(found.fact("version"), "1");
  EXPECT_EQ(found.process.overwritten, 0U);
  EXPECT_EQ(found.process.torn, 0U);
  EXPECT_EQ(found.process.gaps, 0U);
}

TEST_F(ring, holds_payloads_of_every_length) {
  // 28 bytes are in the first slot, 48 in each other: around both borders.
  for (size_t size = 0; size <= 130; ++size) {
    ring_memory fresh{slots};
    ring_writer to{fresh.data(), fresh.size(), 1, {}};
    std::string payload(size, 'p');
    for (size_t i = 0; i < size; ++i)
      payload[i] = static_cast<char>(i);
    to.append({record_kind::born, {}, 0, 0, payload});
    to.append({record_kind::born, {}, 0, 0, "end"});
    const auto found = read(fresh.image());
    ASSERT_EQ(found.records.size(), 2U) << size;
    EXPECT_EQ(found.records[0].payload, payload);
    EXPECT_EQ(found.records[1].payload, "end");
  }
}

TEST_F(ring, cuts_a_payload_at_an_eighth_of_the_ring) {
  append(std::string(slots * slot_bytes, 'x'));
  const auto found = read();
  ASSERT_EQ(found.records.size(), 1U);
  EXPECT_EQ(found.records[0].payload, std::string(slots * slot_bytes / 8, 'x'));
}

TEST_F(ring, is_empty_at_first) {
  const auto found = read();
  EXPECT_TRUE(found.records.empty());
  EXPECT_EQ(found.process.torn, 0U);
  EXPECT_EQ(found.process.overwritten, 0U);
}

TEST_F(ring, keeps_the_newest) {
  uint64_t last = 0;
  for (int i = 0; i < 1000; ++i)
    last = append(std::string(static_cast<size_t>(i % 60), 'x'));
  const auto found = read();
  ASSERT_FALSE(found.records.empty());
  EXPECT_EQ(found.records.back().sequence, last);
  EXPECT_EQ(found.process.overwritten, found.records.front().sequence - 1);
  EXPECT_EQ(found.process.gaps, 0U);
  EXPECT_EQ(found.process.torn, 0U);
  // A record has two slots at most here.
  EXPECT_GE(found.records.size(), slots / 2 - 1);
  for (size_t i = 1; i < found.records.size(); ++i) {
    const auto& before = found.records[i - 1];
    EXPECT_EQ(found.records[i].sequence,
              before.sequence + slots_for(before.payload.size()));
  }
}

TEST_F(ring, gives_a_part) {
  std::vector<uint64_t> sequences;
  for (int i = 0; i < 20; ++i)
    sequences.push_back(append(std::string(40, 'x')));
  const auto found = read(memory.image(), {sequences[5], sequences[9]});
  ASSERT_EQ(found.records.size(), 4U);
  EXPECT_EQ(found.records.front().sequence, sequences[5]);
  EXPECT_EQ(found.records.back().sequence, sequences[8]);
  EXPECT_EQ(found.process.overwritten, 0U);
}

TEST_F(ring, says_how_much_of_a_part_was_overwritten) {
  for (int i = 0; i < 200; ++i)
    append("x");
  const auto found = read(memory.image(), {101, UINT64_MAX});
  EXPECT_EQ(found.records.front().sequence, 200U - slots + 1);
  EXPECT_EQ(found.process.overwritten, 200U - slots + 1 - 101);
}

TEST_F(ring, tells_of_a_record_that_was_torn) {
  append("whole");
  const auto torn = append(std::string(100, 'x'));
  auto image = memory.image();
  // As if killed before the first slot's checksum was stored.
  image[slots_offset + torn * slot_bytes] ^= 1;
  const auto found = read(image);
  ASSERT_EQ(found.records.size(), 1U);
  EXPECT_EQ(found.records[0].payload, "whole");
  EXPECT_EQ(found.process.torn, 1U);
  EXPECT_EQ(found.process.gaps, 0U);
}

TEST_F(ring, counts_a_gap) {
  append("a");
  const auto damaged = append("b");
  append("c");
  auto image = memory.image();
  image[slots_offset + damaged * slot_bytes + 40] ^= 1;
  const auto found = read(image);
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_EQ(found.process.gaps, 1U);
  EXPECT_EQ(found.process.torn, 0U);
}

TEST_F(ring, knows_a_cause_however_far_back) {
  const auto first = append("x");
  writer.append({record_kind::handled, {}, first, 0, {}});
  EXPECT_EQ(read().records[1].cause, first);
}

TEST_F(ring, tells_an_end_in_good_order) {
  writer.seal();
  EXPECT_TRUE(read().process.is_ended);
}

TEST_F(ring, has_a_dictionary_that_fills_up) {
  uint32_t defined = 0;
  while (writer.define(entry_kind::configuration, defined, 0,
                       std::string(1000, 'x')))
    ++defined;
  EXPECT_GE(defined, 30U); // 32 KiB
  EXPECT_EQ(read().dictionary.size(), defined);
  append("x");
  EXPECT_EQ(read().records.size(), 1U);
}

TEST_F(ring, of_another_version_is_refused) {
  auto image = memory.image();
  image[8] = 3;
  const auto found = read_ring(image);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, errc::bad_value);
  EXPECT_NE(found.error().detail.find("knows versions 1 and 2"),
            std::string::npos);
}

// -- damage -------------------------------------------------------------------

void fill(ring_writer& to) {
  to.define(entry_kind::role, 1, 0, "coordinator");
  to.define(entry_kind::message_type, 1, 0, "done {uu}");
  uint64_t cause = 0;
  for (size_t i = 0; i < 40; ++i)
    cause =
        to.append({record_kind::enqueued, actor_reference::make(1, 1), cause,
                   static_cast<int64_t>(i), std::string(i * 3, 'p')});
}

void expect_sound(const trace& x) {
  for (size_t i = 1; i < x.records.size(); ++i)
    ASSERT_LT(x.records[i - 1].sequence, x.records[i].sequence);
  for (const auto& r : x.records) {
    ASSERT_LT(r.cause, r.sequence);
    ASSERT_EQ(r.payload.find_first_not_of('p'), std::string_view::npos);
  }
}

TEST_F(ring, cut_anywhere_is_read_as_far_as_it_goes) {
  fill(writer);
  const auto image = memory.image();
  const auto whole = read();
  // The dictionary's unused bytes are all alike.
  for (size_t size = 0;
       size<image.size(); size += size> 1024 && size < slots_offset - 64 ? 61
                                                                         : 1) {
    const auto found = read_ring(std::string_view{image}.substr(0, size));
    if (size < header_bytes) {
      EXPECT_FALSE(found);
      continue;
    }
    ASSERT_TRUE(found) << size;
    expect_sound(found.value());
    EXPECT_LE(found.value().records.size(), whole.records.size());
  }
}

TEST_F(ring, with_any_byte_flipped_loses_no_more_than_that_record) {
  fill(writer);
  auto image = memory.image();
  const auto whole = read();
  for (size_t at = 0;
       at<image.size(); at += at> 1024 && at < slots_offset - 64 ? 61 : 1) {
    image[at] = static_cast<char>(~image[at]);
    const auto found = read_ring(image);
    if (found) {
      expect_sound(found.value());
      EXPECT_GE(found.value().records.size() + 1, whole.records.size()) << at;
      EXPECT_GE(found.value().dictionary.size() + 2, whole.dictionary.size());
    } else {
      EXPECT_LT(at, 52U) << "only the header is needed";
    }
    image[at] = static_cast<char>(~image[at]);
  }
}

TEST_F(ring, of_random_bytes_is_no_ring_or_an_empty_one) {
  std::mt19937_64 random{1};
  for (int i = 0; i < 20; ++i) {
    auto image = memory.image();
    for (size_t at = header_bytes; at < image.size(); ++at)
      image[at] = static_cast<char>(random());
    const auto found = read(image);
    EXPECT_TRUE(found.records.empty());
    EXPECT_TRUE(found.dictionary.empty());
  }
}

/// A writer that lies, with checksums that hold.
TEST_F(ring, with_lies_in_sound_slots_is_read_without_harm) {
  std::mt19937_64 random{1};
  for (int round = 0; round < 300; ++round) {
    fill(writer);
    for (int lies = 0; lies < 10; ++lies) {
      char* slot = memory.data() + slots_offset + random() % slots * slot_bytes;
      static constexpr size_t fields[] = {4, 6, 8, 16, 24, 28, 32};
      store(slot + fields[random() % 7], static_cast<uint16_t>(random()));
      store(slot, slot_checksum(slot));
    }
    const auto found = read();
    for (size_t i = 1; i < found.records.size(); ++i)
      ASSERT_LT(found.records[i - 1].sequence, found.records[i].sequence);
  }
}

} // namespace
} // namespace apm::trace
