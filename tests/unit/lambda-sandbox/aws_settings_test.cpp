// The scenario's member `aws`: everything that can be said, and what is said of
// what is wrong.
#include "tools/lambda-sandbox/aws/aws_settings.hpp"

#include <gtest/gtest.h>

namespace sandbox {
namespace {

aws_settings parse(const char* text, json_problems& problems) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text);
  EXPECT_FALSE(document.HasParseError()) << text;
  return parse_aws_settings(document, "/aws", ".", problems);
}

TEST(aws_settings_test, says_what_is_kept) {
  json_problems problems;
  const auto aws = parse(R"({
    "secrets": {"a": "text", "b": {"binary": "eA=="}, "c": ["old", "new"]},
    "parameters": {"/p": "value"},
    "certificates": {"arn": {"certificate": "C", "chain": "D"}},
    "denied": ["a"],
    "container_credentials": true,
    "behaviour": [{"status": 500, "times": 2}]
  })",
                         problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(aws.secrets.at("a").at(0).value, "text");
  EXPECT_FALSE(aws.secrets.at("a").at(0).is_binary);
  EXPECT_TRUE(aws.secrets.at("b").at(0).is_binary);
  EXPECT_EQ(aws.secrets.at("c").at(1).value, "new");
  EXPECT_EQ(aws.parameters.at("/p").at(0).value, "value");
  EXPECT_EQ(aws.certificates.at("arn").chain, "D");
  EXPECT_EQ(aws.denied.count("a"), 1U);
  EXPECT_TRUE(aws.has_container_credentials);
  ASSERT_EQ(aws.rules.size(), 1U);
  EXPECT_EQ(aws.rules[0].status, 500);
}

TEST(aws_settings_test, says_what_is_wrong_and_where) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"secrets": "x"})", "/aws/secrets"},
      {R"({"secrets": {"a/b": {"text": "x"}}})", "/aws/secrets/a~1b/binary"},
      {R"({"secrets": {"a": []}})", "/aws/secrets/a"},
      {R"({"certificates": {"a": {"certificate_file": "none.pem"}}})",
       "/aws/certificates/a/certificate_file"},
      {R"({"behaviour": [{"close": "after_body"}]})", "/aws/behaviour"},
      {R"({"secret": {}})", "/aws/secret"},
      {R"({"container_credentials": 1})", "/aws/container_credentials"},
  };
  for (const auto& [text, pointer] : cases) {
    json_problems problems;
    parse(text, problems);
    ASSERT_FALSE(problems.empty()) << text;
    EXPECT_EQ(problems[0].pointer, pointer) << text;
  }
}

} // namespace
} // namespace sandbox
