// Which flushes were missed, and how.
#include "runtime/delivery/flush_verdict.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

account with(uint64_t received, uint64_t accepted) {
  account x;
  x.received = received;
  x.accepted = accepted;
  return x;
}

account dropping(drop_reason reason, uint64_t lines) {
  auto x = with(10, 10 - lines);
  x.dropped[static_cast<size_t>(reason)] = lines;
  return x;
}

struct verdict_case {
  const char* what;
  flush_facts facts;
  const char* outcomes;
};

constexpr auto invoke = event_kind::invoke;
constexpr auto shutdown = event_kind::shutdown;
constexpr bool background = true;
constexpr bool spilled = true;

const verdict_case cases[] = {
    {"nothing came", {}, "complete"},
    {"all arrived", {invoke, false, {}, with(10, 10), 0}, "complete"},
    {"some is left", {invoke, false, {}, with(10, 7), 3}, "delayed"},
    {"some is left, as it should",
     {invoke, background, {}, with(10, 7), 3},
     "complete"},
    {"a session's rest goes with the SHUTDOWN that ends it",
     {event_kind::session, false, {}, with(10, 7), 3},
     "complete"},
    {"what an older event left is left",
     {invoke, false, with(10, 7), with(10, 7), 3},
     "delayed"},
    {"some is left at the end", {shutdown, false, {}, with(10, 7), 3}, "lost"},
    {"some is left at the end, for another process",
     {shutdown, background, {}, with(10, 7), 3, spilled},
     "at_risk"},
    {"the server said no",
     {invoke, false, {}, dropping(drop_reason::rejected, 2), 0},
     "rejected"},
    {"it had said no before",
     {invoke, false, dropping(drop_reason::rejected, 2),
      dropping(drop_reason::rejected, 2), 0},
     "complete"},
    {"there was no room",
     {invoke, background, {}, dropping(drop_reason::buffer_full, 2), 0},
     "lost"},
    {"no answer, and it must not go twice",
     {invoke, false, {}, dropping(drop_reason::ambiguous, 1), 0},
     "lost"},
    {"its substitute is there",
     {invoke, false, {}, dropping(drop_reason::duplicate, 1), 0},
     "complete"},
    {"nobody knows where three are",
     {invoke, false, {}, with(10, 7), 0},
     "unaccounted"},
};

TEST(judge_flush, tells_what_was_missed) {
  for (const auto& x : cases) {
    const auto verdict = judge_flush(x.facts);
    EXPECT_EQ(describe_outcomes(verdict.outcomes), x.outcomes) << x.what;
    EXPECT_EQ(verdict.is_missed(), std::string{x.outcomes} != "complete");
  }
}

TEST(judge_flush, counts_lines) {
  auto now = with(20, 10);
  now.dropped[static_cast<size_t>(drop_reason::rejected)] = 4;
  now.dropped[static_cast<size_t>(drop_reason::buffer_full)] = 1;
  const auto verdict = judge_flush({invoke, false, {}, now, 5});
  EXPECT_EQ(describe_outcomes(verdict.outcomes), "lost delayed rejected");
  EXPECT_EQ(verdict.rejected, 4U);
  EXPECT_EQ(verdict.lost, 1U);
  EXPECT_EQ(verdict.delayed, 5U);
}

} // namespace
} // namespace apm
