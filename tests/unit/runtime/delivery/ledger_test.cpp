// Tests of ledger.hpp: the sums, and that folding keeps them.
#include "runtime/delivery/ledger.hpp"

#include <gtest/gtest.h>

#include <set>

namespace apm {
namespace {

TEST(ledger, begins_empty) {
  const ledger books;
  EXPECT_EQ(books.total().received, 0U);
  EXPECT_EQ(books.of(1).received, 0U);
  EXPECT_EQ(books.of(1).outstanding(), 0U);
}

TEST(ledger, keeps_each_events_account_and_the_sum) {
  ledger books;
  books.receive(1, 10);
  books.receive(2, 5);
  books.receive(1, 2); // late lines of the first
  books.apply({{1, true, {}, 7},
               {1, false, drop_reason::rejected, 2},
               {2, false, drop_reason::buffer_full, 4},
               {2, false, drop_reason::ambiguous, 1}});
  const auto first = books.of(1);
  EXPECT_EQ(first.received, 12U);
  EXPECT_EQ(first.accepted, 7U);
  EXPECT_EQ(first.dropped_total(), 2U);
  EXPECT_EQ(first.outstanding(), 3U); // 12 - 7 - 2
  EXPECT_EQ(books.of(2).outstanding(), 0U);
  const auto& total = books.total();
  EXPECT_EQ(total.received, 17U);
  EXPECT_EQ(total.accepted, 7U);
  EXPECT_EQ(total.dropped_total(), 7U);
  EXPECT_EQ(total.dropped[static_cast<size_t>(drop_reason::rejected)], 2U);
  EXPECT_EQ(total.dropped[static_cast<size_t>(drop_reason::buffer_full)], 4U);
  EXPECT_EQ(total.dropped[static_cast<size_t>(drop_reason::ambiguous)], 1U);
  EXPECT_EQ(total.dropped[static_cast<size_t>(drop_reason::no_server)], 0U);
  EXPECT_EQ(total.outstanding(), 3U);
}

TEST(ledger, folds_settled_events_alone) {
  ledger books;
  for (uint64_t event = 1; event <= 4; ++event)
    books.receive(event, event);
  books.apply({{1, true, {}, 1}, {2, true, {}, 1}, {4, true, {}, 4}});
  books.fold_before(4);
  EXPECT_EQ(books.of(1).received, 0U) << "settled";
  EXPECT_EQ(books.of(2).received, 2U) << "one line is still out";
  EXPECT_EQ(books.of(3).received, 3U) << "all of it is still out";
  EXPECT_EQ(books.of(4).received, 4U) << "settled, but not before";
  EXPECT_EQ(books.total().received, 10U); // 1 + 2 + 3 + 4
  EXPECT_EQ(books.total().accepted, 6U);  // 1 + 1 + 4
  books.apply({{2, true, {}, 1}, {3, false, drop_reason::no_server, 3}});
  EXPECT_EQ(books.of(2).outstanding(), 0U);
  books.fold_before(4);
  EXPECT_EQ(books.of(2).received, 0U);
  EXPECT_EQ(books.of(3).received, 0U);
  EXPECT_EQ(books.total().outstanding(), 0U);
}

TEST(ledger, what_the_platform_loses_is_an_account_of_its_own) {
  ledger books;
  books.receive(1, 2);
  books.lose_at_platform(3, 300);
  books.lose_at_platform(1, 50);
  EXPECT_EQ(books.platform().records, 4U);
  EXPECT_EQ(books.platform().bytes, 350U);
  EXPECT_EQ(books.total().outstanding(), 2U) << "it was never received";
  books.lose_at_platform(UINT64_MAX, UINT64_MAX);
  EXPECT_EQ(books.platform().records, UINT64_MAX) << "no run over";
}

TEST(ledger, counts_what_it_ignores) {
  ledger books;
  books.ignore_extension_records(2);
  books.ignore_extension_records(3);
  EXPECT_EQ(books.ignored_extension_records(), 5U);
  EXPECT_EQ(books.total().received, 0U);
}

TEST(ledger, names_each_reason) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < drop_reasons; ++i)
    names.insert(to_string(static_cast<drop_reason>(i)));
  EXPECT_EQ(names.size(), drop_reasons);
  EXPECT_EQ(names.count("unknown"), 0U);
}

} // namespace
} // namespace apm
