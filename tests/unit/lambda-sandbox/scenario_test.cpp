// Scenarios: defaults, everything that can be said, and what is said of
// everything that is wrong.
#include "tools/lambda-sandbox/command_line.hpp"
#include "tools/lambda-sandbox/scenario/scenario.hpp"
#include "tools/lambda-sandbox/scenario/scenario_reference.hpp"

#include <gtest/gtest.h>

namespace sandbox {

namespace {

scenario parse(const std::string& text) {
  json_problems problems;
  const auto parsed = parse_scenario(text, "/scenes", problems);
  for (const auto& problem : problems)
    ADD_FAILURE() << problem.pointer << ' ' << problem.message;
  return parsed.value_or(scenario{});
}

json_problems problems_of(const std::string& text) {
  json_problems problems;
  EXPECT_FALSE(parse_scenario(text, "/scenes", problems));
  return problems;
}

} // namespace

TEST(scenario_test, the_smallest_has_one_invocation) {
  const auto plan = parse("{}");
  EXPECT_TRUE(plan.function.is_builtin());
  EXPECT_TRUE(plan.extensions.empty());
  ASSERT_EQ(plan.invocations.size(), 1u);
  EXPECT_EQ(plan.invocations[0].payload, "{}");
  EXPECT_FALSE(plan.invocations[0].after_ms);
  EXPECT_EQ(plan.expect.lines_missing, 0);
  EXPECT_FALSE(plan.expect.refused_requests);
  EXPECT_EQ(plan.function.directory, "/scenes/");
  EXPECT_EQ(plan.function.arn(),
            "arn:aws:lambda:eu-central-1:123456789012:function:orders-api");
}

TEST(scenario_test, the_agents_port_can_be_another_processs) {
  EXPECT_FALSE(parse("{}").agent_port_taken);
  EXPECT_TRUE(parse(R"({"agent_port_taken": true})").agent_port_taken);
}

TEST(scenario_test, paths_start_at_the_scenario) {
  const auto plan = parse(R"({"extension": [{"command": "../bin/ext 'a b'"},
      {"command": ["/opt/x", "y"], "name": "z"}],
      "function": {"command": "node index.mjs", "directory": "app"}})");
  ASSERT_EQ(plan.extensions.size(), 2u);
  EXPECT_EQ(plan.extensions[0].name, "ext");
  EXPECT_EQ(plan.extensions[0].command,
            (std::vector<std::string>{"/bin/ext", "a b"}));
  EXPECT_EQ(plan.extensions[1].name, "z");
  EXPECT_EQ(plan.function.command,
            (std::vector<std::string>{"node", "index.mjs"}));
  EXPECT_EQ(plan.function.directory, "/scenes/app");
}

TEST(scenario_test, telemetry_may_be_played_oddly) {
  const auto plan = parse(R"({"telemetry": {"schema": "2022-12-13",
      "batch_order": "reversed", "report_in_shutdown": true,
      "crash_error_type": "Runtime.OutOfMemory",
      "report_metrics": {"restoreDurationMs": 1.5}},
      "invocations": [{"records": [
        {"type": "platform.odd", "record": {"requestId": "$request_id"}},
        {"type": "extension"}]}],
      "expect": {"lines_misattributed": 0, "lines_contain": ["a"]}})");
  EXPECT_EQ(plan.telemetry.schema, "2022-12-13");
  EXPECT_TRUE(plan.telemetry.is_reversed);
  EXPECT_TRUE(plan.telemetry.report_in_shutdown);
  EXPECT_EQ(plan.telemetry.crash_error_type, "Runtime.OutOfMemory");
  ASSERT_EQ(plan.telemetry.report_metrics.size(), 1u);
  EXPECT_EQ(plan.telemetry.report_metrics[0].second, "1.5");
  const auto& records = plan.invocations[0].records;
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].type, "platform.odd");
  EXPECT_EQ(records[0].record, R"({"requestId":"$request_id"})");
  EXPECT_EQ(records[1].record, "null");
  EXPECT_EQ(plan.expect.lines_misattributed, 0);
  EXPECT_EQ(plan.expect.lines_contain, std::vector<std::string>{"a"});
}

TEST(scenario_test, managed_instances_run_invocations_side_by_side) {
  const auto plan = parse(R"({"managed_instances": {"concurrency": 8},
      "invocations": [{"expect": {"lines_made": {"transaction": 1}}}],
      "shutdown": {"waits": false},
      "expect": {"concurrent_min": 3, "delivery_ms_max": 2000,
                 "lines_misfiled": null}})");
  ASSERT_TRUE(plan.managed);
  EXPECT_EQ(plan.managed->concurrency, 8);
  EXPECT_FALSE(plan.managed->has_runtime_done);
  EXPECT_FALSE(plan.shutdown_waits);
  EXPECT_EQ(plan.invocations[0].expect.lines_made.at("transaction"), 1);
  EXPECT_EQ(plan.expect.concurrent_min, 3);
  EXPECT_EQ(plan.expect.delivery_ms_max, 2000);
  EXPECT_FALSE(plan.expect.lines_misfiled);
  EXPECT_FALSE(parse("{}").managed);
  EXPECT_EQ(parse("{}").expect.lines_misfiled, 0);
}

