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
    {protocol,
     R"({"accountId":"123456789012","functionName":"f-1","handler":"a.b"})",
     R"({"accountId":"111111111111","functionName":"f-1","handler":"a.b"})"},
    {protocol, R"({"invokedFunctionArn":"arn:aws:lambda:eu-1:12:function:f2"})",
     R"({"invokedFunctionArn":"arn:aws:lambda:eu-1:11:function:f1"})"},
    {function, R"({"handler":"Bob","invokedFunctionArn":"arn:Eve"})",
     R"({"handler":"Xxx","invokedFunctionArn":"xxx:Xxx"})"},
    {protocol, R"({"errorType":"Runtime.OutOfMemory"})",
     R"({"errorType":"Runtime.OutOfMemory"})"},
    {protocol, R"({"errorType":"BobsError"})", R"({"errorType":"XxxxXxxxx"})"},
    {protocol, R"({"invokedFunctionArn":{"a1":"Bob 2"}})",
     R"({"invokedFunctionArn":{"xx":"Xxx 1"}})"},
    {function, "[true,-12.5E-7,null]", "[true,-11.1E-1,null]"},
    // No JSON, though it begins like it.
    {protocol, "[error] Bob 42, 1e7", "[xxxxx] Xxx 42, 1e7"},
    {protocol, "{password hunter2", "{xxxxxxxx xxxxxxx"},
    // Cut short, as long texts are.
    {function, "[tru", "[tru"},
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

/// Wherever it stands among the 64 characters that are looked at at once.
TEST(mask_text, masks_alike_at_any_place) {
  const std::string_view text = R"("a1b2 Bob \"\u00e9 7b076f9b-6500-42d6-8d25-)"
                                R"(b93fa09ae94a x1-y":"user-77 Eve")";
  const std::string_view masked =
      R"("xxxx Xxx \"\u1111 7b076f9b-6500-42d6-8d25-)"
      R"(b93fa09ae94a xx-x":"xxxx-11 Xxx")";
  for (size_t before = 0; before < 200; ++before) {
    const auto marks = '[' + std::string(before, ' ');
    auto found = marks + std::string{text};
    mask_text(found.data(), found.size(), protocol);
    EXPECT_EQ(found, marks + std::string{masked}) << before;
  }
}

TEST(mask_text, leaves_nothing_of_the_end_of_long_texts) {
  std::string text(10'000, '-');
  text += "Bob";
  mask_text(text.data(), text.size(), protocol);
  EXPECT_EQ(text.size(), 10'003U);
  EXPECT_EQ(text.find("Bob"), std::string::npos);
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
