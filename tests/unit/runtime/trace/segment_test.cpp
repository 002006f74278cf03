// Segments: a trace goes in and comes out; nothing that is damaged does harm.
#include "runtime/trace/segment.hpp"
#include "runtime/trace/wire.hpp"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <random>

namespace apm::trace {
namespace {

trace some_trace() {
  trace x;
  x.process = {42, {1'000'000, 1'795'348'800'000'000'000, -5}, true, 3, 4, 5, 1,
               2};
  x.dictionary = {{entry_kind::role, 1, 0, "coordinator"},
                  {entry_kind::role, 2, 1, "apm_forwarder"},
                  {entry_kind::fact, 0, 0, "version=0.1.0"},
                  {static_cast<entry_kind>(99), 7, 8, "of a later version"}};
  x.storage = std::make_shared<const std::string>("abcdefghijklmnopqrstuvwxyz"
                                                  + std::string(1000, 'z'));
  const std::string_view storage{*x.storage};
  x.records = {
      {1, -7, 0, actor_reference::make(1, 1), 3, storage.substr(0, 3)},
      {4, 1'000'000'000, 1, actor_reference::make(2, 17), 4, {}},
      {9, 999'999'999, 4, {}, 200, storage},
      {UINT64_MAX, INT64_MAX, 0, actor_reference::make(255, 0xFFFFFF), 1, {}},
  };
  return x;
}

std::string packed(const trace& x) {
  auto text = write_segment(x);
  EXPECT_TRUE(text);
  return text ? text.value() : "";
}

void expect_same(const trace& x, const trace& y) {
  EXPECT_EQ(x.process.process_id, y.process.process_id);
  EXPECT_EQ(x.process.start.real, y.process.start.real);
  EXPECT_EQ(x.process.start.boot, y.process.start.boot);
  EXPECT_EQ(x.process.is_ended, y.process.is_ended);
  EXPECT_EQ(x.process.last_event, y.process.last_event);
  EXPECT_EQ(x.process.overwritten, y.process.overwritten);
  EXPECT_EQ(x.process.gaps, y.process.gaps);
  ASSERT_EQ(x.dictionary.size(), y.dictionary.size());
  for (size_t i = 0; i < x.dictionary.size(); ++i) {
    EXPECT_EQ(x.dictionary[i].kind, y.dictionary[i].kind);
    EXPECT_EQ(x.dictionary[i].id, y.dictionary[i].id);
    EXPECT_EQ(x.dictionary[i].other, y.dictionary[i].other);
    EXPECT_EQ(x.dictionary[i].text, y.dictionary[i].text);
  }
  ASSERT_EQ(x.records.size(), y.records.size());
  for (size_t i = 0; i < x.records.size(); ++i) {
    EXPECT_EQ(x.records[i].sequence, y.records[i].sequence);
    EXPECT_EQ(x.records[i].time_ns, y.records[i].time_ns);
    EXPECT_EQ(x.records[i].cause, y.records[i].cause);
    EXPECT_EQ(x.records[i].actor.value, y.records[i].actor.value);
    EXPECT_EQ(x.records[i].kind, y.records[i].kind);
    EXPECT_EQ(x.records[i].payload, y.records[i].payload);
  }
}

TEST(segment, comes_out_as_it_went_in) {
  const auto original = some_trace();
  const auto text = packed(original);
  const auto found = read_segment(text);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found.value().bytes, text.size());
  expect_same(original, found.value().content);
}

TEST(segment, of_nothing_is_one_too) {
  const auto found = read_segment(packed({}));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found.value().content.records.empty());
}

TEST(segment, cut_anywhere_is_refused) {
  const auto text = packed(some_trace());
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(read_segment(std::string_view{text}.substr(0, size))) << size;
}

TEST(segment, with_any_bit_flipped_is_refused_or_the_same) {
  const auto original = some_trace();
  auto text = packed(original);
  for (size_t at = 0; at < text.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      text[at] = static_cast<char>(text[at] ^ (1 << bit));
      // A code that nothing uses may have another length, for example.
      if (const auto found = read_segment(text))
        expect_same(original, found.value().content);
      text[at] = static_cast<char>(text[at] ^ (1 << bit));
    }
}

TEST(segment, with_words_of_another_table_is_refused) {
  auto text = packed(some_trace());
  EXPECT_EQ(text[6], 1);
  text[6] = 2;
  store(text.data() + 20, libdeflate_crc32(0, text.data(), 20));
  const auto found = read_segment(text);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().detail.find("table 2"), std::string::npos);
}