TEST(scenario_test, the_script_travels_in_the_event) {
  const auto plan = parse(R"({"invocations": [{"repeat": 3, "after_ms": 0,
      "payload": {"order": 1}, "function": {"spans": 2, "agent": "java"},
      "expect": {"status": "success", "lines": {"span": 2},
                 "held_ms_max": 1.5}}]})");
  ASSERT_EQ(plan.invocations.size(), 1u);
  const auto& invocation = plan.invocations[0];
  EXPECT_EQ(invocation.repeat, 3);
  EXPECT_EQ(invocation.after_ms, 0);
  EXPECT_EQ(invocation.payload,
            R"({"order":1,"sandbox":{"spans":2,"agent":"java"}})");
  EXPECT_EQ(plan.builtin_agent, "java");
  EXPECT_EQ(invocation.expect.lines.at("span"), 2);
  EXPECT_EQ(invocation.expect.held_ms_max, 1.5);
}

TEST(scenario_test, null_expects_nothing) {
  const auto plan = parse(R"({"expect": {"lines_missing": null,
                                         "extension_exit": 3}})");
  EXPECT_FALSE(plan.expect.lines_missing);
  EXPECT_EQ(plan.expect.extension_exit, 3);
}

TEST(scenario_test, what_is_wrong_is_pointed_at) {
  struct row {
    const char* text;
    const char* pointer;
    const char* message;
  };
  const std::vector<row> table = {
      {"{", "", "is no JSON"},
      {"[]", "", "must be an object"},
      {R"({"functon": {}})", "/functon", "did you mean function"},
      {R"({"function": {"timeout_ms": 0}})", "/function/timeout_ms",
       "at least 1"},
      {R"({"function": {"environment": {"A": 1}}})", "/function/environment",
       "A"},
      {R"({"function": {"command": "a 'b"}})", "/function/command", "quote"},
      {R"({"extension": [{"command": "a"}, {"command": "b",
          "nam": "c"}]})",
       "/extension/1/nam", "name"},
      {R"({"telemetry": {"api": "odd"}})", "/telemetry/api", "logs"},
      {R"({"apm_server": {"behaviour": [{"stat": 1}]}})",
       "/apm_server/behaviour/0/stat", "status"},
      {R"({"invocations": {}})", "/invocations", "array"},
      {R"({"invocations": [{}, {"function": {"spanz": 1}}]})",
       "/invocations/1/function/spanz", "spans"},
      {R"({"invocations": [{"payload": 1, "function": {}}]})",
       "/invocations/0/payload", "object"},
      {R"({"invocations": [{"expect": {"lines": {"spam": 1}}}]})",
       "/invocations/0/expect/lines/spam", "span"},
      {R"({"invocations": [{"expect": {"held_ms_max": "1"}}]})",
       "/invocations/0/expect/held_ms_max", "number"},
      {R"({"function": {"command": "x"}, "invocations": [{"function": {}}]})",
       "/invocations/0/function", "built-in"},
      {R"({"agent_port": 65536})", "/agent_port", "65535"},
      {R"({"shutdown": {"reason": "odd"}})", "/shutdown/reason", "spindown"},
      {R"({"expect": {"lines_missing": -1}})", "/expect/lines_missing",
       "at least 0"},
  };
  for (const auto& [text, pointer, message] : table) {
    const auto problems = problems_of(text);
    ASSERT_FALSE(problems.empty()) << text;
    EXPECT_EQ(problems[0].pointer, pointer) << text;
    EXPECT_NE(problems[0].message.find(message), std::string::npos)
        << text << ": " << problems[0].message;
  }
}

TEST(scenario_test, all_that_is_wrong_is_told_at_once) {
  EXPECT_EQ(problems_of(R"({"nam": 1, "agent_port": "x",
                            "telemetry": {"apy": 1}})")
                .size(),
            3u);
}

