// Tests of telemetry_json.hpp: deliveries taken apart, sound, odd and hostile,
// and what the Telemetry API's and the Logs API's records come to.
#include "runtime/formats/intake_lines.hpp"
#include "runtime/formats/intake_scan.hpp"
#include "runtime/formats/telemetry_json.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

#include <random>

namespace apm {
namespace {

using strings = std::vector<std::string>;

constexpr const char* arn =
    "arn:aws:lambda:eu-central-1:123456789012:function:orders-api";

result<std::vector<telemetry_record>> split(std::string_view text) {
  return split_telemetry(bytes{std::string{text}});
}

/// Interprets one delivery with two invocations known.
telemetry_result interpret(std::string_view delivery,
                           std::string stream_request_id = "") {
  telemetry_work work;
  work.id = 7; // any; it comes back
  work.records = split(delivery).value();
  work.invocations = {
      {1, "r1", arn, 1'665'532'815'000, 1'665'532'818'000},
      {2, "r2", arn + std::string{":live"}, 1'665'532'825'000,
       1'665'532'828'000},
  };
  if (!stream_request_id.empty())
    work.starts = {{std::move(stream_request_id), 0}};
  auto result = interpret_telemetry(work);
  EXPECT_EQ(result.id, 7u);
  return result;
}

/// The lines of a result, each judged.
std::vector<rapidjson::Document> lines_of(const bytes& lines, uint32_t count) {
  std::vector<rapidjson::Document> documents;
  for (auto line : split_lines(lines.view())) {
    documents.push_back(test::strict_json(line));
    if (documents.back().HasMember("metricset"))
      EXPECT_EQ(test::schema_violation("metricset.json",
                                       documents.back()["metricset"]),
                "")
          << line;
    else
      EXPECT_TRUE(documents.back().HasMember("log")) << line;
  }
  EXPECT_EQ(documents.size(), count);
  EXPECT_TRUE(lines.empty() || lines.view().back() == '\n');
  return documents;
}

/// The request that the stream is in the middle of.
std::string stream_of(const telemetry_result& result) {
  return result.starts.empty() ? "" : result.starts.back().request_id;
}

struct logged {
  std::string message;
  std::string request_id;

