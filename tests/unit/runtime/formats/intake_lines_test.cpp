// Tests of intake_lines.hpp. Every line is read by a strict parser, in valid
// UTF-8, and judged by the intake's own schemas; for `log`, which has none, by
// the members of the intake's samples.
#include "runtime/formats/intake_lines.hpp"
#include "runtime/formats/intake_scan.hpp"
#include "tests/unit/runtime/formats/support.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace apm {
namespace {

// Request id and ARN as in tests/data/agent-captures/cold; the time is that of
// its transaction.
constexpr std::string_view arn =
    "arn:aws:lambda:eu-central-1:123456789012:function:orders-api";
constexpr std::string_view request_id = "2a5f637b-0fa3-4889-b231-f366649eb9de";
constexpr int64_t time_us = 1'795'348'708'382'032;

log_line log_of(std::string_view message, int64_t timestamp_us = 0,
                std::string_view function_arn = {},
                std::string_view execution = {}, std::string_view level = {},
                std::string_view trace_id = {}) {
  log_line line;
  line.message = message;
  line.timestamp_us = timestamp_us;
  line.function_arn = function_arn;
  line.request_id = execution;
  line.level = level;
  line.trace_id = trace_id;
  return line;
}

std::string line_of(const log_line& line) {
  std::string out;
  append_log_line(out, line);
  return out;
}

std::string line_of(const report_metrics& report) {
  std::string out;
  append_report_metrics(out, report);
  return out;
}

/// The one object in an event line, which must end in its only newline.
rapidjson::Document event(std::string_view line) {
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  return test::strict_json(line);
}

TEST(intake_lines, a_log_line_has_the_shape_of_the_contract) {
  // The members that Elastic's Go extension sends; their order is ours.
  EXPECT_EQ(line_of(log_of("hello", time_us, arn, request_id, {}, {})),
            R"({"log":{"@timestamp":1795348708382032,)"
            R"("faas":{"id":")"
                + std::string{arn} + R"(","execution":")"
                + std::string{request_id} + "\"},\"message\":\"hello\"}}\n");
}

TEST(intake_lines, a_log_line_leaves_out_what_is_not_known) {
  EXPECT_EQ(line_of(log_of({})), "{\"log\":{\"message\":\"\"}}\n");
  EXPECT_EQ(line_of(log_of("a", 0, {}, "r", {}, {})),
            "{\"log\":{\"faas\":{\"execution\":\"r\"},\"message\":\"a\"}}\n");
  EXPECT_EQ(line_of(log_of("a", 0, "f", {}, {}, {})),
            "{\"log\":{\"faas\":{\"id\":\"f\"},\"message\":\"a\"}}\n");
  EXPECT_EQ(line_of(log_of("a", -5, {}, {}, "warn", "0af7")),
            "{\"log\":{\"@timestamp\":-5,\"log.level\":\"warn\","
            "\"trace.id\":\"0af7\",\"message\":\"a\"}}\n");
}

TEST(intake_lines, log_members_are_those_of_the_samples) {
  // There is no schema of `log`: the samples show which members it may have,
  // and of which type.
  rapidjson::Document allowed{rapidjson::kObjectType};
  std::string samples = test::read_data("intake-v2/samples/logs.ndjson");
  for (auto sample : split_lines(samples)) {
    auto line = test::strict_json(sample);
    if (!line.HasMember("log"))
      continue;
    for (auto& member : line["log"].GetObject()) {
      rapidjson::Value name{member.name, allowed.GetAllocator()};
      rapidjson::Value value{member.value, allowed.GetAllocator()};
      if (!allowed.HasMember(name) || value.IsNumber())
        allowed.RemoveMember(name),
            allowed.AddMember(name, value, allowed.GetAllocator());
    }
  }
  auto all = log_of("m", time_us, arn, request_id, "info",
                    "0af7651916cd43dd8448eb211c80319c");
  all.transaction_id = "b7ad6b7169203331";
  // Not span.id and error.…: the samples lack them, apm-data's model has them.
  all.ecs = R"({"log.logger":"a.b","log.origin.file.line":7})";
  all.labels = R"({"a":"b"})";
  auto line = event(line_of(all));
  ASSERT_EQ(line.MemberCount(), 1u);
  ASSERT_EQ(line["log"].MemberCount(), 9u);
  for (auto& member : line["log"].GetObject()) {
    ASSERT_TRUE(allowed.HasMember(member.name)) << member.name.GetString();
    EXPECT_EQ(allowed[member.name].GetType(), member.value.GetType())
        << member.name.GetString();
  }
  for (auto& member : line["log"]["faas"].GetObject())
    EXPECT_TRUE(allowed["faas"].HasMember(member.name));
}

