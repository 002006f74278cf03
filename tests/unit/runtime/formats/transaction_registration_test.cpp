// Tests of transaction_registration.hpp.
#include "runtime/formats/transaction_registration.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

const std::string metadata = R"({"metadata":{"service":{"name":"s"}}})";
const std::string transaction = R"({"transaction":{"id":"t1","name":"n"}})";

result<registration_body> parse(const std::string& text) {
  return parse_registration(bytes{text});
}

// elastic/apm, tracing-instrumentation-aws-lambda.md: a metadata line, then a
// partial transaction. Python's agent leaves out the last newline.
TEST(parse_registration, takes_metadata_and_transaction_apart) {
  for (const auto* end : {"", "\n", "\r\n", "\n\n"}) {
    const auto parsed = parse(metadata + "\n" + transaction + end);
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_EQ(parsed.value().metadata.view(), metadata);
    EXPECT_EQ(parsed.value().line.view(), transaction);
    EXPECT_EQ(parsed.value().transaction_id, "t1");
  }
}

TEST(parse_registration, does_without_metadata) {
  const auto parsed = parse(transaction);
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_TRUE(parsed.value().metadata.empty());
  EXPECT_EQ(parsed.value().line.view(), transaction);
}

TEST(parse_registration, names_what_is_wrong) {
  struct {
    std::string text;
    errc code;
  } const rows[] = {
      {"", errc::bad_shape},
      {metadata, errc::bad_shape},
      {metadata + "\n" + R"({"span":{"id":"s"}})", errc::bad_shape},
      {metadata + "\n" + R"({"transaction":{"name":"n"}})", errc::bad_shape},
      {metadata + "\n" + R"({"transaction":{"id":7}})", errc::bad_shape},
      {metadata + "\n" + R"({"transaction":{"id":"t")", errc::bad_json},
      {R"({"metadata":7})"
       "\n" + transaction,
       errc::bad_shape},
      {R"({"transaction":{"id":"t","x":")" + std::string(400'000, 'x') + "\"}}",
       errc::too_large},
  };
  for (const auto& row : rows) {
    const auto parsed = parse(row.text);
    ASSERT_FALSE(parsed) << row.text.substr(0, 80);
    EXPECT_EQ(parsed.error().code, row.code) << parsed.error().detail;
    EXPECT_FALSE(parsed.error().detail.empty());
  }
}

TEST(complete_transaction, sets_three_members_and_leaves_the_rest) {
  struct {
    const char* line;
    const char* expected;
  } const rows[] = {
      // What Node registers has two of them, and no duration.
      {R"({"transaction":{"id":"t","result":"undefined","outcome":"unknown"}})",
       R"({"transaction":{"id":"t","result":"timeout","outcome":"failure","duration":2500.5}})"},
      {R"({"transaction":{"id":"t"}})",
       R"({"transaction":{"id":"t","result":"timeout","outcome":"failure","duration":2500.5}})"},
      {R"({"transaction":{"duration" : 1 , "id":"t"} } )",
       R"({"transaction":{"duration" : 2500.5 , "id":"t","result":"timeout","outcome":"failure"} } )"},
      // Members of the same name further down are somebody else's.
      {R"({"transaction":{"context":{"result":1,"outcome":"x}"},"id":"t"}})",
       R"({"transaction":{"context":{"result":1,"outcome":"x}"},"id":"t","result":"timeout","outcome":"failure","duration":2500.5}})"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(complete_transaction(row.line, {"timeout", "failure", 2500.5}),
              row.expected);
}

// The schema is Elastic's: tests/data/intake-v2.
TEST(complete_transaction, makes_a_line_that_the_intake_takes) {
  const auto body =
      test::read_data("agent-captures/timeout/01-register.ndjson");
  const auto parsed = parse(body);
  ASSERT_TRUE(parsed) << parsed.error().detail;
  const auto line = complete_transaction(parsed.value().line.view(),
                                         {"success", "success", 7});
  const auto document = test::strict_json(line);
  EXPECT_EQ(test::schema_violation("transaction.json", document["transaction"]),
            "");
}

} // namespace
} // namespace apm
