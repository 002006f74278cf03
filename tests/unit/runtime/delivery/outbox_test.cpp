// Tests of outbox.hpp, case by case; outbox_property_test.cpp has the rules
// that hold whatever happens.
#include "runtime/delivery/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace apm {
namespace {

constexpr uint64_t plenty = 8 * 1024 * 1024; // the setting's default
constexpr auto at_least_once = delivery_policy::at_least_once;
constexpr auto at_most_once = delivery_policy::at_most_once;

const line_source orders{bytes{R"({"metadata":{"orders":1}})"}, "agent/1"};
const line_source billing{bytes{R"({"metadata":{"billing":1}})"}, "agent/1"};
const line_source ours{bytes{R"({"metadata":{"ours":1}})"}, ""};

outbox_lines lines_of(std::string text, uint64_t sequence = 1,
                      line_value value = line_value::agent) {
  outbox_lines x;
  x.sequence = sequence;
  x.value = value;
  x.count = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  x.lines = bytes{std::move(text)};
  return x;
}

/// One line of `size` bytes, newline included.
std::string line(size_t size, char fill = 'x') {
  return std::string(size - 1, fill) + '\n';
}

std::string text_of(const batch& b) {
  std::string text;
  for (const auto& chunk : b.chunks)
    text += chunk.view();
  return text;
}

/// Takes lines for which nothing has to be dropped.
void put(outbox& box, const line_source& source, outbox_lines lines) {
  EXPECT_TRUE(box.add(source, std::move(lines)).empty());
}

void put_own(outbox& box, outbox_lines lines) {
  EXPECT_TRUE(box.add_own(std::move(lines)).empty());
}

/// What the next lease holds, which is then settled as accepted.
std::string ship(outbox& box) {
  const auto leased = box.lease(ours);
  if (!leased)
    return "(nothing)";
  EXPECT_EQ(leased->lines, lines_of(text_of(*leased)).count);
  delivery d;
  d.lease = leased->lease;
  d.accepted = leased->lines;
  const auto fates = box.settle(d, at_least_once);
  uint64_t accepted = 0;
  for (const auto& fate : fates)
    accepted += fate.is_accepted ? fate.lines : 0;
  EXPECT_EQ(accepted, leased->lines);
  return text_of(*leased);
}

std::vector<line_fate> settle(outbox& box, uint64_t lease,
                              delivery_outcome outcome, uint32_t accepted,
                              delivery_policy policy = at_least_once) {
  delivery d;
  d.lease = lease;
  d.outcome = outcome;
  d.accepted = accepted;
  return box.settle(d, policy);
}

void expect_fate(const line_fate& fate, uint64_t sequence, bool is_accepted,
                 uint64_t lines, drop_reason reason = drop_reason::rejected) {
  EXPECT_EQ(fate.sequence, sequence);
  EXPECT_EQ(fate.is_accepted, is_accepted);
  EXPECT_EQ(fate.lines, lines);
  if (!is_accepted) {
    EXPECT_EQ(fate.reason, reason);
  }
}

TEST(outbox, has_nothing_at_first) {
  outbox box{plenty};
  EXPECT_FALSE(box.has_free_lines());
  EXPECT_FALSE(box.lease(ours));
  EXPECT_EQ(box.held_bytes(), 0U);
  EXPECT_EQ(box.held_lines(), 0U);
  EXPECT_TRUE(box.has_room(plenty));
  EXPECT_FALSE(box.has_room(plenty + 1));
}

TEST(outbox, gives_what_one_source_sent_in_one_request) {
  outbox box{plenty};
  EXPECT_TRUE(box.add(orders, lines_of("a\nb\n", 1)).empty());
  EXPECT_TRUE(box.add(orders, lines_of("c\n", 2)).empty());
  EXPECT_EQ(box.held_bytes(), 6U);
  EXPECT_EQ(box.held_lines(1), 2U);
  EXPECT_EQ(box.held_lines(2), 1U);
  const auto leased = box.lease(ours);
  ASSERT_TRUE(leased);
  EXPECT_EQ(leased->metadata, orders.metadata);
  EXPECT_EQ(leased->user_agent, orders.user_agent);
  EXPECT_EQ(text_of(*leased), "a\nb\nc\n");
  EXPECT_EQ(leased->lines, 3U);
  EXPECT_FALSE(box.has_free_lines());
  EXPECT_EQ(box.free_bytes(), 0U);
  EXPECT_EQ(box.held_bytes(), 6U) << "leased lines are still held";
  EXPECT_EQ(box.held_lines(), 3U);
  const auto fates = settle(box, leased->lease, delivery_outcome::settled, 3);
  ASSERT_EQ(fates.size(), 2U);
  expect_fate(fates[0], 1, true, 2);
  expect_fate(fates[1], 2, true, 1);
  EXPECT_EQ(box.held_bytes(), 0U);
}

TEST(outbox, sends_one_request_per_metadata) {
  outbox box{plenty};
  put(box, orders, lines_of("a\n"));
  put(box, billing, lines_of("b\n"));
  put(box, orders, lines_of("c\n"));
  const auto first = box.lease(ours);
  const auto second = box.lease(ours);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->metadata, orders.metadata);
  EXPECT_EQ(text_of(*first), "a\nc\n");
  EXPECT_EQ(second->metadata, billing.metadata);
  EXPECT_EQ(text_of(*second), "b\n");
  EXPECT_NE(first->lease, second->lease);
}