TEST(scenario_test, the_server_may_be_behind_tls_and_a_proxy) {
  const auto plain = parse("{}");
  EXPECT_FALSE(plain.apm_server.tls);
  EXPECT_FALSE(plain.proxy);
  EXPECT_FALSE(plain.expect.via_proxy);
  const auto short_form = parse(R"({"apm_server": {"tls": true},
      "proxy": true})");
  ASSERT_TRUE(short_form.apm_server.tls);
  EXPECT_EQ(short_form.apm_server.tls->certificate, "good");
  EXPECT_EQ(short_form.apm_server.tls->ca, "file");
  ASSERT_TRUE(short_form.proxy);
  EXPECT_FALSE(parse(R"({"apm_server": {"tls": false}})").apm_server.tls);
  const auto plan = parse(R"({"apm_server": {"host": "apm.example",
      "tls": {"certificate": "expired", "ca": "pem", "version_max": "1.1"}},
      "proxy": {"credentials": "user:pw"},
      "expect": {"via_proxy": false, "extension_output":
          [{"text": "a", "count": 0}, {"text": "b"}]}})");
  EXPECT_EQ(plan.apm_server.host, "apm.example");
  EXPECT_EQ(plan.apm_server.tls->certificate, "expired");
  EXPECT_EQ(plan.apm_server.tls->ca, "pem");
  EXPECT_EQ(plan.apm_server.tls->version_max, "1.1");
  EXPECT_EQ(plan.proxy->credentials, "user:pw");
  EXPECT_EQ(plan.expect.via_proxy, false);
  ASSERT_EQ(plan.expect.extension_output.size(), 2u);
  EXPECT_EQ(plan.expect.extension_output[0].count, 0);
  EXPECT_FALSE(plan.expect.extension_output[1].count);
  const auto problems = problems_of(R"({"apm_server":
      {"tls": {"ca": "x"}}, "proxy": 1,
      "expect": {"extension_output": [{}]}})");
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_EQ(problems[0].pointer, "/apm_server/tls/ca");
  EXPECT_EQ(problems[1].pointer, "/proxy");
  EXPECT_EQ(problems[2].pointer, "/expect/extension_output/0/text");
}

TEST(scenario_test, the_reference_names_all_members) {
  const std::string text = scenario_reference();
  for (const auto* name :
       {"delivery_delay_ms", "report_after_reset", "function_error_status",
        "init_timeout_ms", "agent_port", "refuse_ms", "for_ms", "held_ms_max",
        "protocol_errors", "refused_requests", "cut_after_bytes", "capture",
        "version_max", "credentials", "extension_output", "via_proxy"})
    EXPECT_NE(text.find(name), std::string::npos) << name;
}

TEST(command_words_test, a_command_is_split_as_by_a_shell) {
  struct row {
    const char* text;
    std::vector<std::string> words;
  };
  const std::vector<row> table = {
      {"", {}},
      {"  node  x.mjs ", {"node", "x.mjs"}},
      {"a 'b c' \"d e\" f\\ g", {"a", "b c", "d e", "f g"}},
      {"a''b \"\"", {"ab", ""}},
      {"'a\\b' \"a\\\"b\"", {"a\\b", "a\"b"}},
  };
  for (const auto& [text, words] : table)
    EXPECT_EQ(split_command(text), words) << text;
  EXPECT_FALSE(split_command("a 'b"));
}

TEST(command_line_test, it_overrides_the_scenario) {
  auto plan = parse(R"({"extension": {"command": "old",
      "environment": {"A": "1", "B": "2"}}})");
  command_line options;
  options.extensions = {"/opt/new"};
  options.function = "node 'my app.js'";
  options.environment = {"A=3", "C=x=y"};
  options.extension_environment = {"D=4"};
  options.function_environment = {"E=5"};
  options.repeat = 2;
  std::string problem;
  ASSERT_TRUE(apply(options, plan, problem)) << problem;
  ASSERT_EQ(plan.extensions.size(), 1u);
  EXPECT_EQ(plan.extensions[0].name, "new");
  EXPECT_EQ(
      plan.extensions[0].environment,
      (environment_map{{"A", "3"}, {"B", "2"}, {"C", "x=y"}, {"D", "4"}}));
  EXPECT_EQ(plan.function.environment,
            (environment_map{{"A", "3"}, {"C", "x=y"}, {"E", "5"}}));
  EXPECT_EQ(plan.function.command,
            (std::vector<std::string>{"node", "my app.js"}));
  EXPECT_EQ(plan.invocations.size(), 2u);
  options.environment = {"nonsense"};
  EXPECT_FALSE(apply(options, plan, problem));
  EXPECT_NE(problem.find("nonsense"), std::string::npos);
}

TEST(command_line_test, it_gives_the_program_that_the_scenario_leaves_out) {
  const auto plan = parse(R"({"extension": {"environment": {"A": "1"}}})");
  command_line options;
  std::string problem;
  auto none = plan;
  EXPECT_FALSE(apply(options, none, problem));
  EXPECT_NE(problem.find("extension 1 has no program"), std::string::npos);
  options.extensions = {"/opt/mine"};
  auto given = plan;
  ASSERT_TRUE(apply(options, given, problem)) << problem;
  ASSERT_EQ(given.extensions.size(), 1u);
  EXPECT_EQ(given.extensions[0].command,
            (std::vector<std::string>{"/opt/mine"}));
  EXPECT_EQ(given.extensions[0].environment, (environment_map{{"A", "1"}}));
}

} // namespace sandbox
