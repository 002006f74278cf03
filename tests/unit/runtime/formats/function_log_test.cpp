// Tests of function_log.hpp: records of every type and of every runtime.
#include "runtime/formats/function_log.hpp"

#include <gtest/gtest.h>

namespace apm {
namespace {

TEST(function_log, text_is_the_message_without_its_line_end) {
  constexpr std::pair<const char*, const char*> cases[] = {
      {R"("hello")", "hello"},
      {R"("hello\n")", "hello"},
      {R"("hello\r\n")", "hello"},
      {R"("hello\n\n")", "hello\n"},
      {R"("hello\r")", "hello\r"},
      {R"("two\nlines\n")", "two\nlines"},
      {R"("\n")", ""},
      {R"("")", ""},
      {R"(" \"quoted\" ")", " \"quoted\" "},
      {R"("{\"message\":\"not looked into\"}")",
       R"({"message":"not looked into"})"},
      {R"("half of an emoji \ud83d")", "half of an emoji \xEF\xBF\xBD"},
  };
  for (auto& [record, message] : cases)
    EXPECT_EQ(read_function_log(record).message, message) << record;
}

TEST(function_log, any_type_stands_for_itself) {
  // Records like these cost Elastic's Go extension the whole delivery.
  constexpr std::pair<const char*, const char*> cases[] = {
      {"17", "17"},
      {"-1.50e3", "-1.50e3"},
      {"true", "true"},
      {"null", "null"},
      {"[ 1, \"a b\", { } ]", "[1,\"a b\",{}]"},
      {"{}", "{}"},
      {R"({ "status" : 200 })", R"({"status":200})"},
      {R"({"message":{"errorType":"Error"},"level":"ERROR"})",
       R"({"message":{"errorType":"Error"},"level":"ERROR"})"},
      {R"({"message":null})", R"({"message":null})"},
      {R"({"huge":1e999,"half":"\ud83d"})",
       R"({"huge":1e999,"half":"\ud83d"})"},
      {R"({"broken")", R"({"broken")"},
  };
  for (auto& [record, message] : cases)
    EXPECT_EQ(read_function_log(record).message, message) << record;
}

struct json_case {
  const char* name;
  const char* record;
  function_log expected;
};

// 1,697,447,040.371 s: `date -u -d 2023-10-16T09:04:00.371Z +%s`.
constexpr int64_t time_us = 1'697'447'040'371'000;

TEST(function_log, json_logs_say_more) {
  const json_case cases[] = {
      {"Node's and .NET's",
       R"({"timestamp":"2023-10-16T09:04:00.371Z","level":"INFO",)"
       R"("requestId":"r1","traceId":"t1","message":"hello"})",
       {"hello", "info", "r1", "t1", time_us}},
      {"Java's",
       R"({"timestamp":"2023-10-16T09:04:00.371Z","level":"WARN",)"
       R"("message":"hello","logger":"a.b","AWSRequestId":"r1"})",
       {"hello", "warn", "r1", "", time_us}},
      {"Elastic's loggers",
       R"({"@timestamp":"2023-10-16T09:04:00.371Z","log.level":"error",)"
       R"("message":"hello","trace.id":"t1","ecs.version":"8.10.0"})",
       {"hello", "error", "", "t1", time_us}},
      {"both names: the first counts",
       R"({"level":"info","log.level":"error","message":"m"})",
       {"m", "info", "", "", 0}},
      {"Node while it initialises",
       R"({"requestId":"undefined","message":"m"})",
       {"m", "", "", "", 0}},
      {"an empty message is a message",
       R"({"message":"","level":"DEBUG"})",
       {"", "debug", "", "", 0}},
      {"a message keeps its newline",
       R"({"message":"m\n"})",
       {"m\n", "", "", "", 0}},
      {"members of other types",
       R"({"level":30,"requestId":null,"traceId":{},"timestamp":1697447040371,)"
       R"("message":"pino's"})",
       {"pino's", "", "", "", 0}},
      {"an odd time",
       R"({"timestamp":"yesterday","message":"m"})",
       {"m", "", "", "", 0}},
      {"nothing below the first level",
       R"({"error":{"message":"x","level":"x","requestId":"x"},"message":"m"})",
       {"m", "", "", "", 0}},
  };
  for (auto& x : cases) {
    function_log log = read_function_log(x.record);
    EXPECT_EQ(log.message, x.expected.message) << x.name;
    EXPECT_EQ(log.level, x.expected.level) << x.name;
    EXPECT_EQ(log.request_id, x.expected.request_id) << x.name;
    EXPECT_EQ(log.trace_id, x.expected.trace_id) << x.name;
    EXPECT_EQ(log.timestamp_us, x.expected.timestamp_us) << x.name;
  }
}

TEST(function_log, the_request_id_in_nodes_text) {
  constexpr std::pair<std::string_view, std::string_view> cases[] = {
      {"2026-11-22T11:58:28.123Z\tr1\tINFO\thello", "r1"},
      {"a\tb\t", "b"},
      {"a\t\tb", ""},
      {"a\tb", ""},
      {"\t", ""},
      {"a b c", ""},
      {"", ""},
  };
  for (auto& [message, request_id] : cases)
    EXPECT_EQ(node_request_id(message), request_id) << message;
}

} // namespace
} // namespace apm
