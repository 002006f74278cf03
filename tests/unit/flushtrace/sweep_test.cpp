// Looking for the smallest value that misses nothing.
#include "tools/flushtrace/whatif/sweep.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace flushtrace {
namespace {

sweep_axis axis(const char* from, const char* to) {
  auto made = sweep_axis::between(from, to);
  if (!made)
    throw std::invalid_argument{made.error().detail};
  return made.value();
}

/// A trial that misses something where `is_missed` says so.
sweep_trial trial(const sweep_axis& on, std::function<bool(int64_t)> is_missed,
                  size_t& tried) {
  return [=, &tried](const std::string& value) -> apm::result<sweep_point> {
    ++tried;
    const auto at = sweep_axis::between("0", "1000000");
    sweep_point x;
    x.value = value;
    int64_t position = on.first();
    while (on.text(position) != value)
      ++position;
    x.sums.missed = is_missed(position) ? 1 : 0;
    return x;
  };
}

const sweep_point& smallest(const sweep_result& x) {
  return x.points.at(x.smallest.value());
}

TEST(sweep, finds_the_smallest_value_that_misses_nothing) {
  const auto on = axis("10ms", "2s");
  size_t tried = 0;
  const auto found =
      search(on, trial(
                     on, [](int64_t ms) { return ms < 437; }, tried));
  ASSERT_TRUE(found);
  EXPECT_EQ(smallest(found.value()).value, "437ms");
  EXPECT_TRUE(found.value().is_monotone);
  EXPECT_LT(tried, 25U) << "1990 values: eleven halves, and eight beside";
}

TEST(sweep, finds_the_greatest_where_more_is_worse) {
  const auto on = axis("1", "1000");
  size_t tried = 0;
  const auto found =
      search(on, trial(
                     on, [](int64_t x) { return x > 620; }, tried));
  ASSERT_TRUE(found);
  EXPECT_EQ(smallest(found.value()).value, "1");
  EXPECT_EQ(found.value().points.at(*found.value().greatest).value, "620");
}

TEST(sweep, tells_that_more_is_not_always_better) {
  const auto on = axis("0", "1000");
  size_t tried = 0;
  const auto found = search(
      on, trial(
              on, [](int64_t x) { return x < 300 || (x > 500 && x < 900); },
              tried));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found.value().is_monotone);
  EXPECT_TRUE(found.value().smallest);
}

TEST(sweep, finds_nothing_where_all_miss_something) {
  const auto on = axis("x0.5", "x2");
  size_t tried = 0;
  const auto found = search(on, trial(
                                    on, [](int64_t) { return true; }, tried));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found.value().smallest);
  EXPECT_GT(found.value().points.size(), 2U) << "others were looked at, too";
}

TEST(sweep, passes_an_error_on) {
  const auto on = axis("0", "10");
  const auto found =
      search(on, [](const std::string&) -> apm::result<sweep_point> {
        return apm::error{apm::errc::bad_value, "is none"};
      });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().detail, "is none");
}

TEST(sweep, knows_what_values_look_like) {
  EXPECT_EQ(axis("+10ms", "+1.5s").text(1500), "+1.5s");
  EXPECT_EQ(axis("x0.5", "x2").text(1500), "x1.5");
  EXPECT_EQ(axis("65536", "131072").text(100'000), "100000");
  EXPECT_EQ(axis("10ms", "3s").step("100ms").value(), 100);
  EXPECT_FALSE(sweep_axis::between("10ms", "3"));
  EXPECT_FALSE(sweep_axis::between("3s", "10ms"));
  EXPECT_FALSE(sweep_axis::between("soon", "later"));
  EXPECT_FALSE(axis("10ms", "3s").step("0s"));
  EXPECT_FALSE(axis("10ms", "3s").step("5"));
}

} // namespace
} // namespace flushtrace