  friend bool operator==(const logged& x, const logged& y) {
    return x.message == y.message && x.request_id == y.request_id;
  }
};

strings ended_of(const telemetry_result& result) {
  strings ids;
  for (const auto& end : result.runtime_done)
    ids.push_back(end.request_id);
  return ids;
}

std::vector<logged> logs_of(const telemetry_result& result) {
  std::vector<logged> logs;
  for (auto& line : lines_of(result.log_lines, result.log_count)) {
    auto& log = line["log"];
    bool has_request =
        log.HasMember("faas") && log["faas"].HasMember("execution");
    logs.push_back({log["message"].GetString(),
                    has_request ? log["faas"]["execution"].GetString() : ""});
  }
  return logs;
}

struct record_case {
  const char* element;
  telemetry_record expected;
};

telemetry_record record(std::string time, std::string type, std::string json) {
  return {std::move(time), std::move(type), bytes{std::move(json)}};
}

TEST(split_telemetry, each_element_stands_for_itself) {
  const record_case cases[] = {
      {R"({"time":"t","type":"function","record":"a"})",
       record("t", "function", "\"a\"")},
      {R"({ "record" : { "a" : [ 1 ] } , "type" : "platform.start" })",
       record("", "platform.start", "{ \"a\" : [ 1 ] }")},
      {R"({"type":"function","record":-1.50})",
       record("", "function", "-1.50")},
      {R"({"type":"function","record":null})", record("", "function", "null")},
      {R"({"type":"function","record":[{}]})", record("", "function", "[{}]")},
      {R"({"type":"x","new":{"type":"y","record":1},"record":true})",
       record("", "x", "true")},
      {R"({"type":"platform.start"})", record("", "platform.start", "")},
      {R"({"ty\u0070e":"x"})", record("", "", "")}, // nobody writes it so
      {R"({"type":"\u0066unction","time":"\u0074"})",
       record("t", "function", "")},
      {R"({"type":"function","record":"\ud83d","time":1})",
       record("", "function", "\"\\ud83d\"")},
      {R"({"type":"function","record":1e999})",
       record("", "function", "1e999")},
      {R"({"type":7,"record":"a"})", record("", "", "\"a\"")},
      {R"({"type":null})", record("", "", "")},
      {R"({"record":"a"})", record("", "", "\"a\"")},
      {"{}", record("", "", "")},
      {"[]", record("", "", "")},
      {"\"function\"", record("", "", "")},
      {"17", record("", "", "")},
      {"null", record("", "", "")},
      {R"({"type":"function" "record":"a"})", record("", "", "")},
      {R"({"type":"function",})", record("", "", "")},
      {R"({type:"function"})", record("", "", "")},
      // A quote out of place makes what lies in strings and what does not swap.
      {R"({"type":1","record":"})", record("", "", "")},
  };
  for (auto& x : cases) {
    std::string good = R"({"time":"0","type":"g","record":{"n":0}})";
    auto records = split("[" + good + " , " + x.element + "\n," + good + "]");
    ASSERT_TRUE(records) << x.element << ": " << records.error().detail;
    ASSERT_EQ(records.value().size(), 3u) << x.element;
    auto& odd = records.value()[1];
    EXPECT_EQ(odd.time, x.expected.time) << x.element;
    EXPECT_EQ(odd.type, x.expected.type) << x.element;
    EXPECT_EQ(odd.record, x.expected.record) << x.element;
    for (size_t i : {0u, 2u}) { // its neighbours
      EXPECT_EQ(records.value()[i].type, "g") << x.element;
      EXPECT_EQ(records.value()[i].record.view(), "{\"n\":0}") << x.element;
    }
  }
}

TEST(split_telemetry, records_share_the_delivery) {
  bytes body{std::string{R"([{"type":"function","record":"abc"}])"}};
  auto records = split_telemetry(body);
  ASSERT_TRUE(records);
  EXPECT_EQ(records.value()[0].record.view().data(),
            body.view().data() + body.view().find("\"abc\""));
}

TEST(split_telemetry, empty_deliveries) {
  EXPECT_TRUE(split("[]").value().empty());
  EXPECT_TRUE(split(" [ ] \n").value().empty());
}

TEST(split_telemetry, refuses_what_is_no_array) {
  const std::pair<std::string, errc> cases[] = {
      {"", errc::bad_json},
      {"  ", errc::bad_json},
      {"garbage", errc::bad_json},
      {"\x1f\x8b", errc::bad_json},
      {"{}", errc::bad_shape},
      {"\"[]\"", errc::bad_shape},
      {"17", errc::bad_shape},
      {"[", errc::bad_json},
      {"[{}", errc::bad_json},
      {"[{},", errc::bad_json},
      {"[{},]", errc::bad_json},
      {"[{} {}]", errc::bad_json},
      {"[{\"type\":\"function\",\"record\":\"", errc::bad_json},
      {"[{}]]", errc::bad_json},
      {"[{}] x", errc::bad_json},
      {std::string(2'000'000, '['), errc::bad_json}, // 1 MB is what we ask for
      {std::string(2'000'000, '{'), errc::bad_shape},
  };
  for (auto& [text, code] : cases) {
    auto records = split(text);
    ASSERT_FALSE(records) << text.substr(0, 60);
    EXPECT_EQ(records.error().code, code) << text.substr(0, 60);
    EXPECT_FALSE(records.error().detail.empty());
  }
}

TEST(split_telemetry, depth_in_a_record_is_that_records_affair) {
  std::string deep(1'000'000, '[');
  deep += std::string(deep.size(), ']');
  auto records =
      split(R"([{"type":"function","record":)" + deep + R"(},{"type":"g"}])");
  ASSERT_TRUE(records);
  ASSERT_EQ(records.value().size(), 2u);
  EXPECT_EQ(records.value()[0].record.view(), deep);
}

TEST(split_telemetry, the_limit_is_exact) {
  std::string most = "[{}";
  for (size_t i = 1; i < telemetry_records_max; ++i)
    most += ",{}";
  EXPECT_EQ(split(most + "]").value().size(), telemetry_records_max);
  EXPECT_EQ(split(most + ",{}]").error().code, errc::too_large);
}

TEST(split_telemetry, any_text_is_survived) {
  std::mt19937 random{test::seed};
  for (int i = 0; i < 20'000; ++i) { // about 50 ms
    std::string text = "[" + test::random_text(random, 60) + "]";
    telemetry_work work;
    if (auto records = split(text))
      work.records = std::move(records.value());
    for (auto& record : work.records)
      if (i % 2 == 0)
        record.type = "function";
    auto result = interpret_telemetry(work);
    lines_of(result.log_lines, result.log_count);
  }
}

TEST(interpret_telemetry, a_log_belongs_to_the_request_of_the_stream) {
  auto result = interpret(R"([
    {"time":"2022-10-12T00:00:15.000Z","type":"platform.start","record":{"requestId":"r1","version":"$LATEST"}},
    {"time":"2022-10-12T00:00:15.064Z","type":"function","record":"one\n"},
    {"time":"2022-10-12T00:00:15.065Z","type":"platform.runtimeDone","record":{"requestId":"r1","status":"success"}},
    {"time":"2022-10-12T00:00:15.066Z","type":"function","record":"late"},
    {"time":"2022-10-12T00:00:25.000Z","type":"platform.start","record":{"requestId":"r2"}},
    {"time":"2022-10-12T00:00:25.001Z","type":"function","record":"two"}])");
  EXPECT_EQ(
      logs_of(result),
      (std::vector<logged>{{"one", "r1"}, {"late", "r1"}, {"two", "r2"}}));
  EXPECT_EQ(stream_of(result), "r2");
  EXPECT_EQ(ended_of(result), strings{"r1"});
  EXPECT_EQ(result.unusable_records, 0u) << result.unusable_detail;
  auto lines = lines_of(result.log_lines, 3);
  // `date -u -d 2022-10-12T00:00:15Z +%s` is 1665532815.
  EXPECT_EQ(lines[0]["log"]["@timestamp"].GetInt64(), 1'665'532'815'064'000);
  EXPECT_STREQ(lines[0]["log"]["faas"]["id"].GetString(), arn);
  EXPECT_EQ(lines[2]["log"]["faas"]["id"].GetString(),
            arn + std::string{":live"});
}

TEST(interpret_telemetry, the_stream_goes_on_from_batch_to_batch) {
  auto result = interpret(R"([{"type":"function","record":"a"}])", "r2");
  EXPECT_EQ(logs_of(result), (std::vector<logged>{{"a", "r2"}}));
  EXPECT_EQ(stream_of(result), "r2");
}

TEST(interpret_telemetry, without_a_stream_it_is_the_oldest_invocations) {
  auto result = interpret(R"([{"type":"function","record":"a"}])");
  EXPECT_EQ(logs_of(result), (std::vector<logged>{{"a", "r1"}}));
  EXPECT_EQ(stream_of(result), "") << "a guess is not handed on";
  telemetry_work unknown;
  unknown.records = split(R"([{"type":"function","record":"a"}])").value();
  auto nobodys = interpret_telemetry(unknown);
  EXPECT_EQ(nobodys.log_lines.view(), "{\"log\":{\"message\":\"a\"}}\n");
}

TEST(interpret_telemetry, a_log_may_name_its_request) {
  auto result = interpret(R"([
    {"type":"function","record":{"requestId":"r1","message":"own"}},
    {"type":"function","record":{"AWSRequestId":"r1","message":"java's"}},
    {"type":"function","record":{"requestId":"gone","message":"unknown"}},
    {"type":"function","record":{"requestId":"undefined","message":"init"}},
    {"type":"function","record":"2022\tr1\tINFO\tnode\n"},
    {"type":"function","record":"2022\tr9\tINFO\ttabs\n"}])",
                          "r2");
  EXPECT_EQ(logs_of(result),
            (std::vector<logged>{{"own", "r1"},
                                 {"java's", "r1"},
                                 {"unknown", "gone"},
                                 {"init", "r2"},
                                 {"2022\tr1\tINFO\tnode", "r1"},
                                 {"2022\tr9\tINFO\ttabs", "r2"}}));
  EXPECT_EQ(stream_of(result), "r2") << "that does not move the stream";
  auto lines = lines_of(result.log_lines, 6);
  EXPECT_EQ(lines[2]["log"]["faas"]["id"].GetString(),
            arn + std::string{":live"})
      << "a sandbox runs one function: the newest ARN is the best guess";
}

