// Tests of loop.hpp: turns, their clocks, and that nothing starves.
#include "runtime/loop/loop.hpp"
#include "tests/support/loop_world.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "caf/event_based_actor.hpp"

namespace apm {
namespace {

using test::loop_world;

/// A descriptor of the loop's that is always readable.
class readable : reactor::watcher {
public:
  explicit readable(loop_world& world) : watch_(world.loop().reactor(), *this) {
    watch_.assign(::eventfd(1, EFD_CLOEXEC));
  }

  ~readable() {
    const int fd = watch_.fd();
    watch_.release();
    ::close(fd);
  }

  readable(const readable&) = delete;
  readable& operator=(const readable&) = delete;

  /// Does it once.
  void on_readable(std::function<void()> then) {
    then_ = std::move(then);
    watch_.want(reactor::readable);
  }

private:
  void on_ready(unsigned) override {
    watch_.want(0);
    then_();
  }

  reactor::watch watch_;
  std::function<void()> then_;
};

/// An actor that does `what` for each number it is sent.
caf::actor spawn(loop_world& world, std::function<void(int)> what) {
  return world.spawn([what = std::move(what)](caf::event_based_actor*) {
    return caf::behavior{[what](int number) { what(number); }};
  });
}

TEST(loop, takes_one_message_a_turn_from_each_actor_in_turn) {
  loop_world world;
  std::string order;
  auto a = spawn(world, [&](int n) { order += "a" + std::to_string(n); });
  auto b = spawn(world, [&](int n) { order += "b" + std::to_string(n); });
  for (const int n : {1, 2, 3})
    caf::anon_send(a, n);
  for (const int n : {1, 2})
    caf::anon_send(b, n);
  world.settle();
  EXPECT_EQ(order, "a1b1a2b2a3");
}

TEST(loop, reads_the_clock_once_a_turn) {
  loop_world world;
  std::vector<steady_time> seen;
  auto& time = world.loop().time();
  auto actor = spawn(world, [&](int) {
    seen.push_back(time.now());
    while (std::chrono::steady_clock::now() == time.now()) {
    } // until the real one has moved
    seen.push_back(time.now());
  });
  caf::anon_send(actor, 1);
  caf::anon_send(actor, 2);
  world.settle();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_LT(seen[1], seen[2]);
  EXPECT_EQ(seen[2], seen[3]);
}

TEST(loop, tells_wall_time_in_milliseconds_of_the_epoch) {
  loop_world world;
  wall_ms first = 0;
  wall_ms second = 0;
  auto actor = spawn(world, [&](int) {
    first = world.loop().time().wall();
    second = world.loop().time().wall();
  });
  caf::anon_send(actor, 1);
  world.settle();
  EXPECT_GT(first, 1'700'000'000'000) << "November 2023";
  EXPECT_EQ(first, second) << "the same turn";
}

// After a freeze every timer is overdue: an answer that came meanwhile must not
// lose against its own time-out.
TEST(loop, looks_at_sockets_before_timers) {
  loop_world world;
  readable socket{world};
  std::string order;
  world.loop().timers().set(steady_time{}, [&] { order += "timer "; });
  socket.on_readable([&] { order += "socket "; });
  world.run_until([&] { return order.size() >= 13; });
  EXPECT_EQ(order, "socket timer ");
}

TEST(loop, lets_timers_and_sockets_in_while_messages_flood) {
  loop_world world;
  readable socket{world};
  caf::actor flood;
  bool is_stopped = false;
  flood = spawn(world, [&](int n) {
    if (!is_stopped)
      caf::anon_send(flood, n + 1);
  });
  bool was_timer = false;
  bool was_socket = false;
  world.loop().timers().set(steady_time{}, [&] { was_timer = true; });
  caf::anon_send(flood, 1);
  world.run_until([&] { return was_timer; });
  socket.on_readable([&] { was_socket = true; });
  world.run_until([&] { return was_socket; });
  is_stopped = true;
  world.settle();
}

TEST(loop, lets_messages_and_sockets_in_while_a_timer_sets_itself_again) {
  loop_world world;
  readable socket{world};
  std::function<void()> set_again = [&] {
    world.loop().timers().set(world.loop().time().now(), set_again);
  };
  set_again();
  int received = 0;
  bool was_socket = false;
  auto actor = spawn(world, [&](int n) { received = n; });
  caf::anon_send(actor, 7);
  socket.on_readable([&] { was_socket = true; });
  world.run_until([&] { return received == 7 && was_socket; });
  set_again = [] {};
}

TEST(loop, waits_until_a_timer_is_due) {
  loop_world world;
  const auto due =
      std::chrono::steady_clock::now() + std::chrono::milliseconds{2};
  steady_time fired_at{};
  world.loop().timers().set(due, [&] {
    fired_at = world.loop().time().now();
    world.loop().quit();
  });
  world.loop().run();
  EXPECT_GE(fired_at, due);
}

// At SHUTDOWN there may be a file for each MiB that is held.
TEST(loop, quits_after_all_that_was_sent_before) {
  loop_world world;
  int received = 0;
  auto actor = spawn(world, [&](int n) {
    received += n;
    world.loop().quit();
  });
  for (int i = 0; i < 200; ++i)
    caf::anon_send(actor, 1);
  world.loop().run();
  EXPECT_EQ(received, 200);
}

} // namespace
} // namespace apm
