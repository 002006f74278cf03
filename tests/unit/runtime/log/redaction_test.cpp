// Tests of redaction.hpp. Source of URLs' form: RFC 3986, 3.2.
#include "runtime/log/redaction.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

struct userinfo_case {
  const char* text;
  const char* expected;
};

constexpr userinfo_case userinfo[] = {
    {"", ""},
    {"no address", "no address"},
    {"https://h:8200/p", "https://h:8200/p"},
    {"https://u:p@h:8200/p", "https://h:8200/p"},
    {"https://u@h", "https://h"},
    {"https://u:p@[::1]:8200/", "https://[::1]:8200/"},
    {"https://u:p@q@h/", "https://h/"}, // not allowed, but seen
    {"of https://u:p@h, then http://x:y@z.", "of https://h, then http://z."},
    {"\"https://u:p@h\"", "\"https://h\""},
    {"https://h/path@home", "https://h/path@home"},
    {"https://h?mail=a@b", "https://h?mail=a@b"},
    {"mail me@example.com of https://h", "mail me@example.com of https://h"},
    {"u:p@proxy:3128", "proxy:3128"},
    {"proxy:3128", "proxy:3128"},
    {"://", "://"},
    {"https://u:p@", "https://"},
    {"@://a@b", "@://b"},
};

TEST(redaction, cuts_user_and_password_out_of_urls) {
  for (const auto& x : userinfo)
    EXPECT_EQ(without_userinfo(x.text), x.expected);
}

TEST(redaction, hides_every_occurrence) {
  redaction words;
  words.hide("secret");
  EXPECT_EQ(words.apply("secret, secretsecret and no Secret"),
            "***, ****** and no Secret");
  EXPECT_EQ(words.apply(""), "");
}

// The shorter would leave the rest of the longer behind.
TEST(redaction, hides_the_longer_first) {
  for (const bool is_short_first : {true, false}) {
    redaction words;
    words.hide(is_short_first ? "token" : "token-and-more");
    words.hide(is_short_first ? "token-and-more" : "token");
    EXPECT_EQ(words.apply("token-and-more, token"), "***, ***");
  }
}

TEST(redaction, looks_for_nothing_that_ordinary_words_hold) {
  redaction words;
  words.hide("");
  words.hide("for");
  EXPECT_EQ(words.apply("for ever"), "for ever");
}

} // namespace
} // namespace apm