TEST(outbox, tells_user_agents_apart) {
  outbox box{plenty};
  put(box, orders, lines_of("a\n"));
  put(box, {orders.metadata, "agent/2"}, lines_of("b\n"));
  EXPECT_EQ(ship(box), "a\n");
  EXPECT_EQ(box.lease(ours)->user_agent, "agent/2");
}

TEST(outbox, keeps_own_lines_until_a_source_is_known) {
  outbox box{plenty};
  put_own(box, lines_of("log\n", 1, line_value::log));
  const auto early = box.lease(ours);
  ASSERT_TRUE(early);
  EXPECT_EQ(early->metadata, ours.metadata);
  EXPECT_TRUE(
      settle(box, early->lease, delivery_outcome::not_taken, 0).empty());
  put(box, orders, lines_of("a\n"));
  put(box, billing, lines_of("b\n"));
  const auto first = box.lease(ours);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->metadata, billing.metadata) << "the newest agent's";
  EXPECT_EQ(text_of(*first), "log\nb\n");
}

TEST(outbox, sends_again_what_was_not_taken_at_its_old_place) {
  outbox box{plenty};
  put(box, orders, lines_of("a\nb\n", 1));
  put(box, orders, lines_of("c\nd\n", 2));
  const auto leased = box.lease(ours);
  put(box, orders, lines_of("e\n", 2)); // meanwhile
  const auto fates = settle(box, leased->lease, delivery_outcome::not_taken, 3);
  ASSERT_EQ(fates.size(), 2U);
  expect_fate(fates[0], 1, true, 2);
  expect_fate(fates[1], 2, true, 1);
  EXPECT_EQ(box.held_lines(1), 0U);
  EXPECT_EQ(box.held_lines(2), 2U);
  EXPECT_EQ(box.held_bytes(), 4U);
  EXPECT_EQ(ship(box), "d\ne\n");
}

TEST(outbox, gives_up_what_the_server_rejected) {
  outbox box{plenty};
  put(box, orders, lines_of("a\nb\nc\n", 1));
  const auto leased = box.lease(ours);
  const auto fates = settle(box, leased->lease, delivery_outcome::settled, 1);
  ASSERT_EQ(fates.size(), 2U);
  expect_fate(fates[0], 1, true, 1);
  expect_fate(fates[1], 1, false, 2, drop_reason::rejected);
  EXPECT_EQ(box.held_lines(), 0U);
}

TEST(outbox, follows_the_policy_where_no_answer_came) {
  for (const auto policy : {at_least_once, at_most_once}) {
    outbox box{plenty};
    put(box, orders, lines_of("a\nb\n", 1));
    const auto leased = box.lease(ours);
    const auto fates =
        settle(box, leased->lease, delivery_outcome::ambiguous, 0, policy);
    if (policy == at_least_once) {
      EXPECT_TRUE(fates.empty());
      EXPECT_EQ(ship(box), "a\nb\n");
    } else {
      ASSERT_EQ(fates.size(), 1U);
      expect_fate(fates[0], 1, false, 2, drop_reason::ambiguous);
      EXPECT_EQ(ship(box), "(nothing)");
    }
  }
}

TEST(outbox, ignores_a_second_word_on_a_lease) {
  outbox box{plenty};
  put(box, orders, lines_of("a\n", 1));
  const auto leased = box.lease(ours);
  EXPECT_EQ(settle(box, leased->lease, delivery_outcome::settled, 1).size(),
            1U);
  EXPECT_TRUE(settle(box, leased->lease, delivery_outcome::settled, 1).empty());
  EXPECT_TRUE(settle(box, 4711, delivery_outcome::settled, 1).empty());
}

