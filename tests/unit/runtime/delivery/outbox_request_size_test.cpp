// Tests of how long the outbox's requests are once a server, or a proxy before
// it, has found one too large (413).
#include "runtime/delivery/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm {
namespace {

constexpr uint64_t plenty = 8 * 1024 * 1024;  // the setting's default
constexpr size_t request_bytes = 1024 * 1024; // of a request that is full

const line_source orders{bytes{R"({"metadata":{"orders":1}})"}, "agent/1"};

/// A server that takes so many bytes of lines at once.
struct server {
  explicit server(size_t limit = SIZE_MAX) : bytes_max(limit) {}

  size_t bytes_max;
  std::string taken; ///< in order
  uint64_t refused_lines = 0;
  uint64_t posts = 0;
  uint64_t refused_posts = 0;
};

/// `count` lines of `size` bytes, newline included, each with its number.
std::string lines(uint64_t count, size_t size) {
  std::string text;
  for (uint64_t n = 1; n <= count; ++n) {
    const auto number = std::to_string(n);
    text += number + std::string(size - number.size() - 1, 'x') + '\n';
  }
  return text;
}

void put(outbox& box, const std::string& text) {
  outbox_lines x;
  x.sequence = 1;
  x.count = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  x.lines = bytes{text};
  EXPECT_TRUE(box.add(orders, std::move(x)).empty());
}

/// One request, and its answer judged as in judgement.cpp.
/// @returns how many lines it had
uint32_t post(outbox& box, server& to) {
  const auto leased = box.lease(orders);
  if (!leased)
    return 0;
  std::string text;
  for (const auto& chunk : leased->chunks)
    text += chunk.view();
  ++to.posts;
  delivery d;
  d.lease = leased->lease;
  if (text.size() <= to.bytes_max) {
    d.accepted = leased->lines;
    to.taken += text;
  } else {
    ++to.refused_posts;
    d.is_too_large = leased->lines > 1;
    d.outcome = d.is_too_large ? delivery_outcome::not_taken
                               : delivery_outcome::settled;
    to.refused_lines += d.is_too_large ? 0 : 1;
  }
  (void)box.settle(d, delivery_policy::at_least_once);
  return leased->lines;
}

void flush(outbox& box, server& to) {
  while (post(box, to) > 0)
    ASSERT_LT(to.posts, 10'000U);
}

TEST(outbox_request_size, is_halved_until_a_request_is_taken) {
  outbox box{plenty};
  server small{400};
  const auto all = lines(4, 400);
  put(box, all);
  EXPECT_EQ(post(box, small), 4U);
  EXPECT_EQ(post(box, small), 2U);
  EXPECT_EQ(post(box, small), 1U);
  flush(box, small);
  EXPECT_EQ(small.taken, all) << "in order, and none twice";
  EXPECT_EQ(small.refused_lines, 0U);
}

// A proxy that was misconfigured for a moment: 301 lines are a small function's
// invocation.
TEST(outbox_request_size, recovers_with_the_server) {
  outbox box{plenty};
  const auto invocation = lines(301, 200);
  put(box, invocation);
  server broken{0};
  for (int i = 0; i < 12; ++i)
    post(box, broken);
  EXPECT_EQ(broken.posts, broken.refused_posts);
  server sound;
  flush(box, sound);
  EXPECT_EQ(box.held_lines(), 0U);
  EXPECT_LE(sound.posts, 5U) << "one, 16 KiB, 32 KiB, and the rest";
  server later;
  for (int i = 0; i < 3; ++i) {
    put(box, invocation);
    flush(box, later);
  }
  EXPECT_EQ(later.posts, 3U);
}

TEST(outbox_request_size, grows_to_what_it_was_and_no_further) {
  outbox box{plenty};
  put(box, lines(2, 1000));
  server broken{0};
  post(box, broken);
  server sound;
  flush(box, sound);
  put(box, lines(3'000, 1000));
  size_t longest = 0;
  while (const auto count = post(box, sound)) {
    EXPECT_LE(count * 1000U, request_bytes);
    longest = std::max<size_t>(longest, count * 1000U);
  }
  EXPECT_GT(longest, request_bytes / 2);
}

// A request that was not full says nothing of a longer one.
TEST(outbox_request_size, stays_where_short_requests_are_taken) {
  constexpr size_t limit = 100'000;
  outbox box{plenty};
  server small{limit};
  put(box, lines(1'000, 1000));
  flush(box, small);
  for (int i = 0; i < 20; ++i) {
    put(box, lines(2, 1000));
    flush(box, small);
  }
  small.refused_posts = 0;
  put(box, lines(150, 1000));
  flush(box, small);
  EXPECT_LE(small.refused_posts, 2U) << "not all the way down from 1 MiB";
}

// Of a server, or a proxy, that never takes more.
TEST(outbox_request_size, loses_nothing_where_the_limit_is_real) {
  for (const size_t limit : {5'000U, 20'000U, 100'000U, 700'000U}) {
    outbox box{plenty};
    server small{limit};
    const auto all = lines(1'500, 1000);
    put(box, all);
    flush(box, small);
    EXPECT_TRUE(small.taken == all) << "in order, and none twice: " << limit;
    EXPECT_EQ(small.refused_lines, 0U);
    const auto taken = small.posts - small.refused_posts;
    EXPECT_LE(small.refused_posts, 2 * taken + 8) << limit;
  }
}

TEST(outbox_request_size, gives_up_the_one_line_that_is_too_long) {
  outbox box{plenty};
  server small{50'000};
  const auto before = lines(300, 1000);
  const auto after = lines(20, 1000);
  put(box, before + lines(1, 60'000) + after);
  flush(box, small);
  EXPECT_TRUE(small.taken == before + after);
  EXPECT_EQ(small.refused_lines, 1U);
}

} // namespace
} // namespace apm