TEST(interpret_telemetry, json_logs_bring_level_trace_and_time) {
  auto result = interpret(
      R"([{"time":"2022-10-12T00:00:15.999Z","type":"function","record":
    {"timestamp":"2022-10-12T00:00:15.064Z","level":"WARN","requestId":"r1",
     "traceId":"0af7651916cd43dd8448eb211c80319c","message":"hi"}}])");
  EXPECT_EQ(result.log_lines.view(),
            R"({"log":{"@timestamp":1665532815064000,)"
            R"("log.level":"warn",)"
            R"("trace.id":"0af7651916cd43dd8448eb211c80319c",)"
            R"("faas":{"id":")"
                + std::string{arn}
                + R"(","execution":"r1"},"message":"hi"}})"
                  "\n");
}

TEST(interpret_telemetry, the_time_is_the_best_that_is_known) {
  auto result = interpret(R"([{"time":"odd","type":"function","record":"a"}])");
  auto lines = lines_of(result.log_lines, 1);
  // received_ms of r1, see above.
  EXPECT_EQ(lines[0]["log"]["@timestamp"].GetInt64(), 1'665'532'815'000'000);
}

TEST(interpret_telemetry, an_odd_log_costs_nobody_anything) {
  // Records like these cost Elastic's Go extension the whole delivery.
  auto result = interpret(R"([
    {"type":"function","record":{"status":200,"message":{"a":1}}},
    {"type":"function","record":[1, 2]},
    {"type":"function","record":17},
    {"type":"function","record":null},
    {"type":"function","record":""},
    {"type":"function"},
    17,
    {"type":"function","record":"good"},
    {"type":"platform.runtimeDone","record":{"requestId":"r1"}}])",
                          "r1");
  EXPECT_EQ(logs_of(result), (std::vector<logged>{{R"({"a":1})", "r1"},
                                                  {"[1,2]", "r1"},
                                                  {"17", "r1"},
                                                  {"null", "r1"},
                                                  {"", "r1"},
                                                  {"good", "r1"}}));
  EXPECT_EQ(ended_of(result), strings{"r1"});
  EXPECT_EQ(result.unusable_records, 2u);
  EXPECT_EQ(result.unusable_detail, "function without a record");
}

