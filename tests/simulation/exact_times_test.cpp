// How long Lambda waits for us, to the nanosecond of virtual time, in courses
// whose end-to-end scenarios can only be looked at with a generous measure:
//
// - a server that hangs holds one invocation, for the forwarder's timeout, and
//   none of those after it, whatever its probes do; nothing of theirs is lost,
// - SHUTDOWN with nothing left to send ends at once.
#include "tests/support/coordinator_world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace apm::test {
namespace {

class exact_times : public ::testing::Test {
protected:
  void TearDown() override { world.check_books(); }

  /// Virtual time until the event is over.
  std::chrono::nanoseconds time_to_end(uint64_t event) {
    const auto begin = world.now();
    world.settle();
    world.advance(0ms); // what is due at once, is
    for (int i = 0; i < 100 && !world.is_done(event); ++i) {
      world.fire_next_timer();
      world.settle();
    }
    EXPECT_TRUE(world.is_done(event));
    return world.now() - begin;
  }

  /// An invocation that works for so long, then sends its data and its signal.
  uint64_t run(const std::string& request_id, std::chrono::nanoseconds work,
               bool is_server_well = false) {
    const auto event = world.invoke(request_id, 10s);
    world.send(registration(++ids, request_id));
    if (is_server_well)
      accept_all();
    world.advance(work);
    auto data = agent_data(++ids, request_id, 3);
    for (const auto& each : data.transactions)
      sent.insert(each.id);
    world.send(std::move(data));
    world.send(agent_flush(++ids));
    return event;
  }

  /// The server answers all that is under way.
  void accept_all() {
    world.settle();
    while (world.has_open(intake_path)) {
      for (const auto& line : world.posted())
        for (const auto& id : sent)
          if (line.find("\"id\":\"" + id + '"') != std::string::npos)
            ++accepted[id];
      world.answer(intake_path, answered(202));
      world.settle();
    }
  }

  coordinator_world world;
  uint64_t ids = 0;
  std::set<std::string> sent; ///< ids of transactions
  std::map<std::string, int> accepted;
};

TEST_F(exact_times, a_hanging_server_holds_one_invocation_only) {
  // From no grace at all to the most: a probe hangs in many, few, or one.
  world.config.forwarder_timeout = 500ms;
  world.begin();
  for (const uint64_t grace : {0, 400, 999}) {
    world.random.value = grace;
    const auto name = [&](int i) {
      return "r" + std::to_string(grace) + '-' + std::to_string(i);
    };
    const auto first = run(name(0), 5ms);
    EXPECT_EQ(time_to_end(first), 500ms) << "it pays, once";
    for (int i = 1; i <= 20; ++i) {
      const auto event = run(name(i), i % 3 == 0 ? 700ms : 20ms);
      EXPECT_EQ(time_to_end(event), 0ms) << "invocation " << i;
      world.advance(20ms); // frozen
    }
    // It is well again. The next probe goes out with some invocation.
    for (int i = 21; i < 40 && world.state().held().held_lines() > 0; ++i) {
      const auto event = run(name(i), 2s, true);
      accept_all();
      EXPECT_EQ(time_to_end(event), 0ms) << "a server that answers at once";
      accept_all();
      world.advance(10s);
    }
    EXPECT_EQ(world.state().held().held_lines(), 0U);
  }
  EXPECT_EQ(accepted.size(), sent.size()) << "every transaction has arrived";
}

TEST(exact_times_of_shutdown, nothing_is_left_and_it_ends_at_once) {
  for (const auto api : {telemetry_api::none, telemetry_api::telemetry}) {
    coordinator_world quiet;
    quiet.begin(api);
    quiet.invoke("r1", 3s);
    quiet.send(agent_data(1, "r1", 1));
    quiet.send(agent_flush(2));
    if (api == telemetry_api::telemetry)
      quiet.send(delivered(1, {runtime_done("r1"), report("r1")}));
    quiet.settle();
    while (quiet.has_open(intake_path)) {
      quiet.answer(intake_path, answered(202));
      quiet.settle();
    }
    const auto begin = quiet.now();
    const auto last = quiet.shutdown();
    quiet.settle();
    quiet.advance(0ms);
    EXPECT_TRUE(quiet.is_done(last));
    EXPECT_EQ(quiet.now() - begin, 0ms);
    EXPECT_FALSE(quiet.has_open(intake_path));
    quiet.check_books();
  }
}

TEST_F(exact_times, without_a_signal_200_ms_are_left) {
  world.begin();
  for (const auto left : {3000ms, 1999ms, 201ms}) {
    const auto event = world.invoke("r" + std::to_string(left.count()), left);
    EXPECT_EQ(time_to_end(event), left - 200ms);
  }
}

} // namespace
} // namespace apm::test
