// Tests of the stand-in's reading of intake bodies: kinds, complaints,
// compression, and the real bodies of apm-data.
#include "tests/unit/lambda-sandbox/support.hpp"
#include "tools/lambda-sandbox/apm_server/intake_body.hpp"
#include "tools/lambda-sandbox/function/body_encoder.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace sandbox {
namespace {

constexpr const char* metadata = "{\"metadata\":{}}\n";

std::string one_error(std::string_view body) {
  const auto read = read_intake_body(body, "");
  EXPECT_EQ(read.errors.size(), 1u) << body;
  return read.errors.empty() ? "" : read.errors[0];
}

TEST(intake_body, lines_have_the_kind_of_their_key) {
  const auto body = read_intake_body(
      "{\"metadata\":{}}\n{\"transaction\":{}}\n{\"span\":{}}\n{\"error\":{}}\n"
      "{\"metricset\":{}}\n{\"log\":{\"a\":[1,{\"span\":2}]}}",
      "");
  EXPECT_TRUE(body.errors.empty());
  ASSERT_EQ(body.lines.size(), 6u);
  const char* kinds[] = {"metadata", "transaction", "span",
                         "error",    "metricset",   "log"};
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(body.lines[i].kind, kinds[i]);
  EXPECT_EQ(body.lines[5].text, "{\"log\":{\"a\":[1,{\"span\":2}]}}");
}

TEST(intake_body, violations_are_named_and_the_lines_kept) {
  struct {
    const char* lines;
    const char* part_of_error;
    std::size_t kept;
  } const cases[] = {
      {"{\"span\":{}}\n", "line 1: is no metadata line, but span", 1},
      {"{\"metadata\":{}}\n{\"metadata\":{}}\n", "line 2: a further metadata",
       2},
      {"{\"metadata\":{}}\n{\"span\":{}\n", "line 2: is no JSON", 2},
      {"{\"metadata\":{}}\n[1]\n", "line 2: is no JSON object", 2},
      {"{\"metadata\":{}}\n{}\n", "line 2: has 0 keys", 2},
      {"{\"metadata\":{}}\n{\"span\":1,\"log\":2}\n", "line 2: has 2 keys", 2},
      {"{\"metadata\":{}}\n{\"sapn\":1}\n", "unknown key \"sapn\"", 2},
      {"{\"metadata\":{}}\n{\"span\":\"\xff\"}\n", "line 2: is no JSON", 2},
      {"", "body is empty", 0},
  };
  for (const auto& test : cases) {
    EXPECT_NE(one_error(test.lines).find(test.part_of_error), std::string::npos)
        << test.lines << " -> " << one_error(test.lines);
    EXPECT_EQ(read_intake_body(test.lines, "").lines.size(), test.kept);
  }
}

TEST(intake_body, blank_lines_and_a_missing_last_newline_are_fine) {
  const auto body = read_intake_body("{\"metadata\":{}}\n\n{\"span\":{}}", "");
  EXPECT_TRUE(body.errors.empty());
  EXPECT_EQ(body.lines.size(), 2u);
}

TEST(intake_body, gzip_and_deflate_are_read) {
  using builtin::body_encoding;
  const std::string plain = std::string{metadata} + "{\"span\":{}}\n";
  for (const auto& [encoding, name] :
       {std::pair{body_encoding::gzip, "gzip"},
        std::pair{body_encoding::deflate, "deflate"},
        std::pair{body_encoding::identity, "identity"}}) {
    const auto body =
        read_intake_body(builtin::encode_body(encoding, plain), name);
    EXPECT_TRUE(body.errors.empty()) << name;
    EXPECT_EQ(body.lines.size(), 2u) << name;
    EXPECT_EQ(body.body_bytes, plain.size()) << name;
  }
}

TEST(intake_body, bad_compression_is_named) {
  const std::string plain = std::string{metadata} + "{\"span\":{}}\n";
  const auto gzip = builtin::encode_body(builtin::body_encoding::gzip, plain);
  const auto first_error = [](const std::string& wire, const char* encoding) {
    const auto body = read_intake_body(wire, encoding);
    return body.errors.empty() ? "" : body.errors[0];
  };
  EXPECT_NE(first_error(gzip.substr(0, gzip.size() - 1), "gzip").find("middle"),
            std::string::npos);
  EXPECT_NE(first_error(gzip + "x", "gzip").find("1 bytes follow"),
            std::string::npos);
  EXPECT_NE(first_error(plain, "gzip").find("can't be decompressed"),
            std::string::npos);
  EXPECT_NE(first_error(gzip, "br").find("unknown Content-Encoding br"),
            std::string::npos);
}

TEST(intake_body, real_bodies_pass) {
  // Counted with grep in the files themselves.
  struct {
    const char* file;
    std::map<std::string, int> kinds;
  } const cases[] = {
      {"spans.ndjson", {{"metadata", 1}, {"span", 10}}},
      {"logs.ndjson", {{"metadata", 1}, {"log", 7}}},
      {"transactions_spans.ndjson",
       {{"metadata", 1}, {"transaction", 4}, {"span", 5}}},
  };
  for (const auto& test : cases) {
    const auto body = read_intake_body(
        test_data("intake-v2/samples/" + std::string{test.file}), "");
    EXPECT_TRUE(body.errors.empty())
        << test.file << ": " << (body.errors.empty() ? "" : body.errors[0]);
    std::map<std::string, int> kinds;
    for (const auto& line : body.lines)
      ++kinds[line.kind];
    EXPECT_EQ(kinds, test.kinds) << test.file;
  }
}

} // namespace
} // namespace sandbox