TEST(interpret_telemetry, reports_become_metrics) {
  // The record of AWS's documentation, "platform.report", for our request.
  auto result = interpret(
      R"([{"time":"2022-10-12T00:01:15.064Z","type":"platform.report","record":
    {"requestId":"r1","status":"success","metrics":{"durationMs":220.12,
     "billedDurationMs":300,"memorySizeMB":128,"maxMemoryUsedMB":90,
     "initDurationMs":200.50},"spans":[{"name":"x","durationMs":1}]}}])");
  EXPECT_EQ(result.reported, strings{"r1"});
  EXPECT_EQ(result.metric_lines.view(),
            R"({"metricset":{"timestamp":1665532875064000,"faas":{)"
            R"("execution":"r1","id":")"
                + std::string{arn}
                + R"(","coldstart":true},"tags":{"faas_status":"success"},)"
                  R"("samples":{)"
                  R"("system.memory.total":{"value":134217728},)"
                  R"("system.memory.actual.free":{"value":39845888},)"
                  R"("faas.duration":{"value":220.12},)"
                  R"("faas.billed_duration":{"value":300},)"
                  R"("faas.coldstart_duration":{"value":200.5},)"
                  R"("faas.timeout":{"value":3000},)"
                  R"("faas.timeouts":{"value":0},)"
                  R"("faas.errors":{"value":0}}}})"
                  "\n");
  lines_of(result.metric_lines, result.metric_count);
  EXPECT_EQ(result.log_count, 0u);
}