TEST(segment, of_another_version_is_refused) {
  // Its header is sound: CRC-32 is checked first.
  auto text = packed({});
  text[4] = 2;
  const auto found = read_traces(text);
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().detail.find("header"), std::string::npos);
}

TEST(trace_file, may_hold_several_segments) {
  const auto one = packed(some_trace());
  const auto found = read_traces(one + one);
  ASSERT_TRUE(found);
  EXPECT_EQ(found.value().traces.size(), 2U);
  EXPECT_TRUE(found.value().problem.empty());
}

TEST(trace_file, is_bounded_in_what_it_unpacks_to) {
  const auto one = packed(some_trace());
  const auto bytes = read_segment(one).value().content.storage->size();
  const auto found = read_traces(one + one + one, 2 * bytes + 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found.value().traces.size(), 2U);
  EXPECT_EQ(found.value().ignored_bytes, one.size());
  EXPECT_NE(found.value().problem.find("more than"), std::string::npos);
  EXPECT_FALSE(read_traces(one, bytes - 1));
}

TEST(trace_file, gives_what_is_sound_beside_what_is_not) {
  const auto one = packed(some_trace());
  auto damaged = one;
  damaged[40] ^= 1;
  const auto found = read_traces(damaged + "noise" + one);
  ASSERT_TRUE(found);
  EXPECT_EQ(found.value().traces.size(), 1U);
  EXPECT_EQ(found.value().ignored_bytes, one.size() + 5);
  EXPECT_FALSE(found.value().problem.empty());
}

TEST(trace_file, of_something_else_is_refused) {
  for (const std::string text : {"", "x", "hello world", "ATRC", "APMTRING"})
    EXPECT_FALSE(read_traces(text)) << text;
}

TEST(trace, names_actors_by_their_parents) {
  const auto x = some_trace();
  EXPECT_EQ(x.name_of({}), "world");
  EXPECT_EQ(x.name_of(actor_reference::make(1, 1)), "coordinator");
  EXPECT_EQ(x.name_of(actor_reference::make(2, 17)),
            "coordinator/17.apm_forwarder");
  EXPECT_EQ(x.name_of(actor_reference::make(9, 1)), "?9");
}

TEST(trace, names_actors_of_a_damaged_dictionary_too) {
  trace x;
  x.dictionary = {{entry_kind::role, 1, 1, "self"},
                  {entry_kind::role, 2, 0, ""}};
  EXPECT_FALSE(x.name_of(actor_reference::make(1, 2)).empty());
  EXPECT_EQ(x.name_of(actor_reference::make(2, 1)), "?2");
}

TEST(trim_dictionary, leaves_what_records_need) {
  trace x;
  const auto known = std::string{schema_of(record_kind::winner)};
  x.dictionary = {
      {entry_kind::role, 1, 0, "coordinator"},
      {entry_kind::role, 2, 1, "apm_forwarder"},
      {entry_kind::role, 3, 0, "spill"},
      {entry_kind::message_type, 1, 0, "used {u}"},
      {entry_kind::message_type, 2, 0, "unused {u}"},
      {entry_kind::record_schema, 33, 0, known},
      {entry_kind::record_schema, 34, 0, "late_signal as:u it:u will:u be:u"},
      {entry_kind::record_schema, 200, 0, "novelty"},
      {entry_kind::configuration, 0, 0, "A=b"}};
  x.storage = std::make_shared<const std::string>("\x01");
  x.records = {{1, 0, 0, actor_reference::make(2, 1),
                static_cast<uint8_t>(record_kind::enqueued), *x.storage}};
  trim_dictionary(x);
  std::string left;
  for (const auto& entry : x.dictionary)
    left += entry.text.substr(0, entry.text.find(' ')) + ' ';
  EXPECT_EQ(left, "coordinator apm_forwarder used late_signal novelty A=b ");
}

} // namespace
} // namespace apm::trace
