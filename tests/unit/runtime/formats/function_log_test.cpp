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
      {R"({"message":null})", R"({"message":null})"},
      {R"({"message":{ "errorType" : "Error" },"level":"ERROR"})",
       R"({"errorType":"Error"})"}, // what Node's console.log of an object is
      {R"({"message":[1],"level":"ERROR"})", "[1]"},
      {R"({"message":7})", "7"},
      {R"({"msg":"pino's"})", "pino's"},
      {R"({"msg":{"no":"text"},"a":1})", R"({"msg":{"no":"text"},"a":1})"},
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

function_log log_of(std::string message, std::string level = "",
                    std::string request_id = "", std::string trace_id = "",
                    int64_t timestamp_us = 0) {
  function_log log;
  log.message = std::move(message);
  log.level = std::move(level);
  log.request_id = std::move(request_id);
  log.trace_id = std::move(trace_id);
  log.timestamp_us = timestamp_us;
  return log;
}

function_log with(function_log log, std::string ecs, std::string labels) {
  log.ecs = std::move(ecs);
  log.labels = std::move(labels);
  return log;
}

function_log with_ids(function_log log, std::string transaction_id,
                      std::string span_id) {
  log.transaction_id = std::move(transaction_id);
  log.span_id = std::move(span_id);
  return log;
}

void expect_same(const function_log& log, const function_log& expected,
                 std::string_view name) {
  EXPECT_EQ(log.message, expected.message) << name;
  EXPECT_EQ(log.level, expected.level) << name;
  EXPECT_EQ(log.request_id, expected.request_id) << name;
  EXPECT_EQ(log.trace_id, expected.trace_id) << name;
  EXPECT_EQ(log.timestamp_us, expected.timestamp_us) << name;
  EXPECT_EQ(log.transaction_id, expected.transaction_id) << name;
  EXPECT_EQ(log.span_id, expected.span_id) << name;
  EXPECT_EQ(log.ecs, expected.ecs) << name;
  EXPECT_EQ(log.labels, expected.labels) << name;
}

// 1,697,447,040.371 s: `date -u -d 2023-10-16T09:04:00.371Z +%s`.
constexpr int64_t time_us = 1'697'447'040'371'000;

// The example of W3C's Trace Context, and of AWS's X-Ray documentation.
#define W3C_TRACE "0af7651916cd43dd8448eb211c80319c"
#define XRAY_TRACE "1-5759e988-bd862e3fe1be46a994272793"

TEST(function_log, json_logs_say_more) {
  const json_case cases[] = {
      {"Node's",
       R"({"timestamp":"2023-10-16T09:04:00.371Z","level":"INFO",)"
       R"("requestId":"r1","message":"hello"})",
       log_of("hello", "info", "r1", "", time_us)},
      {".NET's: X-Ray's id is no trace of an Elastic agent",
       R"({"timestamp":"2023-10-16T09:04:00.371Z","level":"Information",)"
       R"("requestId":"r1","traceId":")" XRAY_TRACE R"(","message":"hello"})",
       with(log_of("hello", "information", "r1", "", time_us), "",
            R"({"traceId":")" XRAY_TRACE R"("})")},
      {"Java's",
       R"({"timestamp":"2023-10-16T09:04:00.371Z","level":"WARN",)"
       R"("message":"hello","logger":"a.b","AWSRequestId":"r1"})",
       with(log_of("hello", "warn", "r1", "", time_us),
            R"({"log.logger":"a.b"})", "")},
      {"Python's error",
       R"({"timestamp":"2023-10-16T09:04:00Z","level":"ERROR","message":"m",)"
       R"("logger":"root","requestId":"r1","errorType":"KeyError",)"
       R"("errorMessage":"'x'","stackTrace":["a","b"]})",
       with(log_of("m", "error", "r1", "", time_us - 371'000),
            R"({"log.logger":"root"})",
            R"({"errorType":"KeyError","errorMessage":"'x'",)"
            R"("stackTrace":"[\"a\",\"b\"]"})")},
      {"Powertools'",
       R"({"level":"INFO","message":"m","service":"shop","cold_start":true,)"
       R"("function_request_id":"r1","xray_trace_id":"1-2-3","timestamp":)"
       R"("2023-10-16T09:04:00.371Z"})",
       with(log_of("m", "info", "r1", "", time_us), "",
            R"({"service":"shop","cold_start":true,"xray_trace_id":"1-2-3"})")},
      {"Elastic's loggers",
       R"({"@timestamp":"2023-10-16T09:04:00.371Z","log.level":"error",)"
       R"("message":"hello","trace.id":"t1","transaction.id":"x1",)"
       R"("span.id":"s1","ecs.version":"8.10.0","event.dataset":"d",)"
       R"("log":{"logger":"a.b","origin":{"file":{"name":"f.js","line":7},)"
       R"("function":"g"}},"error":{"type":"E","message":"m",)"
       R"("stack_trace":"at g"},"labels":{"team":"x"}})",
       with(with_ids(log_of("hello", "error", "", "t1", time_us), "x1", "s1"),
            R"({"event.dataset":"d","log.logger":"a.b",)"
            R"("log.origin.file.name":"f.js","log.origin.file.line":7,)"
            R"("log.origin.function":"g","error.type":"E","error.message":"m",)"
            R"("error.stack_trace":"at g"})",
            R"({"team":"x"})")},
      {"OpenTelemetry's names",
       R"({"trace_id":")" W3C_TRACE R"(","span_id":"b7ad6b7169203331",)"
       R"("message":"m"})",
       with_ids(log_of("m", "", "", W3C_TRACE), "", "b7ad6b7169203331")},
      {"ids of zeros are those of no trace",
       R"({"traceId":"00000000000000000000000000000000","message":"m"})",
       with(log_of("m"), "",
            R"({"traceId":"00000000000000000000000000000000"})")},
      {"pino's", R"({"level":30,"time":1697447040371,"pid":7,"msg":"m"})",
       with(log_of("m", "info"), "", R"({"time":1697447040371,"pid":7})")},
      {"two names: the first counts, the other is kept",
       R"({"level":"info","log.level":"error","message":"m","msg":"n"})",
       with(log_of("m", "info"), "", R"({"log_level":"error","msg":"n"})")},
      {"twice the same needs no label",
       R"({"level":"info","log.level":"INFO","message":"m"})",
       log_of("m", "info")},
      {"Node while it initialises",
       R"({"requestId":"undefined","message":"m"})", log_of("m")},
      {"an empty message is a message", R"({"message":"","level":"DEBUG"})",
       log_of("", "debug")},
      {"a message keeps its newline", R"({"message":"m\n"})", log_of("m\n")},
      {"members of other types",
       R"({"level":"","requestId":null,"traceId":{},"timestamp":17,)"
       R"("message":"m"})",
       with(log_of("m"), "", R"({"level":"","timestamp":17})")},
      {"an odd time", R"({"timestamp":"yesterday","message":"m"})",
       with(log_of("m"), "", R"({"timestamp":"yesterday"})")},
      {"ids below the first level are somebody else's",
       R"({"request":{"message":"x","level":"x","requestId":"x"},)"
       R"("message":"m"})",
       with(log_of("m"), "",
            R"({"request_message":"x","request_level":"x",)"
            R"("request_requestId":"x"})")},
      {"what is no message is all in the message",
       R"({"level":"INFO","user":{"id":7},"logger":"a"})",
       log_of(R"({"level":"INFO","user":{"id":7},"logger":"a"})", "info")},
  };
  for (auto& x : cases)
    expect_same(read_function_log(x.record), x.expected, x.name);
}

TEST(function_log, other_members_become_labels) {
  constexpr std::pair<const char*, const char*> cases[] = {
      {R"("a":"b")", R"({"a":"b"})"},
      {R"("a":1,"b":-1.5,"c":true,"d":false)",
       R"({"a":1,"b":-1.5,"c":true,"d":false})"},
      {R"("a":null,"b":{})", ""},
      {R"("a":[1, {"b": 2}])", R"({"a":"[1,{\"b\":2}]"})"},
      {R"("a":{"b":{"c":1}})", R"({"a_b_c":1})"},
      // Deeper than four levels, the text.
      {R"("a":{"b":{"c":{"d":{"e":1}}}})", R"({"a_b_c_d":"{\"e\":1}"})"},
      {R"("a.b*c\"d":1)", R"({"a_b_c_d":1})"},
      {R"("":1," ":2)", R"({"_":1,"_":2})"},
      {R"("\u0041":1)", R"({"A":1})"},
      {R"("a":1e999,"b":12345678901234567890)",
       R"({"a":"1e999","b":"12345678901234567890"})"},
      {R"("a":tru,"b":-)", R"({"a":"tru","b":"-"})"},
      {R"("a":"\ud83d")", "{\"a\":\"\xEF\xBF\xBD\"}"},
      {R"("log.logger":7)", R"({"log_logger":7})"},
      {R"("log.origin.file.line":-1)", R"({"log_origin_file_line":-1})"},
  };
  for (auto& [members, labels] : cases) {
    const auto log =
        read_function_log(R"({"message":"m",)" + std::string{members} + "}");
    EXPECT_EQ(log.labels, labels) << members;
    EXPECT_EQ(log.message, "m") << members;
  }
}

TEST(function_log, what_is_cut_or_left_out_says_so) {
  // 1024 characters a label, 64 labels a line.
  const std::string longest(1024, 'x');
  const auto label = [](const std::string& value) {
    return read_function_log(R"({"message":"m","a":")" + value + R"("})")
        .labels;
  };
  EXPECT_EQ(label(longest), R"({"a":")" + longest + R"("})");
  EXPECT_EQ(label(longest + "x"),
            R"({"a":")" + std::string(1017, 'x') + "… (cut)\"}");
  std::string record = R"({"message":"m")";
  for (int i = 0; i < 70; ++i)
    record += ",\"a" + std::to_string(i) + "\":1";
  const auto many = read_function_log(record + "}").labels;
  EXPECT_NE(many.find(R"("a63":1,"labels_left_out":6})"), std::string::npos);
  record = R"({"message":"m")"; // 40 KB of labels, of which 32 KiB may be
  for (int i = 0; i < 40; ++i)
    record += ",\"a" + std::to_string(i) + "\":\"" + longest + '"';
  const auto large = read_function_log(record + "}").labels;
  EXPECT_LE(large.size(), 32u * 1024 + 64);
  EXPECT_NE(large.find(R"("labels_left_out":9})"), std::string::npos);
  const auto named = read_function_log(R"({"message":"m",")"
                                       + std::string(257, 'n') + R"(":1})");
  EXPECT_EQ(named.labels, R"({"labels_left_out":1})");
  // An id is not cut, as half of it is that of somebody else.
  const auto id =
      read_function_log(R"({"message":"m","requestId":")" + longest + R"(x"})");
  EXPECT_EQ(id.request_id, "");
  EXPECT_NE(id.labels.find("(cut)"), std::string::npos);
}

TEST(function_log, text_that_is_an_object_stays_the_message) {
  // The Logs API brings JSON logs as text.
  const auto log = read_function_log(
      R"("{\"level\":\"WARN\",\"requestId\":\"r1\",\"message\":\"m\",)"
      R"(\"trace.id\":\"t1\",\"a\":1,\"logger\":\"l\"}\n")");
  expect_same(log,
              log_of(R"({"level":"WARN","requestId":"r1","message":"m",)"
                     R"("trace.id":"t1","a":1,"logger":"l"})",
                     "warn", "r1", "t1"),
              "object");
  for (const auto* text : {R"({\"level\":\"WARN\")", R"({\"level\":\"WARN\",})",
                           R"({\"level\":\"WARN\"} {})", "{}", "{", "}", ""}) {
    const auto odd = read_function_log('"' + std::string{text} + '"');
    EXPECT_EQ(odd.level, "") << text;
  }
}

TEST(function_log, text_may_show_its_level) {
  const auto log =
      read_function_log(R"("2026-11-22T11:58:28.123Z\tr1\tWARN\thello\n")");
  expect_same(log, log_of("2026-11-22T11:58:28.123Z\tr1\tWARN\thello", "warn"),
              "Node's");
}

} // namespace
} // namespace apm