TEST(interpret_telemetry, a_report_of_an_unknown_request_has_what_it_brings) {
  auto result = interpret(R"([{"type":"platform.report","record":
    {"requestId":"gone","metrics":{"durationMs":1,"memorySizeMB":"128"}}}])");
  EXPECT_EQ(result.reported, strings{"gone"});
  auto lines = lines_of(result.metric_lines, 1);
  auto& set = lines[0]["metricset"];
  EXPECT_EQ(set["samples"].MemberCount(), 2u);
  EXPECT_EQ(set["samples"]["faas.timeout"]["value"].GetDouble(), 3000)
      << "a function's invocations have one timeout";
  EXPECT_FALSE(set["faas"]["coldstart"].GetBool());
  EXPECT_FALSE(set.HasMember("timestamp"));
}

TEST(interpret_telemetry, the_logs_api_is_understood) {
  // Forms of schema 2021-03-18, AWS's documentation of the Logs API.
  auto result = interpret(R"([
    {"time":"2020-08-20T12:31:32.123Z","type":"platform.fault","record":"RequestId: r1 Process exited before completing request"},
    {"time":"2020-08-20T12:31:32.123Z","type":"platform.logsSubscription","record":{"name":"Foo.bar","state":"Subscribed","types":["function"]}},
    {"time":"2020-08-20T12:31:32.123Z","type":"platform.start","record":{"requestId":"r1"}},
    {"time":"2020-08-20T12:31:32.123Z","type":"function","record":"ERROR something happened"},
    {"time":"2020-08-20T12:31:32.123Z","type":"extension","record":"mine"},
    {"time":"2020-08-20T12:31:32.123Z","type":"platform.runtimeDone","record":{"requestId":"r1","status":"timeout"}},
    {"time":"2020-08-20T12:31:32.123Z","type":"platform.end","record":{"requestId":"r1"}},
    {"time":"2020-08-20T12:31:32.123Z","type":"platform.report","record":{"requestId":"r1","metrics":{"durationMs":101.51,"billedDurationMs":300,"memorySizeMB":512,"maxMemoryUsedMB":33,"initDurationMs":116.67}}},
    {"time":"2020-08-20T12:31:32.123Z","type":"platform.logsDropped","record":{"reason":"slow","droppedRecords":123,"droppedBytes":12345}}])");
  EXPECT_EQ(logs_of(result),
            (std::vector<logged>{{"ERROR something happened", "r1"}}));
  EXPECT_EQ(ended_of(result), strings{"r1"});
  EXPECT_EQ(result.reported, strings{"r1"});
  EXPECT_EQ(result.metric_count, 1u);
  EXPECT_EQ(result.dropped_records, 123u);
  EXPECT_EQ(result.dropped_reason, "slow");
  EXPECT_EQ(result.extension_records, 1u);
  EXPECT_EQ(result.dropped_bytes, 12345u);
  EXPECT_EQ(result.unusable_records, 0u) << result.unusable_detail;
}

TEST(interpret_telemetry, what_is_of_no_interest_makes_nothing) {
  auto result = interpret(R"([
    {"type":"platform.initStart","record":{"initializationType":"on-demand"}},
    {"type":"platform.initRuntimeDone","record":{"status":"success"}},
    {"type":"platform.initReport","record":{"metrics":{"durationMs":1}}},
    {"type":"platform.restoreStart","record":{}},
    {"type":"platform.extension","record":{"name":"x"}},
    {"type":"platform.telemetrySubscription","record":{}},
    {"type":"platform.invented","record":[]},
    {"type":"extension","record":"a log"},
    {"type":"brand-new","record":7}])");
  EXPECT_EQ(result.extension_records, 1u) << "our own log may come back";
  EXPECT_TRUE(result.log_lines.empty());
  EXPECT_TRUE(result.metric_lines.empty());
  EXPECT_EQ(result.log_count + result.metric_count, 0u);
  EXPECT_EQ(result.unusable_records, 0u);
}

