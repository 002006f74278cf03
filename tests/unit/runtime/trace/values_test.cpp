// Records taken apart, by the dictionary that a trace brings with it.
#include "runtime/trace/values.hpp"
#include "tests/unit/runtime/trace/support.hpp"

#include <gtest/gtest.h>

#include <random>

namespace apm::trace {
namespace {

/// A trace with one message type and one payload of it.
struct message {
  message(const std::string& signature, std::string_view payload) {
    of.dictionary = {{entry_kind::message_type, 1, 0, "some " + signature}};
    of.storage = std::make_shared<const std::string>(std::string{"\x01\x02", 2}
                                                     + std::string{payload});
    record x;
    x.sequence = 1;
    x.kind = static_cast<uint8_t>(record_kind::enqueued);
    x.payload = *of.storage;
    of.records = {x};
  }

  record_content read() const { return schema_book{of}.read(of.records[0]); }

  trace of;
};

std::string_view written(const byte_writer& x) {
  return x.written();
}

TEST(schema_book, reads_values_of_every_kind) {
  char buffer[256];
  byte_writer to{buffer, sizeof buffer};
  to.u(300);
  to.i(-70);
  to.i(1'000'000);
  to.byte(1);
  to.number(2.5);
  to.u(3 << 2 | kept_text);
  to.text("abc");
  to.u(9 << 2 | hashed_text);
  to.number(uint32_t{0xABCD});
  to.u(1000 << 2 | sized_text);
  to.u(77);
  const message x{"{uitbdsssa}", written(to)};
  const auto content = x.read();
  EXPECT_EQ(content.kind, "enqueued");
  EXPECT_EQ(content.type, "some");
  EXPECT_EQ(content.flags, is_from_outside);
  EXPECT_TRUE(content.is_whole);
  ASSERT_EQ(content.fields.size(), 9U);
  const auto value_at = [&](size_t i) { return content.fields[i].content; };
  EXPECT_EQ(value_at(0).number, 300U);
  EXPECT_EQ(value_at(1).signed_number, -70);
  EXPECT_EQ(value_at(2).kind, value_kind::time);
  EXPECT_EQ(value_at(2).signed_number, 1'000'000);
  EXPECT_EQ(value_at(3).number, 1U);
  EXPECT_EQ(value_at(4).real, 2.5);
  EXPECT_EQ(value_at(5).text, "abc");
  EXPECT_EQ(value_at(6).how, hashed_text);
  EXPECT_EQ(value_at(6).size, 9U);
  EXPECT_EQ(value_at(6).hash, 0xABCDU);
  EXPECT_EQ(value_at(7).how, sized_text);
  EXPECT_EQ(value_at(7).size, 1000U);
  EXPECT_EQ(value_at(8).kind, value_kind::actor);
  EXPECT_EQ(value_at(8).number, 77U);
}

TEST(schema_book, reads_lists_and_structures) {
  char buffer[256];
  byte_writer to{buffer, sizeof buffer};
  to.u(2); // of two structures, the first with an empty list
  to.u(1);
  to.u(0);
  to.u(2);
  to.u(2);
  to.u(7);
  to.u(8);
  to.u(99);
  const message x{"{[{u[u]}]u}", written(to)};
  const auto content = x.read();
  EXPECT_TRUE(content.is_whole);
  ASSERT_EQ(content.fields.size(), 2U);
  const auto& list = content.fields[0].content;
  ASSERT_EQ(list.elements.size(), 2U);
  EXPECT_TRUE(list.elements[0].elements[1].elements.empty());
  EXPECT_EQ(list.elements[1].elements[1].elements[1].number, 8U);
  EXPECT_EQ(content.fields[1].content.number, 99U);
}

TEST(schema_book, reads_bodies_of_every_form) {
  char buffer[256];
  byte_writer to{buffer, sizeof buffer};
  to.byte(0);
  to.byte(1);
  to.u(1000);
  to.byte(2);
  to.u(1000);
  to.number(uint32_t{5});
  to.byte(3);
  to.u(1000);
  to.u(2);
  to.text("{}");
  to.byte(4);
  to.u(30);
  to.u(2);
  to.byte(2);
  to.u(10);
  to.byte(3);
  to.u(20);
  to.byte(5);
  to.u(1000);
  to.u(3);
  to.text("xxx");
  const message x{"{yyyyyy}", written(to)};
  const auto content = x.read();
  EXPECT_TRUE(content.is_whole);
  ASSERT_EQ(content.fields.size(), 6U);
  EXPECT_EQ(content.fields[0].content.form, body_form::empty);
  EXPECT_EQ(content.fields[1].content.size, 1000U);
  EXPECT_EQ(content.fields[2].content.hash, 5U);
  EXPECT_EQ(content.fields[3].content.text, "{}");
  ASSERT_EQ(content.fields[4].content.lines.size(), 2U);
  EXPECT_EQ(content.fields[4].content.lines[1].kind, 3U);
  EXPECT_EQ(content.fields[4].content.lines[1].bytes, 20U);
  EXPECT_EQ(content.fields[5].content.text, "xxx");
}

TEST(schema_book, reads_records_by_the_names_of_their_fields) {
  test::ring_memory memory{64};
  test::scripted_clock time;
  recorder to{recorder_setup{memory.data(), memory.size(), 1, test::some_clocks,
                             &time, 99, payload_mode::shape}};
  note(&to, record_kind::winner, uint64_t{3}, uint64_t{1}, int64_t{-5});
  note(&to, record_kind::event_begin, uint64_t{3}, uint64_t{0}, "request",
       int64_t{7});
  const auto found = std::move(read_ring(memory.image()).value());
  const schema_book book{found};
  const auto winner = book.read(found.records[0]);
  EXPECT_EQ(winner.kind, "winner");
  EXPECT_EQ(schema_book::number(winner, "event"), 3U);
  EXPECT_EQ(schema_book::find(winner, "slack")->signed_number, -5);
  EXPECT_EQ(schema_book::find(winner, "nothing"), nullptr);
  const auto begin = book.read(found.records[1]);
  EXPECT_EQ(schema_book::find(begin, "request_id")->text, "request");
}

TEST(schema_book, reads_kinds_that_only_the_trace_knows) {
  trace x;
  x.dictionary = {{entry_kind::record_schema, 200, 0, "novelty size:u"}};
  x.storage = std::make_shared<const std::string>("\x05");
  record r;
  r.sequence = 1;
  r.kind = 200;
  r.payload = *x.storage;
  const auto content = schema_book{x}.read(r);
  EXPECT_EQ(content.kind, "novelty");
  EXPECT_EQ(schema_book::number(content, "size"), 5U);
}

TEST(schema_book, says_what_was_cut) {
  char buffer[64];
  byte_writer to{buffer, sizeof buffer};
  to.u(1);
  to.u(5 << 2 | kept_text);
  to.text("abcde");
  for (size_t size = 0; size < to.written().size(); ++size) {
    const message x{"{us}", to.written().substr(0, size)};
    const auto content = x.read();
    EXPECT_FALSE(content.is_whole) << size;
  }
}

/// A dictionary and payloads that lie.
TEST(schema_book, takes_anything) {
  std::mt19937_64 random{1};
  constexpr std::string_view letters = "uitbdsay[]{}x ";
  for (int round = 0; round < 20'000; ++round) {
    std::string signature;
    for (size_t n = random() % 12; n > 0; --n)
      signature += letters[random() % letters.size()];
    std::string payload;
    for (size_t n = random() % 24; n > 0; --n)
      payload += static_cast<char>(random() % 3 == 0 ? 0xFF : random() % 6);
    const message x{signature, payload};
    EXPECT_LE(x.read().fields.size(), signature.size());
  }
}

TEST(schema_book, takes_a_list_without_end_of_nothing) {
  const message x{"{[{}]}", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"
                            "x"};
  EXPECT_FALSE(x.read().is_whole);
}

TEST(schema_book, takes_a_signature_without_bottom) {
  const message x{std::string(100'000, '['), std::string(1000, '\x01')};
  EXPECT_FALSE(x.read().is_whole);
}

} // namespace
} // namespace apm::trace
