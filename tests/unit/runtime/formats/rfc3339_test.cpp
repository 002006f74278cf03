// Tests of rfc3339.hpp, with the C library's calendar as the judge.
#include "runtime/formats/rfc3339.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace apm {
namespace {

struct sound_case {
  const char* text;
  int64_t us;
};

// Seconds of each date as `date -u -d TEXT +%s` gives them.
constexpr sound_case sound[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"1970-01-01T00:00:00.000001Z", 1},
    {"1969-12-31T23:59:59.999Z", -1'000},
    {"2022-10-12T00:00:15.064Z", 1'665'532'815'064'000}, // AWS's own example
    {"2026-11-22T11:58:28.123Z", 1'795'348'708'123'000},
    {"2026-11-22T11:58:28.123456Z", 1'795'348'708'123'456},
    {"2026-11-22T11:58:28.123456789Z", 1'795'348'708'123'456},
    {"2026-11-22T11:58:28.1Z", 1'795'348'708'100'000},
    {"2026-11-22T11:58:28Z", 1'795'348'708'000'000},
    {"2026-11-22t11:58:28z", 1'795'348'708'000'000},
    {"2026-11-22 11:58:28Z", 1'795'348'708'000'000},
    {"2026-11-22T12:58:28+01:00", 1'795'348'708'000'000},
    {"2026-11-22T06:28:28-05:30", 1'795'348'708'000'000},
    {"2026-11-22T03:58:28-0800", 1'795'348'708'000'000},
    {"2026-11-22T11:58:28,5+00:00", 1'795'348'708'500'000}, // Python's logging
    {"2000-02-29T00:00:00Z", 951'782'400'000'000},
    {"2024-02-29T12:00:00Z", 1'709'208'000'000'000},
    {"2016-12-31T23:59:60Z", 1'483'228'800'000'000}, // a leap second
    {"0000-01-01T00:00:00Z", -62'167'219'200'000'000},
    {"9999-12-31T23:59:59Z", 253'402'300'799'000'000},
};

TEST(rfc3339, reads_times) {
  for (auto& x : sound) {
    auto value = parse_rfc3339_us(x.text);
    ASSERT_TRUE(value) << x.text;
    EXPECT_EQ(value.value(), x.us) << x.text;
  }
}

TEST(rfc3339, refuses_what_is_none) {
  constexpr const char* refused[] = {
      "",
      "now",
      "1795348708",
      "2026-11-22",
      "2026-11-22T11:58:28",
      "2026-11-22T11:58:28.Z",
      "2026-11-22T11:58:28.123",
      "2026-11-22T11:58Z",
      "2026-11-22T24:00:00Z",
      "2026-11-22T11:60:00Z",
      "2026-11-22T11:58:61Z",
      "2026-13-22T11:58:28Z",
      "2026-00-22T11:58:28Z",
      "2026-11-00T11:58:28Z",
      "2026-11-31T11:58:28Z",
      "2026-02-29T11:58:28Z",
      "1900-02-29T11:58:28Z",
      "26-11-22T11:58:28Z",
      "2026-11-22T11:58:28Zulu",
      "2026-11-22T11:58:28+24:00",
      "2026-11-22T11:58:28+1:00",
      "2026-11-22T11:58:28+-1:00",
      "-026-11-22T11:58:28Z",
      " 2026-11-22T11:58:28Z",
      "2026-11-22T11:58:28Z ",
      "2026/11/22T11:58:28Z",
  };
  for (auto text : refused) {
    auto value = parse_rfc3339_us(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, errc::bad_value);
  }
}

TEST(rfc3339, writes_times) {
  // The table above, the other way round, and the ends of what can be written.
  EXPECT_EQ(format_rfc3339_ms(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339_ms(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_rfc3339_ms(1'795'348'708'123), "2026-11-22T11:58:28.123Z");
  EXPECT_EQ(format_rfc3339_ms(951'782'400'007), "2000-02-29T00:00:00.007Z");
  EXPECT_EQ(format_rfc3339_ms(INT64_MIN), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339_ms(INT64_MAX), "9999-12-31T23:59:59.999Z");
}

TEST(rfc3339, agrees_with_the_c_library) {
  std::mt19937_64 random{test::seed};
  // The years 0 to 9999 in seconds: the first and last entry of the table.
  std::uniform_int_distribution<int64_t> seconds{-62'167'219'200,
                                                 253'402'300'799};
  for (int i = 0; i < 10'000; ++i) { // about 10 ms
    int64_t ms = seconds(random) * 1000 + i % 1000;
    std::string text = format_rfc3339_ms(ms);
    ASSERT_EQ(parse_rfc3339_us(text).value(), ms * 1000) << text;
    time_t whole = (ms - i % 1000) / 1000;
    std::tm parts{};
    ASSERT_NE(gmtime_r(&whole, &parts), nullptr);
    char expected[64];
    snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
             parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
             parts.tm_hour, parts.tm_min, parts.tm_sec, i % 1000);
    ASSERT_EQ(text, expected);
  }
}

} // namespace
} // namespace apm