/// An `initReport` or `restoreReport`, and what it comes to beside the report
/// of the first invocation.
struct init_case {
  const char* type;
  const char* record;
  const char* sample; ///< empty: no line
};

TEST(interpret_telemetry, no_initialisation_is_counted_twice) {
  constexpr init_case cases[] = {
      {"init",
       R"("initializationType":"on-demand","phase":"init",)"
       R"("status":"success")",
       ""},
      {"init", R"("initializationType":"on-demand","phase":"init")", ""},
      {"init", "", ""},
      // The report of the invocation has no initDurationMs then.
      {"init",
       R"("initializationType":"on-demand","phase":"invoke",)"
       R"("status":"success")",
       "faas.init_duration"},
      {"init",
       R"("initializationType":"on-demand","phase":"init",)"
       R"("status":"timeout")",
       "faas.init_duration"},
      {"init",
       R"("initializationType":"provisioned-concurrency",)"
       R"("phase":"init","status":"success")",
       "faas.init_duration"},
      {"init",
       R"("initializationType":"snap-start","phase":"init",)"
       R"("status":"success")",
       "faas.init_duration"},
      {"init",
       R"("initializationType":"lambda-managed-instances",)"
       R"("phase":"init","status":"success")",
       "faas.init_duration"},
      {"restore", R"("status":"success")", ""},
      {"restore", R"("status":"error","errorType":"Runtime.Unknown")",
       "faas.restore_duration"},
  };
  for (auto& x : cases) {
    const std::string separator = *x.record == '\0' ? "" : ",";
    auto result =
        interpret(R"([{"time":"2022-10-12T00:00:15Z","type":"platform.)"
                  + std::string{x.type} + R"(Report","record":{)" + x.record
                  + separator + R"("metrics":{"durationMs":125.5}}}])");
    const bool has_line = *x.sample != '\0';
    EXPECT_EQ(result.unusable_records, 0u) << x.record;
    auto lines = lines_of(result.metric_lines, has_line ? 1 : 0);
    if (!has_line)
      continue;
    auto& set = lines[0]["metricset"];
    ASSERT_EQ(set["samples"].MemberCount(), 1u) << x.record;
    EXPECT_EQ(set["samples"][x.sample]["value"].GetDouble(), 125.5);
    EXPECT_FALSE(set["faas"].HasMember("execution"));
    EXPECT_TRUE(set["tags"].HasMember("faas_status"));
  }
}

TEST(interpret_telemetry, reports_tell_how_it_ended) {
  auto result = interpret(R"([
    {"time":"2022-10-12T00:01:15Z","type":"platform.report","record":
    {"requestId":"r1","status":"timeout","metrics":{"durationMs":3000,
     "billedDurationMs":3000,"memorySizeMB":128,"maxMemoryUsedMB":90,
     "restoreDurationMs":300.5,"billedRestoreDurationMs":301}}},
    {"time":"2022-10-12T00:01:16Z","type":"platform.report","record":
    {"requestId":"r2","status":"error","errorType":"Runtime.OutOfMemory",
     "metrics":{"durationMs":10,"memorySizeMB":128,"maxMemoryUsedMB":129}}}])");
  EXPECT_EQ(result.reported, (strings{"r1", "r2"}));
  auto lines = lines_of(result.metric_lines, 2);
  auto& timeout = lines[0]["metricset"];
  EXPECT_EQ(timeout["samples"]["faas.timeouts"]["value"].GetDouble(), 1);
  EXPECT_EQ(timeout["samples"]["faas.errors"]["value"].GetDouble(), 0);
  EXPECT_EQ(timeout["samples"]["faas.restore_duration"]["value"].GetDouble(),
            300.5);
  EXPECT_TRUE(timeout["faas"]["coldstart"].GetBool());
  EXPECT_STREQ(timeout["tags"]["faas_status"].GetString(), "timeout");
  auto& memory = lines[1]["metricset"];
  EXPECT_EQ(memory["samples"]["faas.errors"]["value"].GetDouble(), 1);
  EXPECT_TRUE(memory["tags"]["faas_out_of_memory"].GetBool());
  EXPECT_STREQ(memory["tags"]["faas_error_type"].GetString(),
               "Runtime.OutOfMemory");
}

