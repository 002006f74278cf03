// The recorder: roles, turns and what is noted in them.
#include "runtime/trace/recorder.hpp"
#include "runtime/trace/trace_reader.hpp"
#include "tests/unit/runtime/trace/support.hpp"

#include <gtest/gtest.h>

namespace apm::trace {
namespace {

struct recorder_test : ::testing::Test {
  test::ring_memory memory{1024};
  test::scripted_clock time;
  recorder to{recorder_setup{memory.data(), memory.size(), 1, test::some_clocks,
                             &time, 99, payload_mode::shape}};

  trace read() {
    auto found = read_ring(memory.image());
    EXPECT_TRUE(found);
    return std::move(found.value());
  }
};

TEST_F(recorder_test, counts_the_actors_of_a_role) {
  const auto coordinator = to.role("coordinator", 0);
  const auto forwarder = to.role("apm_forwarder", coordinator);
  EXPECT_NE(coordinator, forwarder);
  EXPECT_EQ(to.role("apm_forwarder", coordinator), forwarder);
  EXPECT_NE(to.role("apm_forwarder", 0), forwarder);
  to.next_of(forwarder);
  const auto second = to.next_of(forwarder);
  EXPECT_EQ(read().name_of(second), "coordinator/2.apm_forwarder");
}

TEST_F(recorder_test, has_room_for_a_bounded_number_of_roles) {
  uint8_t last = 1;
  for (int i = 0; i < 100 && last != 0; ++i) {
    static std::vector<std::string> names(100);
    names[static_cast<size_t>(i)] = "role" + std::to_string(i);
    last = to.role(names[static_cast<size_t>(i)], 0);
  }
  EXPECT_EQ(last, 0U);
  EXPECT_EQ(to.next_of(0).value, 0U);
}

TEST_F(recorder_test, notes_belong_to_the_turn) {
  const auto actor = to.next_of(to.role("coordinator", 0));
  EXPECT_TRUE(to.is_outside());
  time.now_ns = 5;
  const auto turn = to.record(record_kind::handled, actor, 0, {});
  {
    const turn_scope scope{&to, actor, turn, false};
    EXPECT_FALSE(to.is_outside());
    note(&to, record_kind::winner, uint64_t{3}, uint8_t{2}, int64_t{-70});
  }
  EXPECT_EQ(to.turn(), 0U);
  const auto found = read();
  ASSERT_EQ(found.records.size(), 2U);
  const auto& noted = found.records[1];
  EXPECT_EQ(noted.cause, turn);
  EXPECT_EQ(noted.actor.value, actor.value);
  EXPECT_EQ(noted.time_ns, 5);
  byte_reader in{noted.payload};
  EXPECT_EQ(in.u(), 3U);
  EXPECT_EQ(in.u(), 2U);
  EXPECT_EQ(in.i(), -70);
  EXPECT_TRUE(in.is_sound() && in.is_at_end());
  const auto* schema = found.find(entry_kind::record_schema,
                                  static_cast<uint32_t>(record_kind::winner));
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(schema->text, "winner event:u signal:u slack:i");
}

TEST_F(recorder_test, turns_may_lie_in_turns) {
  const turn_scope outer{&to, {}, 7, true};
  {
    const turn_scope inner{&to, {}, 8, false};
    EXPECT_EQ(to.turn(), 8U);
  }
  EXPECT_EQ(to.turn(), 7U);
  EXPECT_TRUE(to.is_outside());
}

TEST_F(recorder_test, anchors_the_clocks) {
  to.anchor();
  const auto found = read();
  byte_reader in{found.records.at(0).payload};
  EXPECT_EQ(in.i(), 11);
  EXPECT_EQ(in.i(), 22);
  EXPECT_EQ(in.i(), 33);
}

TEST_F(recorder_test, knows_where_an_event_begins) {
  EXPECT_EQ(to.begin_of(1), 1U);
  for (uint64_t event = 1; event < 20; ++event) {
    note(&to, record_kind::random_draw, event);
    to.event_ended(event);
    EXPECT_EQ(to.begin_of(event + 1), to.ring().next_sequence());
  }
  EXPECT_EQ(to.begin_of(3), 1U); // too long past
  EXPECT_EQ(to.begin_of(18), to.ring().next_sequence() - 2);
}

TEST_F(recorder_test, hashes_by_its_key) {
  test::ring_memory other_memory{1024};
  const recorder other{recorder_setup{other_memory.data(), other_memory.size(),
                                      1, test::some_clocks, &time, 100,
                                      payload_mode::shape}};
  EXPECT_EQ(to.hash("secret"), to.hash("secret"));
  EXPECT_NE(to.hash("secret"), other.hash("secret"));
  EXPECT_NE(to.hash("a"), to.hash(std::string_view{"a\0", 2}));
  EXPECT_NE(to.hash("12345678"), to.hash("123456789"));
}

TEST(recorder_off, notes_nothing) {
  note(nullptr, record_kind::winner, uint64_t{1});
  const turn_scope scope{nullptr, {}, 1, false};
}

} // namespace
} // namespace apm::trace
