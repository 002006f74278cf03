// Actors as the trace sees them: births, messages, turns, ends.
#include "runtime/recording/recorded_sources.hpp"
#include "runtime/recording/traced.hpp"
#include "runtime/trace/trace_reader.hpp"
#include "tests/unit/runtime/recording/support.hpp"

#include <gtest/gtest.h>

#include "caf/send.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm {
namespace {

using test::world;
using trace::record_kind;

struct parent_state {
  static inline const char* name = "parent";
  timer_actor child;
};

struct child_state {
  static inline const char* name = "child";
};

timer_actor::behavior_type
child(traced_pointer<timer_actor, child_state> self) {
  return {[self](const timer_fired& x) {
    if (x.id == 0)
      self->quit();
  }};
}

/// A POLLER that has a child per event, to which it sends two messages.
lifecycle_poller_actor::behavior_type
parent(traced_pointer<lifecycle_poller_actor, parent_state> self) {
  self->set_down_handler([](caf::down_msg&) {});
  return {
      [self](const http_response&) {
        self->send_exit(self->state.child, caf::exit_reason::user_shutdown);
      },
      [](const timer_fired&) {},
      [self](const event_done& x) {
        self->state.child = self->spawn<caf::monitored>(child);
        self->send(self->state.child, timer_fired{x.sequence});
        self->send(self->state.child, timer_fired{0});
      },
      [self](const stop_requested&) { self->quit(); },
  };
}

/// A record as text: actor, kind, and for messages their name.
std::string describe(const trace::trace& in, const trace::record& x) {
  std::string text = in.name_of(x.actor) + ' ';
  const auto schema = trace::schema_of(static_cast<record_kind>(x.kind));
  text += schema.substr(0, schema.find(' '));
  if (x.kind == static_cast<uint8_t>(record_kind::enqueued)) {
    trace::byte_reader fields{x.payload};
    const auto* type = in.find(trace::entry_kind::message_type,
                               static_cast<uint32_t>(fields.u()));
    text += ' ';
    text += type == nullptr ? "?" : type->text.substr(0, type->text.find(' '));
  }
  return text;
}

TEST(actor_recorder, sees_births_messages_turns_and_ends) {
  world w;
  const auto root = w.spawn(parent);
  caf::anon_send(root, event_done{7});
  w.settle();
  caf::anon_send(root, event_done{8});
  w.settle();
  caf::anon_send(root, stop_requested{"SIGTERM"});
  w.settle();
  const auto found = w.read();
  std::vector<std::string> told;
  told.reserve(found.records.size());
  for (const auto& x : found.records)
    told.push_back(describe(found, x));
  const std::vector<std::string> expected = {
      "parent enqueued event_done",
      "parent born",
      "parent handled",
      "parent/1.child enqueued timer_fired",
      "parent/1.child enqueued timer_fired",
      "parent/1.child born",
      "parent/1.child handled",
      "parent/1.child handled",
      "parent/1.child exited",
      "parent enqueued down",
      "parent handled",
      "parent enqueued event_done",
      "parent handled",
      "parent/2.child enqueued timer_fired",
      "parent/2.child enqueued timer_fired",
      "parent/2.child born",
      "parent/2.child handled",
      "parent/2.child handled",
      "parent/2.child exited",
      "parent enqueued down",
      "parent handled",
      "parent enqueued stop_requested",
      "parent handled",
      "parent exited",
  };
  EXPECT_EQ(told, expected);
}

TEST(actor_recorder, links_effects_to_their_causes) {
  world w;
  const auto root = w.spawn(parent);
  caf::anon_send(root, event_done{7});
  w.settle();
  const auto found = w.read();
  const auto& x = found.records;
  ASSERT_GE(x.size(), 11U);
  EXPECT_EQ(x[0].cause, 0U) << "it came from outside";
  EXPECT_EQ(x[1].cause, 0U) << "nobody's turn";
  EXPECT_EQ(x[2].cause, x[0].sequence) << "a turn is its message's";
  EXPECT_EQ(x[3].cause, x[2].sequence) << "what is sent is the turn's";
  EXPECT_EQ(x[4].cause, x[2].sequence);
  EXPECT_EQ(x[5].cause, x[2].sequence) << "the turn that spawned it";
  EXPECT_EQ(x[6].cause, x[3].sequence) << "first in, first out";
  EXPECT_EQ(x[7].cause, x[4].sequence);
  EXPECT_EQ(x[8].cause, x[7].sequence) << "it ended in that turn";
  EXPECT_EQ(x[9].cause, x[8].sequence) << "that it is down is told as it ends";
  EXPECT_EQ(x[10].cause, x[9].sequence);
}

TEST(actor_recorder, says_who_is_down) {
  world w;
  const auto root = w.spawn(parent);
  caf::anon_send(root, event_done{7});
  w.settle();
  const auto found = w.read();
  trace::byte_reader fields{found.records.at(9).payload};
  fields.u();
  EXPECT_EQ(fields.byte(), 0U) << "a child's end is nothing from outside";
  EXPECT_EQ(found.name_of({static_cast<uint32_t>(fields.u())}),
            "parent/1.child");
}

TEST(actor_recorder, says_who_ends_a_child_however_many_there_were) {
  world w;
  const auto root = w.spawn(parent);
  for (int i = 0; i < 40; ++i)
    caf::anon_send(root, event_done{7});
  caf::anon_send(root, http_response{});
  w.settle();
  const auto found = w.read();
  std::string sender;
  for (const auto& x : found.records)
    if (describe(found, x) == "parent/40.child enqueued exit") {
      trace::byte_reader fields{x.payload};
      fields.u();
      fields.byte();
      sender = found.name_of({static_cast<uint32_t>(fields.u())});
    }
  EXPECT_EQ(sender, "parent");
}

TEST(actor_recorder, records_nothing_when_it_is_off) {
  world w{trace::payload_mode::shape, false};
  const auto root = w.spawn(parent);
  caf::anon_send(root, event_done{7});
  w.settle();
  EXPECT_TRUE(w.read().records.empty());
}

// -- clock and randomness -----------------------------------------------------

TEST(recorded_clock, tells_the_wall_time_once_a_turn) {
  world w;
  const recorded_clock clock{w.time, &w.recorder()};
  {
    const trace::turn_scope turn{&w.recorder(), {}, 5, false};
    clock.wall();
    clock.wall();
  }
  {
    const trace::turn_scope turn{&w.recorder(), {}, 6, false};
    clock.wall();
  }
  size_t readings = 0;
  for (const auto& x : w.read().records)
    readings += x.kind == static_cast<uint8_t>(record_kind::wall_read) ? 1 : 0;
  EXPECT_EQ(readings, 2U);
  EXPECT_EQ(clock.now(), w.time.now());
}

TEST(recorded_random, tells_each_draw) {
  struct seven final : random_source {
    uint64_t next() noexcept override { return 7; }
  } real;
  world w;
  recorded_random random{real, &w.recorder()};
  EXPECT_EQ(random.next(), 7U);
  const auto found = w.read();
  ASSERT_EQ(found.records.size(), 1U);
  trace::byte_reader in{found.records[0].payload};
  EXPECT_EQ(in.u(), 7U);
}

} // namespace
} // namespace apm
