// Tests of json_value.hpp: each type, its neighbours, and RapidJSON's opinion.
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

#include <random>
#include <utility>

namespace apm {
namespace {

TEST(json_value, check_takes_json) {
  for (auto text : {"{}", " [1,2] ", "\"x\"", "-1.5e3", "true", "null",
                    R"({"a":{"b":["\u00e9"]}})"})
    EXPECT_FALSE(check_json(text)) << text;
}

TEST(json_value, check_refuses_the_rest_and_says_where) {
  constexpr std::pair<const char*, const char*> cases[] = {
      {"", "empty"},
      {"{", "at byte 1"},
      {"{\"a\" 1}", "at byte 5"},
      {"[1,]", "at byte 3"},
      {"{\"a\":1}}", "follows the value, at byte 7"},
      {"{} {}", "follows the value, at byte 3"},
      {"nul", "at byte"},
      {"\"\\ud83d\"", "surrogate"},
      {"{'a':1}", "at byte 1"},
      {"NaN", "at byte 0"},
  };
  for (auto& [text, says] : cases) {
    auto refused = check_json(text);
    ASSERT_TRUE(refused) << text;
    EXPECT_EQ(refused->code, errc::bad_json);
    EXPECT_NE(refused->detail.find(says), std::string::npos) << refused->detail;
  }
  using namespace std::string_view_literals;
  EXPECT_TRUE(check_json("{}\0{}"sv)) << "a zero byte is no end";
}

TEST(json_value, check_limits_depth) {
  auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_FALSE(check_json(nested(json_depth_max)));
  EXPECT_TRUE(check_json(nested(json_depth_max + 1)));
  // Neither 2 MB of brackets nor of objects may exhaust anything.
  EXPECT_TRUE(check_json(std::string(2'000'000, '[')));
  std::string objects;
  for (int i = 0; i < 400'000; ++i)
    objects += "{\"a\":";
  EXPECT_TRUE(check_json(objects));
}

TEST(json_value, strings) {
  using namespace std::string_literals;
  const std::pair<const char*, std::string> cases[] = {
      {R"("")", ""},
      {R"( "a b" )", "a b"},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("\u0041\u00e9\u20AC")", "A\xC3\xA9\xE2\x82\xAC"},
      {R"("\u0000")", "\0"s},
      {R"("\ud83d\ude00")", "\xF0\x9F\x98\x80"},
      {R"("\ud83d")", "\xEF\xBF\xBD"}, // the first half alone
      {R"("\ude00")", "\xEF\xBF\xBD"}, // the second half alone
      {R"("\ud83dx")", "\xEF\xBF\xBDx"},
      {R"("\ud83d\n")", "\xEF\xBF\xBD\n"},
      {R"("\ud83d\u0041")", "\xEF\xBF\xBD"
                            "A"},
      {R"("\ud83d\ud83d\ude00")", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
      {R"("\x\u12\u12g4")", R"(\x\u12\u12g4)"}, // no escapes of JSON
      {R"("\u")", R"(\u)"},
  };
  for (auto& [value, text] : cases)
    EXPECT_EQ(json_string(value), text) << value;
}

TEST(json_value, what_is_no_string) {
  for (auto value :
       {"", "\"", "null", "1", "true", "{}", "[\"a\"]", "a\"", "\"a"})
    EXPECT_EQ(json_string(value), std::nullopt) << value;
}

TEST(json_value, numbers) {
  EXPECT_EQ(json_number("0"), 0.0);
  EXPECT_EQ(json_number(" 12.5 "), 12.5);
  EXPECT_EQ(json_number("-1e-3"), -0.001);
  EXPECT_EQ(json_number("182.43"), 182.43);
  EXPECT_EQ(json_number("18446744073709551616"), 18446744073709551616.0);
  for (auto value : {"", "\"1\"", "true", "null", "{}", "[1]", "1x", "01", "1.",
                     "-", "1e999", "NaN", "Infinity", "0x10", "1 2"})
    EXPECT_EQ(json_number(value), std::nullopt) << value;
}

TEST(json_value, integers) {
  EXPECT_EQ(json_integer("0"), 0);
  EXPECT_EQ(json_integer(" -17 "), -17);
  EXPECT_EQ(json_integer("1795348708123"), 1795348708123);
  EXPECT_EQ(json_integer("9223372036854775807"), INT64_MAX);
  for (auto value : {"", "\"1\"", "true", "1.5", "1e3", "9223372036854775808",
                     "x", "{}", "1x"})
    EXPECT_EQ(json_integer(value), std::nullopt) << value;
}

TEST(json_value, strings_agree_with_rapidjson) {
  std::mt19937 random{test::seed};
  size_t compared = 0;
  for (int i = 0; i < 100'000; ++i) { // about 50 ms
    std::string value = "\"" + test::random_text(random, 8) + "\"";
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(value.data(), value.size());
    if (document.HasParseError() || !document.IsString()
        || value.find('\0') != value.npos    // the end, to RapidJSON
        || value.find("\\ud") != value.npos) // it keeps lone halves
      continue;
    ASSERT_EQ(json_string(value).value(),
              std::string(document.GetString(), document.GetStringLength()));
    ++compared;
  }
  EXPECT_GT(compared, 1'000u); // or the test compares nothing
}

} // namespace
} // namespace apm