TEST(intake_lines, further_members_of_a_log_line) {
  auto line = log_of("m");
  line.span_id = "s1";
  line.ecs = R"({"log.logger":"a"})";
  EXPECT_EQ(line_of(line), "{\"log\":{\"span.id\":\"s1\",\"log.logger\":\"a\","
                           "\"message\":\"m\"}}\n");
  line.span_id = {};
  line.labels = R"({"b":1})";
  EXPECT_EQ(line_of(line), "{\"log\":{\"labels\":{\"b\":1},"
                           "\"log.logger\":\"a\",\"message\":\"m\"}}\n");
  line.ecs = "{}";
  line.labels = {};
  EXPECT_EQ(line_of(line), "{\"log\":{\"message\":\"m\"}}\n");
}

TEST(intake_lines, a_line_is_never_longer_than_the_server_takes) {
  // Of one byte; of six in JSON; of two and four; and no UTF-8 at all, where a
  // byte becomes three. 307,100 bytes fit as they are, but for what is around.
  for (std::string_view unit : {"x", "\x01", "ü", "🎉", "\x80"}) {
    for (size_t length : {307'100u, 400'000u}) {
      std::string message;
      while (message.size() < length)
        message += unit;
      const auto text = line_of(log_of(message, time_us, arn, request_id));
      ASSERT_LE(text.size(), line_bytes_max) << unit << length;
      auto line = event(text);
      const std::string_view sent = line["log"]["message"].GetString();
      const std::string mark = " [cut by apm-lambda-extension, "
                               + std::to_string(message.size())
                               + " bytes in all]";
      if (text.find(" [cut by") == std::string::npos)
        continue;
      EXPECT_EQ(sent.substr(sent.size() - mark.size()), mark);
      // Little is left free, but for what the last unit needs.
      EXPECT_GT(text.size() + 16, line_bytes_max) << unit << length;
      if (unit.size() > 1 || unit[0] > 0) { // a cut is between characters
        EXPECT_EQ(sent.find("\xEF\xBF\xBD"), std::string_view::npos) << unit;
      }
    }
  }
}

TEST(intake_lines, a_level_or_trace_id_that_is_too_long_is_left_out) {
  // 1024: the maxLength of both in apm-data's model.
  std::string longest(1024, 'x');
  std::string longer(1025, 'x');
  auto log = event(line_of(log_of("m", 0, {}, {}, longest, longest)));
  EXPECT_EQ(log["log"].MemberCount(), 3u);
  log = event(line_of(log_of("m", 0, {}, {}, longer, longer)));
  EXPECT_EQ(log["log"].MemberCount(), 1u);
}

TEST(intake_lines, lines_are_appended) {
  std::string out = "before\n";
  append_log_line(out, log_of("a", 0, {}, {}, {}, {}));
  report_metrics report;
  report.duration_ms = 1;
  EXPECT_TRUE(append_report_metrics(out, report));
  EXPECT_EQ(split_lines(out).size(), 3u);
  EXPECT_EQ(out.substr(0, 7), "before\n");
}

TEST(intake_lines, whatever_the_function_writes_the_line_is_sound) {
  std::mt19937 random{test::seed};
  for (int i = 0; i < 5'000; ++i) { // about 30 ms
    std::string text = test::random_text(random, 60);
    auto line = event(line_of(log_of(text, 1, text, text, text, text)));
    ASSERT_TRUE(line["log"]["message"].IsString());
    ASSERT_EQ(line["log"].MemberCount(), text.empty() ? 2u : 5u);
  }
}

/// A first invocation with 128 MB, as `platform.report` gives it in AWS's
/// documentation of the Telemetry API, and its event with a timeout of 3 s.
report_metrics cold_start() {
  report_metrics report;
  report.timestamp_us = time_us;
  report.function_arn = arn;
  report.request_id = request_id;
  report.memory_size_mb = 128;
  report.max_memory_used_mb = 73;
  report.duration_ms = 182.43;
  report.billed_duration_ms = 183;
  report.init_duration_ms = 422.97;
  report.received_ms = 1'795'348'708'370;
  report.deadline_ms = 1'795'348'711'368; // 2 ms before it was received + 3 s
  return report;
}

