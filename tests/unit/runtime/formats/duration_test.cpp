// Tests of duration.hpp. A program of Go's standard library gave the same
// result for 300,000 random texts; here are the forms that are told apart.
#include "runtime/formats/duration.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace apm {
namespace {

using std::chrono::nanoseconds;

constexpr int64_t us = 1'000;
constexpr int64_t ms = 1'000'000;
constexpr int64_t s = 1'000'000'000;
constexpr int64_t m = 60 * s;
constexpr int64_t h = 60 * m;

struct sound_case {
  const char* text;
  int64_t ns;
};

// Forms of the settings in use, and what Go documents of ParseDuration; the
// values are the sums of the terms. The long fractions are those of Go's own
// tests: they tell whether the rounding is Go's.
constexpr sound_case sound[] = {
    {"0", 0},
    {"+0", 0},
    {"0s", 0},
    {"5s", 5 * s},
    {"+5s", 5 * s},
    {"30s", 30 * s},
    {"1478s", 1478 * s},
    {"15s", 15 * s},
    {"500ms", 500 * ms},
    {"1m30s", 90 * s},
    {"1h2m3.5s", h + 2 * m + 3 * s + 500 * ms},
    {"5.0s", 5 * s},
    {"5.6s", 5 * s + 600 * ms},
    {"5.s", 5 * s},
    {".5s", 500 * ms},
    {"1.0s", s},
    {"1.00s", s},
    {"1.004s", s + 4 * ms},
    {"1.0040s", s + 4 * ms},
    {"100.00100s", 100 * s + ms},
    {"10ns", 10},
    {"11us", 11 * us},
    {"12\xC2\xB5s", 12 * us}, // U+00B5, the micro sign
    {"12\xCE\xBCs", 12 * us}, // U+03BC, the Greek letter
    {"13ms", 13 * ms},
    {"14s", 14 * s},
    {"15m", 15 * m},
    {"16h", 16 * h},
    {"3h30m", 3 * h + 30 * m},
    {"10.5s4m", 4 * m + 10 * s + 500 * ms},
    {"1h2m3s4ms5us6ns", h + 2 * m + 3 * s + 4 * ms + 5 * us + 6},
    {"39h9m14.425s", 39 * h + 9 * m + 14 * s + 425 * ms},
    {"52763797000ns", 52'763'797'000},
    {"0.3333333333333333333h", 20 * m},
    {"0.100000000000000000000h", 6 * m},
    {"0.9223372036854775807h", 55 * m + 20 * s + 413'933'267},
    {"0.830103483285477580700h", 49 * m + 48 * s + 372'539'827},
    {"9007199254740993ns", 9'007'199'254'740'993}, // 2^53 + 1: no double has it
    {"9223372036854775807ns", INT64_MAX},
    {"9223372036854775.807us", INT64_MAX},
    {"9223372036s854ms775us807ns", INT64_MAX},
};

TEST(duration, reads_what_go_reads) {
  for (auto& x : sound) {
    auto value = parse_go_duration(x.text);
    ASSERT_TRUE(value) << x.text << ": " << value.error().detail;
    EXPECT_EQ(value.value().count(), x.ns) << x.text;
  }
}

struct refused_case {
  std::string_view text;
  std::string_view says;
};

constexpr refused_case refused[] = {
    {"", "is empty"},
    {"+", "is empty"},
    {"-5s", "is negative"},
    {"-0", "is negative"},
    {"3", "without a unit"},
    {"30", "without a unit"},
    {"1.5", "without a unit"},
    {"1m30", "without a unit"},
    {"-", "is negative"},
    {"s", "no number"},
    {".", "no number"},
    {".s", "no number"},
    {"+.s", "no number"},
    {"++1s", "no number"},
    {" 1s", "no number"},
    {"1s ", "unknown unit"},
    {"1 s", "unknown unit"},
    {"1d", "unknown unit"},
    {"1S", "unknown unit"},
    {"1sec", "unknown unit"},
    {"1,5s", "unknown unit"},
    {"1e3s", "unknown unit"},
    {"1s-1ms", "unknown unit"},
    {"1\xC2s", "unknown unit"},
    {{"1s\0", 3}, "unknown unit"},
    {"9223372036854775808ns", "too long"}, // INT64_MAX + 1
    {"9223372036854775.808us", "too long"},
    {"9223372036854ms775us808ns", "too long"},
    {"3000000h", "too long"},
    {"18446744073709551616ns", "too long"}, // 2^64: must not wrap around
    {"99999999999999999999999999h", "too long"},
};

TEST(duration, refuses_the_rest_and_says_why) {
  for (auto& x : refused) {
    auto value = parse_go_duration(x.text);
    ASSERT_FALSE(value) << x.text;
    EXPECT_EQ(value.error().code, errc::bad_duration) << x.text;
    EXPECT_NE(value.error().detail.find(x.says), std::string::npos)
        << value.error().detail;
  }
}

struct printed_case {
  int64_t ns;
  const char* text;
};

// The texts that Go documents for Duration.String, and those of its own tests.
constexpr printed_case printed[] = {
    {0, "0s"},
    {1, "1ns"},
    {1100, "1.1\xC2\xB5s"},
    {2200 * us, "2.2ms"},
    {3300 * ms, "3.3s"},
    {100 * ms, "100ms"},
    {s, "1s"},
    {90 * s, "1m30s"},
    {4 * m + 5 * s, "4m5s"},
    {4 * m + 5001 * ms, "4m5.001s"},
    {5 * h + 6 * m + 7001 * ms, "5h6m7.001s"},
    {h, "1h0m0s"},
    {8 * m + 1, "8m0.000000001s"},
    {-90 * s, "-1m30s"},
    {INT64_MAX, "2562047h47m16.854775807s"},
    {INT64_MIN, "-2562047h47m16.854775808s"},
};

TEST(duration, prints_as_go_prints) {
  for (auto& x : printed)
    EXPECT_EQ(format_go_duration(nanoseconds{x.ns}), x.text);
}

TEST(duration, reads_what_it_prints) {
  std::mt19937_64 random{test::seed};
  for (int i = 0; i < 10'000; ++i) { // about 10 ms
    // All magnitudes alike, from nanoseconds to centuries.
    auto ns = static_cast<int64_t>(random() >> 1 >> random() % 63);
    auto text = format_go_duration(nanoseconds{ns});
    auto value = parse_go_duration(text);
    ASSERT_TRUE(value) << text;
    ASSERT_EQ(value.value().count(), ns) << text;
  }
}

TEST(duration, survives_any_text) {
  std::mt19937 random{test::seed};
  for (int i = 0; i < 10'000; ++i) { // about 10 ms
    auto value = parse_go_duration(test::random_text(random, 20));
    ASSERT_TRUE(!value || value.value().count() >= 0);
  }
}

} // namespace
} // namespace apm
