// Tests of apm_response.hpp: what APM Server and what stands before it answer.
#include "runtime/formats/apm_response.hpp"
#include "runtime/formats/json_write.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

#include <random>

namespace apm {
namespace {

using strings = std::vector<std::string>;

struct answer_case {
  const char* body;
  uint32_t accepted;
  strings messages;
};

TEST(apm_response, answers) {
  const answer_case cases[] = {
      {"", 0, {}}, // 202 without `verbose`
      {"  \n", 0, {}},
      {R"({"accepted":17})", 17, {}},
      // The form that APM Server documents for its intake.
      {R"({"accepted":1,"errors":[{"message":"decode error","document":"{"},)"
       R"({"message":"queue is full"}]})",
       1,
       {"decode error", "queue is full"}},
      {R"({"errors":[{"message":"a\nb"}],"accepted":2})", 2, {"a b"}},
      {R"({"error":"authentication failed: missing header"})",
       0,
       {"authentication failed: missing header"}},
      {"503 Service Unavailable\n", 0, {"503 Service Unavailable"}},
      {"<html>\r\n<b>Bad</b>\t\x1b[1m", 0, {"<html>  <b>Bad</b>  [1m"}},
      {"\xFF", 0, {"\xEF\xBF\xBD"}},
      {"{\"accepted\":3", 0, {"{\"accepted\":3"}}, // cut
      {"[1]", 0, {"[1]"}},
      {"17", 0, {"17"}},
      {R"({"accepted":-1})", 0, {}},
      {R"({"accepted":1.5})", 0, {}},
      {R"({"accepted":"17"})", 0, {}},
      {R"({"accepted":4294967295})", 4294967295u, {}},
      {R"({"accepted":4294967296})", 4294967295u, {}}, // 2^32 does not fit
      {R"({"accepted":1,"errors":[{"message":7},{"other":"x"},17,"x",)"
       R"({"message":""},{"message":"y"}]})",
       1,
       {"y"}},
      {R"({"accepted":1,"errors":"x"})", 1, {}},
      {R"({"accepted":1,"errors":null,"error":{}})", 1, {}},
      {R"({"nested":{"accepted":5}})", 0, {}},
  };
  for (auto& x : cases) {
    auto verdict = parse_intake_answer(x.body);
    EXPECT_EQ(verdict.accepted, x.accepted) << x.body;
    EXPECT_EQ(verdict.messages, x.messages) << x.body;
  }
}

TEST(apm_response, messages_are_bounded) {
  std::string body = R"({"accepted":0,"errors":[)";
  for (int i = 0; i < 100; ++i)
    body += R"({"message":")" + std::string(5'000, 'x') + "\"},";
  body.back() = ']';
  auto verdict = parse_intake_answer(body + "}");
  EXPECT_EQ(verdict.messages.size(), 10u);          // as the header promises
  EXPECT_EQ(verdict.messages.front().size(), 300u); // message_characters_max
  verdict = parse_intake_answer(std::string(2'000'000, '['));
  ASSERT_EQ(verdict.messages.size(), 1u);
  EXPECT_EQ(verdict.messages.front().size(), 300u);
}

TEST(apm_response, any_text_is_survived) {
  std::mt19937 random{test::seed};
  for (int i = 0; i < 10'000; ++i) { // about 30 ms
    std::string text = test::random_text(random, 60);
    for (auto& message : parse_intake_answer(text).messages) {
      std::string json;
      append_json_string(json, message);
      ASSERT_EQ(message.find('\n'), message.npos);
      ASSERT_EQ(test::strict_json(json).GetString(), message);
    }
  }
}

} // namespace
} // namespace apm
