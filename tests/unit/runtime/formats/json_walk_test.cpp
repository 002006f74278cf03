// Tests of json_walk.hpp: members, breaks, depth, and whether RapidJSON finds
// the same members in what agents sent and in random text.
#include "runtime/formats/json_walk.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <random>
#include <utility>
#include <vector>

namespace apm {
namespace {

using members = std::vector<std::pair<std::string, std::string>>;

struct walked {
  members seen;
  bool is_whole = false;
  std::string rest;
};

walked walk(std::string_view text) {
  walked result;
  json_walk member{text};
  while (member.next())
    result.seen.emplace_back(member.key(), member.value());
  result.is_whole = member.is_whole();
  result.rest = member.rest();
  return result;
}

struct sound_case {
  const char* text;
  members expected;
};

TEST(json_walk, members_and_elements) {
  const sound_case cases[] = {
      {"{}", {}},
      {" { } ", {}},
      {"[]", {}},
      {R"({"a":1})", {{"a", "1"}}},
      {R"( { "a" : 1 , "b" : "x" } )", {{"a", "1"}, {"b", "\"x\""}}},
      {R"({"a":{"b":[1,{"c":"]}"}]},"d":null})",
       {{"a", R"({"b":[1,{"c":"]}"}]})"}, {"d", "null"}}},
      {R"({"a\"b":"c\\"})", {{R"(a\"b)", R"("c\\")"}}},
      {R"(["\\\"",-1.5e3,true,[],{}])",
       {{"", R"("\\\"")"},
        {"", "-1.5e3"},
        {"", "true"},
        {"", "[]"},
        {"", "{}"}}},
      {"[\n1\t,\r2 ]", {{"", "1"}, {"", "2"}}},
      {R"({"half a pair":"\ud83d","huge":1e999})", // both stop RapidJSON
       {{"half a pair", R"("\ud83d")"}, {"huge", "1e999"}}},
  };
  for (auto& x : cases) {
    auto result = walk(x.text);
    EXPECT_TRUE(result.is_whole) << x.text;
    EXPECT_EQ(result.seen, x.expected) << x.text;
  }
}

TEST(json_walk, says_where_it_ended) {
  EXPECT_EQ(walk("{\"a\":1} x").rest, " x");
  EXPECT_EQ(walk("[[1],2]]").rest, "]");
}

struct broken_case {
  const char* text;
  size_t members;
};

TEST(json_walk, stops_where_the_text_is_broken) {
  // How many members come before the break.
  constexpr broken_case cases[] = {
      {"", 0},           {"x", 0},
      {"1", 0},          {"\"a\"", 0},
      {"{", 0},          {"[", 0},
      {"{\"a\"", 0},     {"{\"a\":", 0},
      {"{\"a\":}", 0},   {"{\"a\" 1}", 0},
      {"{a:1}", 0},      {"{'a':1}", 0},
      {"{,}", 0},        {"[,]", 0},
      {"[1", 1},         {"[1,", 1},
      {"[1,]", 1},       {"[1 2]", 1},
      {"{\"a\":1,}", 1}, {"{\"a\":1", 1},
      {"{\"a\":1]", 1},  {"{\"a\":1\"b\"}", 1},
      {"[1}", 1},        {"{\"a\":\"x}", 1},
      {"[[[", 1},        {"[1,[2,{\"a\":", 2},
  };
  for (auto& x : cases) {
    auto result = walk(x.text);
    EXPECT_FALSE(result.is_whole) << x.text;
    EXPECT_EQ(result.seen.size(), x.members) << x.text;
  }
}

TEST(json_walk, a_value_without_an_end_is_empty) {
  json_walk member{"[[1,2"};
  ASSERT_TRUE(member.next());
  EXPECT_EQ(member.value(), "");
  EXPECT_EQ(member.value_and_rest(), "[1,2");
  EXPECT_FALSE(member.next());
}

TEST(json_walk, depth_costs_nothing) {
  // 2 MB of '[': what a hostile peer could send within the body limits.
  std::string open(2'000'000, '[');
  EXPECT_FALSE(walk(open).is_whole);
  auto closed = walk(open + std::string(open.size(), ']'));
  EXPECT_TRUE(closed.is_whole);
  EXPECT_EQ(closed.seen.size(), 1u);
  // Quotes behind backslashes are where a scanner could become quadratic.
  std::string quotes = "[\"";
  for (int i = 0; i < 500'000; ++i)
    quotes += "\\\\\\\"";
  EXPECT_TRUE(walk(quotes + "\"]").is_whole);
}

TEST(json_walk, kinds) {
  constexpr std::pair<const char*, json_kind> cases[] = {
      {"", json_kind::none},         {"  ", json_kind::none},
      {"x", json_kind::none},        {"]", json_kind::none},
      {" null", json_kind::null},    {"true", json_kind::boolean},
      {"false", json_kind::boolean}, {"-1", json_kind::number},
      {"0", json_kind::number},      {"9", json_kind::number},
      {"\"", json_kind::string},     {"\n{", json_kind::object},
      {"[", json_kind::array},
  };
  for (auto& [text, kind] : cases)
    EXPECT_EQ(json_kind_of(text), kind) << text;
}

TEST(json_walk, compact_and_trim) {
  EXPECT_EQ(compact_json("{ \"a b\" : [ 1 ,\t2 ] ,\n\"c\":\" \\\" \" }"),
            R"({"a b":[1,2],"c":" \" "})");
  EXPECT_EQ(compact_json(" 17 "), "17");
  EXPECT_EQ(compact_json("\"no end "), "\"no end ");
  EXPECT_EQ(trim_json(" \r\n\tx y\n"), "x y");
  EXPECT_EQ(trim_json(" \n "), "");
}

std::string rewritten(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  value.Accept(writer);
  return buffer.GetString();
}

/// Both must find the same members in what is JSON.
void compare_with_rapidjson(std::string_view text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError() || text.find('\0') != text.npos)
    return;
  auto ours = walk(text);
  if (!document.IsObject() && !document.IsArray()) {
    ASSERT_FALSE(ours.is_whole);
    return;
  }
  ASSERT_TRUE(ours.is_whole) << text;
  members theirs;
  if (document.IsObject())
    for (auto& x : document.GetObject())
      theirs.emplace_back(x.name.GetString(), rewritten(x.value));
  else
    for (auto& x : document.GetArray())
      theirs.emplace_back("", rewritten(x));
  ASSERT_EQ(ours.seen.size(), theirs.size()) << text;
  for (size_t i = 0; i < theirs.size(); ++i) {
    rapidjson::Document value;
    value.Parse(ours.seen[i].second.data(), ours.seen[i].second.size());
    ASSERT_FALSE(value.HasParseError()) << text;
    ASSERT_EQ(rewritten(value), theirs[i].second) << text;
  }
}

TEST(json_walk, agrees_with_rapidjson_on_what_agents_send) {
  for (auto& body : test::captured_bodies())
    for (size_t at = 0; at < body.size();) {
      size_t end = std::min(body.find('\n', at), body.size());
      std::string_view line = std::string_view{body}.substr(at, end - at);
      compare_with_rapidjson(line);
      at = end + 1;
    }
}

TEST(json_walk, agrees_with_rapidjson_on_random_text) {
  std::mt19937 random{test::seed};
  for (int i = 0; i < 200'000; ++i) // about 100 ms; one in 500 is JSON
    compare_with_rapidjson("[" + test::random_text(random, 6) + "]");
}

} // namespace
} // namespace apm
