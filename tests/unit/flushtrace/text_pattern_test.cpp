// The operator ~: what patterns match, and which are refused.
#include "tools/flushtrace/filter/text_pattern.hpp"

#include <gtest/gtest.h>

namespace flushtrace {
namespace {

struct pattern_row {
  const char* pattern;
  const char* text;
  bool is_match;
};

TEST(text_pattern_test, matches_anywhere_in_a_text) {
  const pattern_row rows[] = {
      {"flush", "late_flush_end", true},
      {"flush", "flus", false},
      {"", "", true},
      {"", "anything", true},
      {"^flush", "flush_end", true},
      {"^flush", "a flush", false},
      {"end$", "flush_end", true},
      {"end$", "ending", false},
      {"^$", "", true},
      {"^$", "x", false},
      {"^(batch|delivery)$", "delivery", true},
      {"^(batch|delivery)$", "deliveries", false},
      {"a|b|c", "xxc", true},
      {"fl.sh", "flash", true},
      {"a.c", "ac", false},
      {"ab*c", "ac", true},
      {"ab*c", "abbbc", true},
      {"ab+c", "ac", false},
      {"ab+c", "abbc", true},
      {"^ab?c$", "abbc", false},
      {"^ab?c$", "abc", true},
      {"(ab)+$", "xababab", true},
      {"^(a|b)*$", "abba", true},
      {"^(a|b)*$", "abca", false},
      {"[a-c]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"[^a-c]x", "dx", true},
      {"[]]", "]", true},
      {"[a-]", "-", true},
      {"\\d\\d\\d", "status 503", true},
      {"^\\D+$", "no number", true},
      {"\\.", "abc", false},
      {"\\w+\\s\\w+", "two words", true},
      {"(?:ab)c", "abc", true},
      {"((a*)*)*$", "aaab", true}, // the empty one at the end
      {"Flush", "flush", false},
  };
  for (const auto& x : rows) {
    const auto pattern = text_pattern::compile(x.pattern);
    ASSERT_TRUE(pattern) << x.pattern;
    EXPECT_EQ(pattern.value().is_in(x.text), x.is_match)
        << x.pattern << " in " << x.text;
  }
}

TEST(text_pattern_test, says_what_is_wrong) {
  const std::pair<const char*, const char*> rows[] = {
      {"(ab", "never closed"},   {"ab)", "never opened"},
      {"[ab", "never closed"},   {"*a", "nothing stands before *"},
      {"a|+", "nothing stands"}, {"ab\\", "nothing stands behind"},
      {"[z-a]", "from z to a"},  {"[z-\n]", "from z to \\x0a"},
  };
  for (const auto& [pattern, problem] : rows) {
    const auto made = text_pattern::compile(pattern);
    ASSERT_FALSE(made) << pattern;
    EXPECT_NE(made.error().detail.find(problem), std::string::npos)
        << made.error().detail;
  }
}

TEST(text_pattern_test, is_bounded) {
  EXPECT_FALSE(text_pattern::compile(std::string(100'000, '(')));
  EXPECT_FALSE(text_pattern::compile(std::string(100'000, 'a')));
  EXPECT_FALSE(text_pattern::compile("a" + std::string(100'000, '+')));
  EXPECT_FALSE(text_pattern::compile(std::string(100'000, '|')));
}

// Where a matcher tries one way after the other this takes 2^30 steps.
TEST(text_pattern_test, takes_no_longer_for_a_bad_pattern) {
  const auto pattern = text_pattern::compile("(a*)*(a*)*(a*)*b$");
  ASSERT_TRUE(pattern);
  EXPECT_FALSE(pattern.value().is_in(std::string(10'000, 'a')));
}

} // namespace
} // namespace flushtrace