TEST(intake_lines, report_metrics_have_the_shape_of_the_contract) {
  // The samples that Elastic's Go extension sends: 128 MB x 1048576, (128 - 73)
  // MB x 1048576, and 2998 ms rounded up to whole seconds.
  EXPECT_EQ(line_of(cold_start()),
            R"({"metricset":{"timestamp":1795348708382032,"faas":{)"
            R"("execution":")"
                + std::string{request_id} + R"(","id":")" + std::string{arn}
                + R"(","coldstart":true},"samples":{)"
                  R"("system.memory.total":{"value":134217728},)"
                  R"("system.memory.actual.free":{"value":57671680},)"
                  R"("faas.duration":{"value":182.43},)"
                  R"("faas.billed_duration":{"value":183},)"
                  R"("faas.coldstart_duration":{"value":422.97},)"
                  R"("faas.timeout":{"value":3000}}}})"
                  "\n");
}

TEST(intake_lines, report_metrics_satisfy_the_schema) {
  auto line = event(line_of(cold_start()));
  EXPECT_EQ(test::schema_violation("metricset.json", line["metricset"]), "");
  // The judge does find what is wrong.
  line["metricset"]["samples"]["faas.duration"]["value"].SetString("1");
  EXPECT_NE(test::schema_violation("metricset.json", line["metricset"]), "");
}

TEST(intake_lines, report_metrics_are_those_of_the_samples) {
  // The last sample is such a line: it has the same members as ours.
  std::string samples = test::read_data("intake-v2/samples/metricsets.ndjson");
  auto sample = split_lines(samples).back(); // a stray ` follows the object
  auto theirs = test::strict_json(sample.substr(0, sample.rfind('}') + 1));
  auto ours = event(line_of(cold_start()));
  auto& set = ours["metricset"];
  EXPECT_EQ(set.MemberCount(), theirs["metricset"].MemberCount());
  for (auto& member : theirs["metricset"].GetObject())
    ASSERT_TRUE(set.HasMember(member.name)) << member.name.GetString();
  for (auto part : {"samples", "faas"}) {
    EXPECT_EQ(set[part].MemberCount(), theirs["metricset"][part].MemberCount());
    for (auto& member : theirs["metricset"][part].GetObject())
      EXPECT_TRUE(set[part].HasMember(member.name)) << member.name.GetString();
  }
}

TEST(intake_lines, each_sample_needs_its_source) {
  report_metrics report;
  EXPECT_EQ(line_of(report), "");
  EXPECT_FALSE([&] {
    std::string out = "kept";
    bool is_appended = append_report_metrics(out, report);
    EXPECT_EQ(out, "kept");
    return is_appended;
  }());
  report.max_memory_used_mb = 73; // free memory needs the total too
  report.received_ms = 1;         // and the timeout both ends
  EXPECT_EQ(line_of(report), "");
  report.duration_ms = 0;
  EXPECT_EQ(line_of(report), "{\"metricset\":{\"faas\":{\"coldstart\":false},"
                             "\"samples\":{\"faas.duration\":{\"value\":0}}}}"
                             "\n");
  auto line = event(line_of(report));
  EXPECT_EQ(test::schema_violation("metricset.json", line["metricset"]), "");
}

/// As `platform.report` in 2025-01-29 and 2022-12-13 has them.
struct outcome_case {
  const char* status;
  const char* error_type;
  double used_mb; ///< of 128
  const char* tags;
  double timeouts;
  double errors;
};