// Architecture rule 3: towards agents, take it and drop the least valuable:
// logs, then metrics, then agent data; the oldest of equals.
TEST(outbox, drops_the_lines_that_the_server_names_and_no_others) {
  outbox box{plenty};
  put(box, orders, lines_of("one\ntwo\nthree\n", 1));
  put(box, orders, lines_of("four\ntwo\n", 2));
  delivery d;
  d.lease = box.lease(ours)->lease;
  d.outcome = delivery_outcome::not_taken;  // it stopped after the third
  d.refused_lines = {"tw", "none of ours"}; // a quotation may be cut
  d.accepted = 1;
  const auto fates = box.settle(d, at_least_once);
  ASSERT_EQ(fates.size(), 2U);
  EXPECT_FALSE(fates[0].is_accepted);
  EXPECT_EQ(fates[0].reason, drop_reason::rejected);
  EXPECT_EQ(fates[0].lines, 1U) << "one quotation is one line";
  EXPECT_TRUE(fates[1].is_accepted);
  EXPECT_EQ(box.held_bytes(), std::string{"three\nfour\ntwo\n"}.size());
  EXPECT_EQ(ship(box), "three\nfour\ntwo\n");
}

TEST(outbox, gives_up_what_a_sound_answer_says_nothing_of) {
  outbox box{plenty};
  put(box, orders, lines_of("one\ntwo\n"));
  delivery d;
  d.lease = box.lease(ours)->lease;
  d.outcome = delivery_outcome::not_taken;
  d.refused_lines = {"none of ours"};
  const auto fates = box.settle(d, at_least_once);
  ASSERT_EQ(fates.size(), 1U);
  EXPECT_EQ(fates[0].reason, drop_reason::rejected);
  EXPECT_FALSE(box.has_free_lines()) << "else it would go round for ever";
}

TEST(outbox, drops_the_least_valuable_at_the_bound) {
  outbox box{40};
  put(box, orders, lines_of(line(10, 'a'), 1));
  put_own(box, lines_of(line(10, 'm'), 2, line_value::metric));
  put_own(box, lines_of(line(10, 'l'), 3, line_value::log));
  put_own(box, lines_of(line(10, 'k'), 4, line_value::log));
  const uint64_t first_to_go[] = {3, 4, 2, 1};
  for (const auto sequence : first_to_go) {
    const auto fates = box.add(orders, lines_of(line(10, 'z'), 9));
    ASSERT_EQ(fates.size(), 1U);
    expect_fate(fates[0], sequence, false, 1, drop_reason::buffer_full);
    EXPECT_EQ(box.held_bytes(), 40U);
  }
}

TEST(outbox, drops_an_agents_lines_by_their_kinds) {
  const std::string transaction = R"({"transaction":{"id":"1"}})"
                                  "\n";
  const std::string span = R"({"span":{"id":"2"}})"
                           "\n";
  const std::string metricset = R"({"metricset":{"samples":{}}})"
                                "\n";
  const std::string error = R"({"error":{"id":"3"}})"
                            "\n";
  const std::string log = R"({"log":{"message":"4"}})"
                          "\n";
  const auto all = transaction + span + metricset + error + log + span;
  outbox box{all.size()};
  put(box, orders, lines_of(all));
  const auto push = [&](size_t size, uint64_t lines, uint64_t sequence) {
    const auto fates = box.add(orders, lines_of(line(size), sequence));
    ASSERT_EQ(fates.size(), 1U);
    expect_fate(fates[0], 1, false, lines, drop_reason::buffer_full);
  };
  push(log.size(), 1, 2);
  push(metricset.size(), 1, 3);
  push(2, 2, 4); // both spans: a piece gives up a kind whole
  EXPECT_EQ(ship(box), transaction + error + line(log.size())
                           + line(metricset.size()) + line(2));
}

TEST(outbox, drops_logs_of_every_origin_before_anything_else) {
  const std::string span = R"({"span":{"id":"2"}})"
                           "\n";
  const std::string log = R"({"log":{"message":"4"}})"
                          "\n";
  outbox box{2 * log.size() + span.size()};
  put_own(box, lines_of(line(log.size()), 1, line_value::metric));
  put(box, orders, lines_of(span + log, 2));
  const auto fates = box.add(orders, lines_of(span, 3));
  ASSERT_EQ(fates.size(), 1U);
  expect_fate(fates[0], 2, false, 1, drop_reason::buffer_full);
  EXPECT_EQ(ship(box), line(log.size()) + span + span);
}

