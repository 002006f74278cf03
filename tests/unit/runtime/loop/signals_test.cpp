// Tests of signals.hpp: with real signals, which this process sends itself.
#include "runtime/loop/signals.hpp"
#include "tests/support/loop_world.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <vector>

namespace apm {
namespace {

using test::loop_world;

/// Leaves the process's signals as they were.
class signals_test : public testing::Test {
protected:
  signals_test() { sigprocmask(SIG_SETMASK, nullptr, &before_); }

  ~signals_test() override { sigprocmask(SIG_SETMASK, &before_, nullptr); }

  loop_world world_;

private:
  sigset_t before_{};
};

TEST_F(signals_test, arrive_as_events_and_end_nothing) {
  std::vector<int> seen;
  signals watched{world_.loop(), [&](int which) { seen.push_back(which); }};
  ASSERT_TRUE(watched.watch());
  std::raise(SIGTERM);
  EXPECT_TRUE(seen.empty()) << "only the loop hands them over";
  world_.run_until([&] { return seen.size() == 1; });
  std::raise(SIGINT);
  world_.run_until([&] { return seen.size() == 2; });
  EXPECT_EQ(seen, (std::vector<int>{SIGTERM, SIGINT}));
}

TEST_F(signals_test, arrive_although_the_loop_waits_for_nothing_else) {
  signals watched{world_.loop(), [&](int) { world_.loop().quit(); }};
  ASSERT_TRUE(watched.watch());
  std::raise(SIGTERM);
  world_.loop().run();
}

TEST_F(signals_test, come_both_when_both_are_pending) {
  std::vector<int> seen;
  signals watched{world_.loop(), [&](int which) { seen.push_back(which); }};
  ASSERT_TRUE(watched.watch());
  std::raise(SIGINT);
  std::raise(SIGTERM);
  world_.run_until([&] { return seen.size() == 2; });
  EXPECT_EQ(seen[0] + seen[1], SIGINT + SIGTERM);
}

} // namespace
} // namespace apm