TEST(intake_lines, how_an_invocation_ended) {
  constexpr outcome_case cases[] = {
      {"success", "", 73, R"({"faas_status":"success"})", 0, 0},
      {"success", "", 128, R"({"faas_status":"success"})", 0, 0},
      {"timeout", "", 73, R"({"faas_status":"timeout"})", 1, 0},
      {"error", "Runtime.ExitError", 73,
       R"({"faas_status":"error","faas_error_type":"Runtime.ExitError"})", 0,
       1},
      {"failure", "Error", 73,
       R"({"faas_status":"failure","faas_error_type":"Error"})", 0, 1},
      {"error", "Runtime.OutOfMemory", 73,
       R"({"faas_status":"error","faas_error_type":"Runtime.OutOfMemory",)"
       R"("faas_out_of_memory":true})",
       0, 1},
      {"error", "Runtime.ExitError", 128,
       R"({"faas_status":"error","faas_error_type":"Runtime.ExitError",)"
       R"("faas_out_of_memory":true})",
       0, 1},
  };
  for (auto& x : cases) {
    auto report = cold_start();
    report.status = x.status;
    report.error_type = x.error_type;
    report.max_memory_used_mb = x.used_mb;
    const auto text = line_of(report);
    auto line = event(text);
    auto& set = line["metricset"];
    EXPECT_EQ(test::schema_violation("metricset.json", set), "") << text;
    EXPECT_NE(text.find(R"("tags":)" + std::string{x.tags} + ","),
              std::string::npos)
        << text;
    EXPECT_EQ(set["samples"]["faas.timeouts"]["value"].GetDouble(), x.timeouts);
    EXPECT_EQ(set["samples"]["faas.errors"]["value"].GetDouble(), x.errors);
  }
  auto report = cold_start(); // a tag that is too long is cut
  report.status = "error";
  const std::string longer(1025, 'x');
  report.error_type = longer;
  auto line = event(line_of(report));
  EXPECT_EQ(test::schema_violation("metricset.json", line["metricset"]), "");
}

TEST(intake_lines, a_restored_sandbox_is_a_cold_start) {
  report_metrics report;
  report.duration_ms = 1;
  report.restore_duration_ms = 482.5;
  report.billed_restore_duration_ms = 0;
  EXPECT_EQ(line_of(report),
            R"({"metricset":{"faas":{"coldstart":true},"samples":{)"
            R"("faas.duration":{"value":1},)"
            R"("faas.restore_duration":{"value":482.5},)"
            R"("faas.billed_restore_duration":{"value":0}}}})"
            "\n");
}

TEST(intake_lines, an_initialisation_of_no_invocation) {
  report_metrics report;
  report.timestamp_us = time_us;
  report.lone_init_duration_ms = 120.5;
  report.status = "success";
  report.initialization_type = "provisioned-concurrency";
  const auto text = line_of(report);
  EXPECT_EQ(text, R"({"metricset":{"timestamp":1795348708382032,"faas":{},)"
                  R"("tags":{"faas_status":"success",)"
                  R"("faas_initialization_type":"provisioned-concurrency"},)"
                  R"("samples":{"faas.init_duration":{"value":120.5}}}})"
                  "\n");
  auto line = event(text);
  EXPECT_EQ(test::schema_violation("metricset.json", line["metricset"]), "");
}

TEST(intake_lines, negative_figures_make_no_samples) {
  report_metrics report = cold_start();
  report.duration_ms = -1;
  report.billed_duration_ms = -0.5;
  report.init_duration_ms = -7;
  report.max_memory_used_mb = 130; // of 128: rounded up
  auto line = event(line_of(report));
  auto& samples = line["metricset"]["samples"];
  EXPECT_EQ(samples.MemberCount(), 3u);
  EXPECT_EQ(samples["system.memory.actual.free"]["value"].GetDouble(), 0);
  EXPECT_FALSE(line["metricset"]["faas"]["coldstart"].GetBool());
  report.memory_size_mb = -128;
  line = event(line_of(report));
  EXPECT_FALSE(line["metricset"]["samples"].HasMember("system.memory.total"));
}

TEST(intake_lines, numbers_that_are_none_are_left_out) {
  report_metrics report = cold_start();
  report.duration_ms = std::numeric_limits<double>::quiet_NaN();
  report.billed_duration_ms = std::numeric_limits<double>::infinity();
  report.memory_size_mb = 1e308; // becomes infinite in bytes
  report.max_memory_used_mb = 1;
  auto line = event(line_of(report));
  EXPECT_EQ(line["metricset"]["samples"].MemberCount(), 2u);
}

struct timeout_case {
  int64_t given_ms;
  double timeout_ms; ///< 0: no sample
};