TEST(outbox, drops_the_new_one_where_it_is_the_least_valuable) {
  outbox box{20};
  put(box, orders, lines_of(line(20), 1));
  const auto fates = box.add_own(lines_of(line(10), 2, line_value::log));
  ASSERT_EQ(fates.size(), 1U);
  expect_fate(fates[0], 2, false, 1, drop_reason::buffer_full);
}

TEST(outbox, never_drops_what_is_leased) {
  outbox box{20};
  put_own(box, lines_of(line(20), 1, line_value::log));
  const auto leased = box.lease(ours);
  const auto fates = box.add(orders, lines_of(line(10), 2));
  ASSERT_EQ(fates.size(), 1U);
  expect_fate(fates[0], 2, false, 1, drop_reason::buffer_full);
  EXPECT_EQ(settle(box, leased->lease, delivery_outcome::settled, 1).size(),
            1U);
}

TEST(outbox, refuses_a_line_longer_than_the_bound) {
  outbox box{100};
  const auto fates = box.add(orders, lines_of(line(101), 1));
  ASSERT_EQ(fates.size(), 1U);
  EXPECT_EQ(box.held_bytes(), 0U);
}

TEST(outbox, takes_250_payloads_at_once) {
  outbox box{plenty};
  for (uint64_t n = 1; n <= 250; ++n)
    EXPECT_TRUE(box.add(orders, lines_of(line(8000), n)).empty());
  uint64_t lines = 0;
  while (box.has_free_lines())
    lines += lines_of(ship(box)).count;
  EXPECT_EQ(lines, 250U);
}

// A request is 1 MiB at most, unless one line alone is longer.
TEST(outbox, cuts_large_bodies_between_lines) {
  constexpr size_t line_bytes = 1000;
  std::string body;
  while (body.size() < 3'000'000)
    body += line(line_bytes, static_cast<char>('a' + body.size() % 26));
  outbox box{plenty};
  put(box, orders, lines_of(body));
  std::string shipped;
  size_t requests = 0;
  while (box.has_free_lines()) {
    const auto text = ship(box);
    EXPECT_LE(text.size(), 1024U * 1024U);
    EXPECT_EQ(text.size() % line_bytes, 0U);
    shipped += text;
    ++requests;
  }
  EXPECT_TRUE(shipped == body);
  EXPECT_LE(requests, 4U) << "3 MB need three, a little waste allowed";
}

TEST(outbox, ships_a_line_that_is_longer_than_a_request) {
  outbox box{plenty};
  const auto text = line(10) + line(2'000'000, 'y') + line(10);
  put(box, orders, lines_of(text));
  std::string shipped;
  while (box.has_free_lines())
    shipped += ship(box);
  EXPECT_TRUE(shipped == text);
}

// "The oldest lines and all others of the same source that fit in a request."
TEST(outbox, lets_no_other_source_end_a_request) {
  outbox box{plenty};
  std::string large;
  for (int i = 0; i < 900; ++i)
    large += line(1000);
  put(box, orders, lines_of(large));
  put(box, billing, lines_of(line(200'000))); // would not fit beside them
  put(box, orders, lines_of("last\n"));
  EXPECT_TRUE(ship(box) == large + "last\n");
}

// An agent whose metadata changes with every request.
TEST(outbox, tells_sources_apart_that_come_and_go) {
  outbox box{plenty};
  put(box, orders, lines_of("kept\n"));
  for (int i = 0; i < 100; ++i) {
    const line_source passing{bytes{std::to_string(i)}, ""};
    put(box, passing, lines_of(std::to_string(i) + '\n'));
    if (i == 0) {
      EXPECT_EQ(ship(box), "kept\n");
    }
    const auto leased = box.lease(ours);
    ASSERT_TRUE(leased);
    EXPECT_EQ(leased->metadata, passing.metadata);
    EXPECT_FALSE(
        settle(box, leased->lease, delivery_outcome::settled, 1).empty());
  }
  EXPECT_FALSE(box.has_free_lines());
}

TEST(outbox, needs_a_source_as_long_as_it_has_lines) {
  outbox box{plenty};
  for (int i = 0; i < 40; ++i)
    put(box, {bytes{std::to_string(i)}, ""},
        lines_of(std::to_string(i) + '\n'));
  for (int i = 0; i < 40; ++i) {
    const auto leased = box.lease(ours);
    ASSERT_TRUE(leased);
    EXPECT_EQ(leased->metadata.view(), std::to_string(i));
    EXPECT_EQ(text_of(*leased), std::to_string(i) + '\n');
  }
}

} // namespace
} // namespace apm
