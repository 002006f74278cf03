// Tests of the rules of the APM Server stand-in: reading them from JSON, and
// which request takes which.
#include "tools/lambda-sandbox/apm_server/rule_cursor.hpp"
#include "tools/lambda-sandbox/apm_server/rules.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sandbox {
namespace {

constexpr std::int64_t ms = 1'000'000;

struct parsed_rules {
  std::vector<apm_server_rule> rules;
  json_problems problems;
};

parsed_rules parse(const char* text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text);
  EXPECT_FALSE(document.HasParseError()) << text;
  parsed_rules result;
  result.rules =
      parse_rules(document, "/apm_server/behaviour", result.problems);
  return result;
}

apm_server_rule only_rule(const char* text) {
  const auto parsed = parse(text);
  EXPECT_TRUE(parsed.problems.empty())
      << parsed.problems[0].pointer << " " << parsed.problems[0].message;
  return parsed.rules.empty() ? apm_server_rule{} : parsed.rules[0];
}

TEST(apm_server_rules, accept_is_the_default) {
  const auto rule = only_rule(R"([{}])");
  EXPECT_EQ(rule.status, 202);
  EXPECT_EQ(rule.times, 1u);
  EXPECT_TRUE(rule.record);
  EXPECT_FALSE(rule.accepted.has_value());
}

TEST(apm_server_rules, an_error_takes_its_accepted_count_from_the_body) {
  const auto rule = only_rule(
      R"([{"status": 503, "body": {"accepted": 2, "errors": [{"message": "full"}]},
         "headers": {"Retry-After": "1"}, "record": false, "times": 3}])");
  EXPECT_EQ(rule.status, 503);
  EXPECT_EQ(rule.body, R"({"accepted":2,"errors":[{"message":"full"}]})");
  ASSERT_EQ(rule.headers.size(), 1u);
  EXPECT_EQ(rule.headers[0].first, "Retry-After");
  EXPECT_EQ(rule.accepted, 2u);
  EXPECT_FALSE(rule.record);
  EXPECT_EQ(rule.times, 3u);
}

TEST(apm_server_rules, every_kind_of_trouble_is_known) {
  EXPECT_EQ(only_rule(R"([{"delay_ms": 100}])").delay_ms, 100);
  EXPECT_TRUE(only_rule(R"([{"hang": true}])").hang);
  EXPECT_EQ(only_rule(R"([{"close": "before_body"}])").close,
            server_close::before_body);
  EXPECT_EQ(only_rule(R"([{"close": "within_answer"}])").close,
            server_close::within_answer);
  EXPECT_EQ(only_rule(R"([{"close": "after_body"}])").close,
            server_close::after_body);
  EXPECT_EQ(only_rule(R"([{"refuse_ms": 500}])").refuse_ms, 500);
  EXPECT_EQ(only_rule(R"([{"status": 429, "for_ms": 20}])").for_ms, 20);
  EXPECT_EQ(only_rule(R"([{"hang": true, "times": "forever"}])").times,
            apm_server_rule::forever);
  // Lost answers: the lines are in, though nobody says so.
  EXPECT_EQ(only_rule(R"([{"close": "after_body", "accept": true}])").accepted,
            SIZE_MAX);
}

struct bad_rule {
  const char* text;
  const char* pointer;
  const char* part_of_message;
};

TEST(apm_server_rules, mistakes_are_told_with_their_place) {
  const bad_rule cases[] = {
      {R"({})", "/apm_server/behaviour", "array of rules"},
      {R"([7])", "/apm_server/behaviour/0", "must be an object"},
      {R"([{}, {"status": 99}])", "/apm_server/behaviour/1/status", "200"},
      {R"([{"delay_ms": -1}])", "/apm_server/behaviour/0/delay_ms",
       "at least 0"},
      {R"([{"close": "soon"}])", "/apm_server/behaviour/0/close",
       "before_body, after_body"},
      {R"([{"times": 0}])", "/apm_server/behaviour/0/times", "forever"},
      {R"([{"staus": 503}])", "/apm_server/behaviour/0/staus",
       "did you mean status"},
      {R"([{"hang": true, "status": 503}])", "/apm_server/behaviour/0/hang",
       "no status"},
      {R"([{"refuse_ms": 5, "hang": true}])",
       "/apm_server/behaviour/0/refuse_ms", "stands alone"},
      {R"([{"for_ms": 5, "times": 2}])", "/apm_server/behaviour/0/for_ms",
       "one of the two"},
  };
  for (const auto& bad : cases) {
    const auto parsed = parse(bad.text);
    ASSERT_EQ(parsed.problems.size(), 1u) << bad.text;
    EXPECT_EQ(parsed.problems[0].pointer, bad.pointer);
    EXPECT_NE(parsed.problems[0].message.find(bad.part_of_message),
              std::string::npos)
        << parsed.problems[0].message;
  }
}

TEST(apm_server_rules, settings_hold_rules_version_and_refusal) {
  rapidjson::Document document;
  document.Parse(R"({"behaviour": [{"status": 500}], "version": "9.1.0",
                     "refuse": true})");
  json_problems problems;
  const auto settings =
      parse_apm_server_settings(document, "/apm_server", problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(settings.rules.size(), 1u);
  EXPECT_EQ(settings.version, "9.1.0");
  EXPECT_TRUE(settings.refuse);
}

TEST(apm_server_rules, json_pointers_are_escaped) {
  // RFC 6901 §3: ~ is ~0, / is ~1.
  EXPECT_EQ(json_pointer_step("/a", "b/c~d"), "/a/b~1c~0d");
}

apm_server_rule with_status(int status, std::uint64_t times = 1) {
  apm_server_rule rule;
  rule.status = status;
  rule.times = times;
  return rule;
}

TEST(rule_cursor, rules_are_taken_in_order_and_then_all_is_accepted) {
  rule_cursor cursor{{with_status(503, 2), with_status(429)}};
  std::vector<int> taken;
  for (int i = 0; i < 5; ++i)
    taken.push_back(cursor.take(i * ms).status);
  EXPECT_EQ(taken, (std::vector<int>{503, 503, 429, 202, 202}));
}

TEST(rule_cursor, forever_never_ends) {
  rule_cursor cursor{
      {with_status(500, apm_server_rule::forever), with_status(429)}};
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(cursor.take(i * ms).status, 500);
}

TEST(rule_cursor, a_rule_for_a_time_begins_with_its_first_request) {
  auto timed = with_status(503);
  timed.for_ms = 10;
  rule_cursor cursor{{timed}};
  // First use at 100 ms: on until 110 ms.
  EXPECT_EQ(cursor.take(100 * ms).status, 503);
  EXPECT_EQ(cursor.take(109 * ms).status, 503);
  EXPECT_EQ(cursor.take(110 * ms).status, 202);
}

TEST(rule_cursor, a_refusal_is_due_once_the_rule_before_it_is_used_up) {
  apm_server_rule refusal;
  refusal.refuse_ms = 500;
  rule_cursor cursor{{with_status(503), refusal, with_status(429)}};
  EXPECT_EQ(cursor.refusal_ms(), 0);
  cursor.take(1 * ms);
  EXPECT_EQ(cursor.refusal_ms(), 500);
  // What slips in before the port is closed is cut by that, and takes no rule.
  EXPECT_TRUE(cursor.take(2 * ms).hang);
  cursor.end_refusal();
  EXPECT_EQ(cursor.refusal_ms(), 0);
  EXPECT_EQ(cursor.take(600 * ms).status, 429);
}

} // namespace
} // namespace sandbox