TEST(intake_lines, the_timeout_is_in_whole_seconds) {
  constexpr timeout_case cases[] = {
      {3000, 3000}, {2999, 3000}, {2001, 3000}, {2000, 2000},
      {1, 1000},    {0, 0},       {-5, 0},      {899'990, 900'000},
  };
  for (auto& x : cases) {
    report_metrics report;
    report.duration_ms = 1;
    report.received_ms = 1'795'348'708'370;
    report.deadline_ms = *report.received_ms + x.given_ms;
    auto line = event(line_of(report));
    auto& samples = line["metricset"]["samples"];
    ASSERT_EQ(samples.HasMember("faas.timeout"), x.timeout_ms > 0);
    if (x.timeout_ms > 0) {
      EXPECT_EQ(samples["faas.timeout"]["value"].GetDouble(), x.timeout_ms);
    }
  }
  report_metrics report; // the ends of the range must not overflow
  report.received_ms = INT64_MIN;
  report.deadline_ms = INT64_MAX;
  EXPECT_FALSE(line_of(report).empty());
}

metadata_facts all_facts() {
  metadata_facts facts;
  facts.service_name = "orders-api";
  facts.service_version = "$LATEST";
  facts.service_environment = "production";
  facts.agent_version = "0.1.0";
  facts.runtime_name = "AWS_Lambda_nodejs20.x";
  facts.node_name = "2026/11/22/[$LATEST]0123456789abcdef0123456789abcdef";
  facts.region = "eu-central-1";
  facts.account_id = "123456789012";
  return facts;
}

TEST(intake_lines, metadata_has_all_that_is_known) {
  // Names and nesting as in the metadata of tests/data/agent-captures/cold.
  EXPECT_EQ(make_metadata_line(all_facts()),
            R"({"metadata":{"service":{"name":"orders-api",)"
            R"("version":"$LATEST","environment":"production",)"
            R"("agent":{"name":"apm-lambda-extension","version":"0.1.0"},)"
            R"("framework":{"name":"AWS Lambda"},)"
            R"("runtime":{"name":"AWS_Lambda_nodejs20.x","version":"20.x"},)"
            R"("node":{"configured_name":)"
            R"("2026/11/22/[$LATEST]0123456789abcdef0123456789abcdef"}},)"
            R"("cloud":{"provider":"aws","region":"eu-central-1",)"
            R"("service":{"name":"lambda"},)"
            R"("account":{"id":"123456789012"}}}})");
}

TEST(intake_lines, metadata_satisfies_the_schema) {
  std::string much(5'000, 'x'); // more than the 1024 that is allowed
  std::string odd = "\xFF\"\\\n\xE2\x82\xAC";
  metadata_facts long_facts{much, much, much, much, much, much, much, much};
  metadata_facts odd_facts{odd, odd, odd, odd, odd, odd, odd, odd};
  metadata_facts named;
  named.runtime_name = "provided"; // has no version
  for (auto& facts :
       {all_facts(), metadata_facts{}, long_facts, odd_facts, named}) {
    std::string line = make_metadata_line(facts);
    auto document = test::strict_json(line);
    ASSERT_TRUE(document.HasMember("metadata"));
    EXPECT_EQ(test::schema_violation("metadata.json", document["metadata"]), "")
        << line;
    EXPECT_EQ(line.find('\n'), line.npos);
    // And it is metadata to ourselves.
    EXPECT_TRUE(scan_intake(bytes{line + "\n"}));
  }
  auto document = test::strict_json(make_metadata_line(all_facts()));
  document["metadata"]["service"]["name"].SetString("with.a.dot");
  EXPECT_NE(test::schema_violation("metadata.json", document["metadata"]), "")
      << "the judge must find what is wrong";
}

TEST(intake_lines, service_names_are_made_sound) {
  constexpr std::pair<std::string_view, std::string_view> cases[] = {
      {"orders-api", "orders-api"},
      {"Orders 2_b", "Orders 2_b"},
      {"orders.api/v2", "orders_api_v2"},
      {"\xC3\xA9t\xC3\xA9", "__t__"},
      {"", "unknown-apm-lambda-extension-service"},
  };
  for (auto& [name, sound] : cases) {
    metadata_facts facts;
    facts.service_name = name;
    auto document = test::strict_json(make_metadata_line(facts));
    EXPECT_EQ(document["metadata"]["service"]["name"].GetString(), sound);
  }
}

} // namespace
} // namespace apm
