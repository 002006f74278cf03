// What is left of a text in the trace.
#include "runtime/formats/json_value.hpp"
#include "runtime/recording/masked_text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace apm {
namespace {

constexpr bool protocol = true;
constexpr bool function = false;

struct mask_case {
  bool is_protocol;
  const char* text;
  const char* masked;
};

const mask_case cases[] = {
    {function, "", ""},
    {function, "User Bob, 42!", "Xxxx Xxx, 11!"},
    {function, "\xC3\xA4 caf\xC3\xA9", "xx xxxxx"},
    {function, R"("a \"b\" \u00e9 \n c1")", R"("x \"x\" \u1111 \n xx")"},
    {function, "key=a1B2c3 A1 7", "xxx=xxxxxx xx 1"},
    {function, R"({"message":"Bob","user":"Eve","n":-42.5e7})",
     R"({"message":"Xxx","xxxx":"Xxx","x":-11.1e1})"},
    {protocol,
     R"({"status":"success","metrics":{"durationMs":12.5},"who":"Bob"})",
     R"({"status":"success","metrics":{"durationMs":12.5},"xxx":"Xxx"})"},
    {protocol, R"({"eventType":"INVOKE","tracing":{"value":"Root=1-5"}})",
     R"({"eventType":"INVOKE","tracing":{"value":"Xxxx=1-1"}})"},
    {protocol, R"({"accepted":3,"errors":[{"document":"{\"id\":\"s\"}"}]})",
     R"({"accepted":3,"errors":[{"document":"{\"xx\":\"x\"}"}]})"},
    {protocol, R"({"type" : "text", "type":true,"a":"b"})",
     R"({"type" : "text", "type":true,"x":"x"})"},
    // Cut short, as long texts are.
    {function, R"({"message":"Bo)", R"({"message":"Xx)"},
    {function, "{\"a\\", "{\"x\\"},
    {function, "\"\\u00", "\"\\u11"},
};

TEST(mask_text, leaves_the_form) {
  for (const auto& x : cases) {
    std::string text{x.text};
    mask_text(text.data(), text.size(), x.is_protocol);
    EXPECT_EQ(text, x.masked) << x.text;
  }
}

TEST(mask_text, keeps_request_ids) {
  const std::string id = "7b076f9b-6500-42d6-8d25-b93fa09ae94a";
  for (const std::string before : {"", "2026-11-22T12:00:00Z\t", "RequestId: "})
    for (const bool is_protocol : {false, true}) {
      std::string text = before + id + "\tINFO\thush";
      mask_text(text.data(), text.size(), is_protocol);
      EXPECT_NE(text.find(id), std::string::npos) << text;
      EXPECT_EQ(text.find("hush"), std::string::npos) << text;
    }
}

TEST(mask_text, leaves_json_sound) {
  for (const char* text :
       {R"({"a":[1,2.5,-3e4,null,true,"x\u00e9"],"b":{}})",
        R"(["\ud83d\ude00", 0, 10, "\\"])", R"({"durationMs":0.001})"})
    for (const bool is_protocol : {false, true}) {
      std::string masked{text};
      mask_text(masked.data(), masked.size(), is_protocol);
      EXPECT_FALSE(check_json(masked)) << masked;
    }
}

TEST(mask_text, takes_any_bytes) {
  std::mt19937_64 random{1};
  constexpr std::string_view alphabet = "{}[]\":,\\u0aZ \xFF";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (size_t n = random() % 40; n > 0; --n)
      text += alphabet[random() % alphabet.size()];
    const auto size = text.size();
    mask_text(text.data(), text.size(), i % 2 == 0);
    EXPECT_EQ(text.size(), size);
  }
}

TEST(is_uuid, tells_request_ids) {
  EXPECT_TRUE(is_uuid("7b076f9b-6500-42d6-8d25-b93fa09ae94a"));
  for (const char* text : {"", "7b076f9b-6500-42d6-8d25-b93fa09ae94",
                           "request-1", "7b076f9b-6500-42d6-8d25-b93fa09ae94g",
                           "7b076f9b16500-42d6-8d25-b93fa09ae94a",
                           "7b076f9b-6500-42d6-8d25-b93fa09ae94ab"})
    EXPECT_FALSE(is_uuid(text)) << text;
}

} // namespace
} // namespace apm
