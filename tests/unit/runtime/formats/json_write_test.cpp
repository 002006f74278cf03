// Tests of json_write.hpp: what is written can be read by a strict parser, and
// says the same.
#include "runtime/formats/json_write.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace apm {
namespace {

std::string written(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

struct string_case {
  std::string_view text;
  std::string_view json;
};

constexpr std::string_view fffd = "\xEF\xBF\xBD";

TEST(json_write, strings) {
  constexpr string_case cases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c/d", R"("a\"b\\c/d")"},
      {"\n\r\t", R"("\n\r\t")"},
      {{"\0\x01\x1f", 3}, "\"\\u0000\\u0001\\u001f\""},
      {"\x7f", "\"\x7f\""},
      {"\xC3\xA9", "\"\xC3\xA9\""},                 // e acute
      {"\xE2\x82\xAC", "\"\xE2\x82\xAC\""},         // the euro sign
      {"\xF0\x9F\x98\x80", "\"\xF0\x9F\x98\x80\""}, // an emoji
      {"\xF4\x8F\xBF\xBF", "\"\xF4\x8F\xBF\xBF\""}, // U+10FFFF, the last
  };
  for (auto& x : cases)
    EXPECT_EQ(written(x.text), x.json);
}

struct damaged_case {
  std::string_view text;
  size_t replacements;
};

TEST(json_write, replaces_what_is_no_utf8) {
  // Numbers of replacements as Unicode recommends ("Substitution of Maximal
  // Subparts"), of which table 3-8 is the second last case.
  constexpr damaged_case cases[] = {
      {"\x80", 1},
      {"\xBF\xBF", 2},
      {"\xC3", 1},
      {"\xC0\xAF", 2},                 // overlong slash
      {"\xE0\x80\xAF", 3},             // the same in three bytes
      {"\xE2\x82", 1},                 // cut
      {"\xF0\x9F\x98", 1},             // cut
      {"\xED\xA0\x80", 3},             // half of a surrogate pair
      {"\xF4\x90\x80\x80", 4},         // behind U+10FFFF
      {"\xF5\x80", 2},                 // no lead byte
      {"\xFE\xFF", 2},                 // nor these
      {"\xF1\x80\x80\xE1\x80\xC2", 3}, // table 3-8
      {"\xC3\xC3\xC3", 3},
  };
  for (auto& x : cases) {
    std::string expected = "\"a";
    for (size_t i = 0; i < x.replacements; ++i)
      expected += fffd;
    expected += "z\"";
    EXPECT_EQ(written("a" + std::string{x.text} + "z"), expected);
  }
}

TEST(json_write, whatever_comes_in_is_valid_and_keeps_what_was_valid) {
  std::mt19937 random{test::seed};
  for (int i = 0; i < 5'000; ++i) { // about 20 ms
    std::string text = test::random_text(random, 60);
    auto document = test::strict_json(written(text));
    ASSERT_TRUE(document.IsString());
    // What came out once must come out as itself.
    std::string_view once{document.GetString(), document.GetStringLength()};
    auto again = test::strict_json(written(once));
    ASSERT_EQ(once,
              std::string_view(again.GetString(), again.GetStringLength()));
  }
}

struct number_case {
  double value;
  const char* json;
};

TEST(json_write, numbers_have_no_needless_digits) {
  constexpr number_case cases[] = {
      {0, "0"},
      {-0.0, "0"},
      {128, "128"},
      {-3, "-3"},
      {12.5, "12.5"},
      {182.43, "182.43"},
      {0.1, "0.1"},
      {134217728, "134217728"},               // 128 MB in bytes
      {10240.0 * 1048576, "10737418240"},     // Lambda's largest memory
      {9007199254740992, "9007199254740992"}, // 2^53
  };
  for (auto& x : cases) {
    std::string out;
    append_json_number(out, x.value);
    EXPECT_EQ(out, x.json);
  }
}

TEST(json_write, numbers_can_be_read_back) {
  std::mt19937_64 random{test::seed};
  std::uniform_real_distribution<double> exponent{-300, 300};
  for (int i = 0; i < 2'000; ++i) { // about 5 ms
    double value = std::pow(10, exponent(random));
    std::string out;
    append_json_number(out, value);
    ASSERT_EQ(std::stod(out), value) << out;
  }
}

TEST(json_write, what_is_not_finite_is_null) {
  using limits = std::numeric_limits<double>;
  for (double value :
       {limits::quiet_NaN(), limits::infinity(), -limits::infinity()}) {
    std::string out;
    append_json_number(out, value);
    EXPECT_EQ(out, "null");
  }
}

TEST(json_write, integers) {
  std::string out;
  append_json_integer(out, INT64_MIN);
  append_json_integer(out, INT64_MAX);
  EXPECT_EQ(out, "-92233720368547758089223372036854775807");
}

TEST(json_write, objects) {
  std::string out = "x";
  json_object object{out};
  EXPECT_TRUE(object.is_empty());
  object.string("a", "1");
  object.string_if_any("b", "");
  object.string_if_any("c", "2");
  object.integer("d", -3);
  object.number("e", 0.5);
  object.boolean("f", true);
  object.key("g");
  json_object inner{out};
  inner.end();
  EXPECT_FALSE(object.is_empty());
  object.end();
  EXPECT_EQ(out, R"(x{"a":"1","c":"2","d":-3,"e":0.5,"f":true,"g":{}})");
}

TEST(json_write, prefix_of_characters_counts_code_points) {
  EXPECT_EQ(prefix_of_characters("abc", 3), "abc");
  EXPECT_EQ(prefix_of_characters("abcd", 3), "abc");
  EXPECT_EQ(prefix_of_characters("", 3), "");
  // Three characters of two, three and four bytes.
  std::string text = "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
  EXPECT_EQ(prefix_of_characters(text, 3), text);
  EXPECT_EQ(prefix_of_characters(text, 2), text.substr(0, 5));
  EXPECT_EQ(prefix_of_characters(text, 1), text.substr(0, 2));
  EXPECT_EQ(prefix_of_characters(text, 0), "");
  EXPECT_EQ(prefix_of_characters("\xFF\xFF\xFF", 2), "\xFF\xFF");
}

} // namespace
} // namespace apm