TEST(interpret_telemetry, records_out_of_order) {
  // A batch of two invocations, backwards.
  auto result = interpret(R"([
    {"time":"2022-10-12T00:00:25.200Z","type":"platform.report","record":
     {"requestId":"r2","metrics":{"durationMs":1}}},
    {"time":"2022-10-12T00:00:25.100Z","type":"platform.runtimeDone","record":{"requestId":"r2"}},
    {"time":"2022-10-12T00:00:25.050Z","type":"function","record":"of r2"},
    {"time":"2022-10-12T00:00:25.000Z","type":"platform.start","record":{"requestId":"r2"}},
    {"time":"2022-10-12T00:00:15.100Z","type":"platform.runtimeDone","record":{"requestId":"r1"}},
    {"time":"2022-10-12T00:00:15.050Z","type":"function","record":"of r1"},
    {"time":"2022-10-12T00:00:15.000Z","type":"platform.start","record":{"requestId":"r1"}},
    {"time":"2022-10-12T00:00:14.000Z","type":"function","record":"init"}])");
  EXPECT_EQ(
      logs_of(result),
      (std::vector<logged>{{"init", "r1"}, {"of r1", "r1"}, {"of r2", "r2"}}));
  EXPECT_EQ(ended_of(result), (strings{"r1", "r2"}));
  EXPECT_EQ(stream_of(result), "r2");
}

TEST(interpret_telemetry, a_late_line_is_that_of_its_time) {
  auto result = interpret(R"([
    {"time":"2022-10-12T00:00:15.000Z","type":"platform.start","record":{"requestId":"r1"}},
    {"time":"2022-10-12T00:00:25.000Z","type":"platform.start","record":{"requestId":"r2"}}])");
  telemetry_work work;
  work.records =
      split(
          R"([{"time":"2022-10-12T00:00:24.9Z","type":"function","record":"late"},
    {"time":"2022-10-12T00:00:25.1Z","type":"function","record":"now"}])")
          .value();
  work.starts = result.starts;
  EXPECT_EQ(logs_of(interpret_telemetry(work)),
            (std::vector<logged>{{"late", "r1"}, {"now", "r2"}}));
}

TEST(interpret_telemetry, a_lost_start_costs_no_line_its_request) {
  // r2 was received at 25 s.
  auto result = interpret(R"([
    {"time":"2022-10-12T00:00:24.9Z","type":"function","record":"before"},
    {"time":"2022-10-12T00:00:25.1Z","type":"function","record":"after"}])",
                          "r1");
  EXPECT_EQ(logs_of(result),
            (std::vector<logged>{{"before", "r1"}, {"after", "r2"}}));
}

TEST(interpret_telemetry, after_a_reset_lines_name_their_request) {
  // Nothing is known of the invocation that ended in the reset.
  constexpr const char* id = "2a5f637b-0fa3-4889-b231-f366649eb9de";
  auto result = interpret(R"([
    {"time":"2022-10-12T00:00:10Z","type":"function","record":"2022-10-12T00:00:10.000Z\t2a5f637b-0fa3-4889-b231-f366649eb9de\tERROR\tlast words\n"},
    {"time":"2022-10-12T00:00:10Z","type":"function","record":{"requestId":"2a5f637b-0fa3-4889-b231-f366649eb9de","message":"json"}}])");
  auto logs = logs_of(result);
  ASSERT_EQ(logs.size(), 2u);
  EXPECT_EQ(logs[0].request_id, id);
  EXPECT_EQ(logs[1].request_id, id);
}

/// Times and figures that a platform should not send.
TEST(interpret_telemetry, odd_figures_cost_nobody_anything) {
  auto result = interpret(R"([
    {"time":"2022-10-12T00:00:15Z","type":"function","record":"whole seconds"},
    {"time":"2022-10-12T00:00:15","type":"function","record":"no zone"},
    {"time":1665532815,"type":"function","record":"number"},
    {"time":"9999-12-31T23:59:59.999999999Z","type":"function","record":"far"},
    {"time":"0000-01-01T00:00:00Z","type":"function","record":"past"},
    {"type":"platform.report","record":{"requestId":"r1","status":7,"metrics":
     {"durationMs":-1,"billedDurationMs":1e999,"memorySizeMB":1e308,
      "maxMemoryUsedMB":null,"initDurationMs":"1"}}},
    {"type":"platform.report","record":{"requestId":"r2","metrics":
     {"durationMs":5}}},
    {"type":"platform.logsDropped","record":{"droppedRecords":9223372036854775807}},
    {"type":"platform.logsDropped","record":{"droppedRecords":9223372036854775807}},
    {"type":"platform.logsDropped","record":{"droppedRecords":9223372036854775807}}])");
  EXPECT_EQ(result.log_count, 5u);
  lines_of(result.log_lines, 5);
  auto lines = lines_of(result.metric_lines, 2);
  auto& samples = lines[0]["metricset"]["samples"];
  EXPECT_FALSE(samples.HasMember("faas.duration"));
  EXPECT_FALSE(samples.HasMember("faas.coldstart_duration"));
  EXPECT_EQ(result.reported, (strings{"r1", "r2"}));
  EXPECT_EQ(result.dropped_records, uint64_t{1} << 62);
}

TEST(interpret_telemetry, a_huge_log_is_cut) {
  const std::string huge(1'000'000, 'x');
  auto result = interpret(R"([{"type":"function","record":")" + huge + R"("},
    {"type":"function","record":{"message":")"
                          + huge + R"(","a":")" + huge + R"("}},
    {"type":"function","record":{"a":")"
                          + huge + R"("}},
    {"type":"function","record":"good"}])");
  auto logs = logs_of(result);
  ASSERT_EQ(logs.size(), 4u);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_NE(logs[i].message.find(" [cut by "), std::string::npos) << i;
  EXPECT_EQ(logs[3].message, "good");
  for (auto line : split_lines(result.log_lines.view()))
    EXPECT_LE(line.size(), line_bytes_max);
}

TEST(interpret_telemetry, drops_add_up) {
  auto result = interpret(R"([
    {"type":"platform.logsDropped","record":{"droppedRecords":1,"droppedBytes":10}},
    {"type":"platform.logsDropped","record":{"droppedRecords":2}},
    {"type":"platform.logsDropped","record":{"droppedRecords":-3,"droppedBytes":"x"}},
    {"type":"platform.logsDropped","record":"none"}])");
  EXPECT_EQ(result.dropped_records, 3u);
  EXPECT_EQ(result.dropped_bytes, 10u);
  EXPECT_EQ(result.unusable_records, 2u);
}

TEST(interpret_telemetry, counts_what_it_cannot_use) {
  constexpr const char* unusable[] = {
      R"({"type":"platform.start","record":{}})",
      R"({"type":"platform.start","record":"r1"})",
      R"({"type":"platform.start","record":{"requestId":7}})",
      R"({"type":"platform.start"})",
      R"({"type":"platform.runtimeDone","record":{"requestId":""}})",
      R"({"type":"platform.report","record":"REPORT RequestId: r1"})",
      R"({"type":"platform.report","record":{"requestId":"r1"}})",
      R"({"type":"platform.report","record":{"requestId":"r1","metrics":{}}})",
      R"({"type":"platform.report","record":{"requestId":"r1","metrics":[1]}})",
      R"({"type":"platform.logsDropped","record":{}})",
      R"({"type":"function"})",
      R"({"type":7,"record":"a"})",
      "{}",
  };
  for (auto element : unusable) {
    auto result = interpret("[" + std::string{element} + "]");
    EXPECT_EQ(result.unusable_records, 1u) << element;
    EXPECT_FALSE(result.unusable_detail.empty()) << element;
    EXPECT_EQ(result.log_count + result.metric_count, 0u) << element;
    EXPECT_EQ(stream_of(result), "") << element;
  }
}

TEST(interpret_telemetry, a_batch_of_nothing) {
  auto result = interpret("[]", "r1");
  EXPECT_EQ(stream_of(result), "r1");
  EXPECT_TRUE(result.log_lines.empty());
}

} // namespace
} // namespace apm
