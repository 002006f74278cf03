// The account: what became of each line, which signal ended an invocation, what
// did not hold. All from records made by hand.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"
#include "tools/lambda-sandbox/report/account.hpp"
#include "tools/lambda-sandbox/report/facts_reader.hpp"
#include "tools/lambda-sandbox/report/intake_line.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace sandbox {

namespace {

constexpr std::int64_t ms = ns_per_ms;

/// Two invocations: `one` from 100 ms, `two` from 200 ms, both with 3 s to go.
run_record two_invocations() {
  run_record run;
  run.begin_ns = 1 * ms;
  std::size_t number = 0;
  for (const auto* id : {"one", "two"}) {
    invocation_record invocation;
    invocation.number = ++number;
    invocation.request_id = id;
    invocation.status = "success";
    invocation.begin_ns = static_cast<std::int64_t>(number) * 100 * ms;
    invocation.runtime_next_ns = invocation.begin_ns + 20 * ms;
    invocation.end_ns = invocation.begin_ns + 30 * ms;
    invocation.deadline_ns = invocation.begin_ns + 3'000 * ms;
    invocation.extensions.push_back(
        {"ext", invocation.begin_ns + 25 * ms, 1'000});
    run.invocations.push_back(invocation);
  }
  return run;
}

function_fact offered(std::uint64_t line, std::string kind, std::string text,
                      std::int64_t at_ns = 110 * ms) {
  function_fact fact;
  fact.at_ns = at_ns;
  fact.request_id = at_ns < 200 * ms ? "one" : "two";
  fact.fact = "line_offered";
  fact.line = line;
  fact.kind = std::move(kind);
  fact.text = std::move(text);
  return fact;
}

function_fact simple_fact(std::string name, std::int64_t at_ns,
                          std::uint64_t line = 0) {
  function_fact fact;
  fact.fact = std::move(name);
  fact.at_ns = at_ns;
  fact.request_id = at_ns < 200 * ms ? "one" : "two";
  fact.line = line;
  return fact;
}

received_line accepted(std::string kind, std::string text,
                       std::int64_t at_ns = 150 * ms) {
  return {std::move(kind), std::move(text), 1, at_ns, true};
}

received_request post(std::int64_t begin_ns, std::int64_t answered_ns) {
  received_request request;
  request.number = 1;
  request.method = "POST";
  request.target = "/intake/v2/events";
  request.begin_ns = begin_ns;
  request.answered_ns = answered_ns;
  request.status = 202;
  return request;
}

std::string log_line(const std::string& message, const std::string& id) {
  return R"({"log":{"message":")" + message + R"(","faas":{"execution":")" + id
         + R"("}}})";
}

} // namespace

TEST(line_matching_test, taken_lines_must_arrive_once) {
  auto run = two_invocations();
  for (std::uint64_t line = 1; line <= 3; ++line) {
    run.facts.push_back(
        offered(line, "span", "{\"span\":" + std::to_string(line) + "}"));
    run.facts.push_back(simple_fact("line_taken", 111 * ms, line));
  }
  // Offered, but cut off before it was taken: it need not arrive.
  run.facts.push_back(offered(4, "span", "{\"span\":4}"));
  const auto lines = match_lines(
      run,
      {accepted("span", "{\"span\":1}"), accepted("span", "{\"span\":2}"),
       accepted("span", "{\"span\":2}"), accepted("metadata", "{}")},
      true);
  const auto& span = lines.by_invocation[0].at("span");
  EXPECT_EQ(span.received, 3);
  EXPECT_EQ(span.delivered, 2);
  EXPECT_EQ(span.missing, 1);
  EXPECT_EQ(span.twice, 1);
  ASSERT_EQ(lines.missing.size(), 1u);
  EXPECT_EQ(lines.missing[0].text, "{\"span\":3}");
  ASSERT_EQ(lines.twice.size(), 1u);
  EXPECT_EQ(lines.twice[0].text, "{\"span\":2}");
}

TEST(line_matching_test, of_equal_lines_the_taken_ones_come_first) {
  auto run = two_invocations();
  run.facts.push_back(offered(1, "span", "{}"));
  run.facts.push_back(offered(2, "span", "{}"));
  run.facts.push_back(simple_fact("line_taken", 111 * ms, 2));
  const auto lines = match_lines(run, {accepted("span", "{}")}, true);
  EXPECT_TRUE(lines.missing.empty());
}

TEST(line_matching_test, lines_that_were_not_accepted_do_not_count) {
  auto run = two_invocations();
  run.facts.push_back(offered(1, "span", "{}"));
  run.facts.push_back(simple_fact("line_taken", 111 * ms, 1));
  auto line = accepted("span", "{}");
  line.accepted = false;
  EXPECT_EQ(match_lines(run, {line}, true).missing.size(), 1u);
}

TEST(line_matching_test, logs_are_known_by_message_and_request) {
  auto run = two_invocations();
  run.truths = {
      {"log", "one", {"hello"}, 110 * ms, 120 * ms},
      {"log", "two", {"hello\n"}, 210 * ms, 220 * ms},
      {"log", "two", {"{\"message\":\"x\"}", "x"}, 211 * ms, 220 * ms},
      // Not delivered to anyone: not expected.
      {"log", "two", {"lost"}, 212 * ms, 0}};
  const auto lines = match_lines(run,
                                 {accepted("log", log_line("hello", "two")),
                                  accepted("log", log_line("hello", "one")),
                                  accepted("log", log_line("x", "two"))},
                                 true);
  EXPECT_EQ(lines.by_invocation[0].at("log").delivered, 1);
  EXPECT_EQ(lines.by_invocation[1].at("log").delivered, 2);
  EXPECT_TRUE(lines.missing.empty());
  EXPECT_EQ(lines.misattributed, 0);
}

TEST(line_matching_test, a_log_under_a_wrong_request_is_told) {
  auto run = two_invocations();
  run.truths = {{"log", "one", {"hello"}, 110 * ms, 120 * ms}};
  const auto lines =
      match_lines(run, {accepted("log", log_line("hello", "two"))}, true);
  EXPECT_EQ(lines.misattributed, 1);
  EXPECT_TRUE(lines.missing.empty());
}

TEST(line_matching_test, side_by_side_a_line_that_names_none_is_nobody_s) {
  auto run = two_invocations();
  run.is_concurrent = true;
  run.truths = {{"log", "", {"hello"}, 110 * ms, 120 * ms},
                {"log", "", {"hello"}, 111 * ms, 120 * ms}};
  const auto lines = match_lines(run,
                                 {accepted("log", log_line("hello", "")),
                                  accepted("log", log_line("hello", "two"))},
                                 true);
  EXPECT_TRUE(lines.missing.empty());
  EXPECT_EQ(lines.misattributed, 1) << "nobody can know that it is two's";
}

TEST(line_matching_test, workers_number_their_lines_each_for_itself) {
  auto run = two_invocations();
  auto other = offered(1, "span", "{\"span\":2}");
  other.process = 7;
  run.facts = {offered(1, "span", "{\"span\":1}"), other,
               simple_fact("line_taken", 111 * ms, 1)};
  const auto lines = match_lines(run, {}, true);
  ASSERT_EQ(lines.missing.size(), 1u) << "the other's was not taken";
  EXPECT_EQ(lines.missing[0].text, "{\"span\":1}");
}

TEST(line_matching_test, a_line_belongs_under_its_agent_s_metadata) {
  auto run = two_invocations();
  for (std::uint64_t number = 1; number <= 2; ++number) {
    auto metadata = simple_fact("metadata", 105 * ms);
    metadata.metadata = number;
    metadata.text = "{\"metadata\":" + std::to_string(number) + "}";
    run.facts.push_back(metadata);
    auto line = offered(number, "span", "{\"span\":0}"); // alike
    line.metadata = number;
    run.facts.push_back(line);
    run.facts.push_back(simple_fact("line_taken", 111 * ms, number));
  }
  const auto under = [](std::uint64_t request, const std::string& metadata) {
    auto first = accepted("metadata", "{\"metadata\":" + metadata + "}");
    auto second = accepted("span", "{\"span\":0}");
    first.request = second.request = request;
    return std::vector<received_line>{first, second};
  };
  auto lines = under(1, "2");
  const auto rest = under(2, "1");
  lines.insert(lines.end(), rest.begin(), rest.end());
  EXPECT_TRUE(match_lines(run, lines, true).misfiled.empty());
  lines[2].text = "{\"metadata\":2}";
  const auto misfiled = match_lines(run, lines, true);
  EXPECT_EQ(misfiled.misfiled.size(), 1u);
  EXPECT_TRUE(misfiled.missing.empty());
}

TEST(line_matching_test, the_slowest_line_is_told) {
  auto run = two_invocations();
  run.facts = {offered(1, "span", "{\"span\":1}", 101 * ms),
               simple_fact("line_taken", 110 * ms, 1)};
  const auto lines =
      match_lines(run, {accepted("span", "{\"span\":1}", 150 * ms)}, true);
  EXPECT_EQ(lines.slowest_ns, 40 * ms);
}

TEST(line_matching_test, a_report_becomes_one_metric_set) {
  auto run = two_invocations();
  run.truths = {{"metricset", "one", {}, 140 * ms, 150 * ms},
                {"metricset", "two", {}, 240 * ms, 250 * ms}};
  const auto report = [](const std::string& id) {
    return R"({"metricset":{"faas":{"execution":")" + id
           + R"("},"samples":{"faas.duration":{"value":1}}}})";
  };
  const auto lines =
      match_lines(run,
                  {accepted("metricset", report("one")),
                   accepted("metricset", report("one")),
                   accepted("metricset", R"({"metricset":{"samples":{}}})")},
                  true);
  EXPECT_EQ(lines.by_invocation[0].at("metricset").twice, 1);
  EXPECT_EQ(lines.by_invocation[1].at("metricset").missing, 1);
  EXPECT_EQ(lines.outside.at("metricset").extension_made, 1);
}

TEST(line_matching_test, a_foreign_agents_lines_are_found_by_their_trace) {
  const auto run = two_invocations();
  const std::string transaction =
      R"({"transaction":{"trace_id":"t2","faas":{"execution":"two"}}})";
  const std::string span = R"({"span":{"trace_id":"t2","id":"s"}})";
  const auto lines =
      match_lines(run,
                  {accepted("span", span, 250 * ms),
                   accepted("transaction", transaction, 250 * ms),
                   accepted("span", span, 260 * ms)},
                  false);
  EXPECT_EQ(lines.by_invocation[1].at("span").delivered, 1);
  EXPECT_EQ(lines.by_invocation[1].at("span").twice, 1);
  EXPECT_EQ(lines.by_invocation[1].at("transaction").received, 1);
}

TEST(signals_test, the_last_signal_before_the_reaction_ended_it) {
  struct row {
    const char* what;
    std::int64_t flush_ms, done_ms, next_ms, post_ms;
    const char* ended_by;
    std::int64_t held_ms;
  };
  // In ms from the INVOKE; 0: did not happen.
  const std::vector<row> table = {
      {"flush only", 10, 0, 12, 0, "agent", 2},
      {"runtimeDone only", 0, 40, 41, 0, "runtime_done", 1},
      {"it waited for runtimeDone", 10, 40, 41, 0, "runtime_done", 1},
      {"it posted at the flush, slowly", 10, 40, 60, 11, "agent", 50},
      {"runtimeDone came after", 10, 40, 12, 0, "agent", 2},
      {"nothing came", 0, 0, 5, 0, "none", -1},
      {"the deadline", 0, 0, 2'801, 0, "deadline", 1},
      {"a little before its time", 0, 0, 2'795, 0, "deadline", -5},
      {"it never asked", 10, 40, 0, 0, "", -1},
  };
  for (const auto& row : table) {
    auto run = two_invocations();
    auto& invocation = run.invocations[0];
    invocation.end_ns = 3'000 * ms;
    const auto at = [&](std::int64_t after_ms) {
      return after_ms == 0 ? 0 : invocation.begin_ns + after_ms * ms;
    };
    if (row.flush_ms != 0) {
      auto fact = simple_fact("flush_sent", at(row.flush_ms));
      fact.request_id = "one";
      run.facts.push_back(fact);
    }
    invocation.runtime_done_post_ns = at(row.done_ms);
    invocation.extensions[0].next_ns = at(row.next_ms);
    std::vector<received_request> requests;
    if (row.post_ms != 0)
      requests.push_back(post(at(row.post_ms), at(row.next_ms) - ms));
    const auto signals = find_signals(run, invocation, requests, true);
    EXPECT_EQ(signals.ended_by, row.ended_by) << row.what;
    if (signals.held_ns) {
      EXPECT_EQ(*signals.held_ns, row.held_ms * ms) << row.what;
    } else {
      EXPECT_EQ(row.held_ms, -1) << row.what;
    }
  }
}

TEST(signals_test, a_foreign_agents_flush_is_guessed) {
  auto run = two_invocations();
  const auto signals = find_signals(run, run.invocations[0], {}, false);
  EXPECT_EQ(signals.ended_by, "agent");
  EXPECT_FALSE(signals.held_ns);
}

TEST(expectations_test, what_does_not_hold_is_told_in_one_line_each) {
  auto run = two_invocations();
  run.invocations[1].scenario_index = 1;
  run.invocations[1].status = "timeout";
  run.facts.push_back(simple_fact("flush_sent", 110 * ms));
  process_end end;
  end.name = "ext";
  end.is_extension = true;
  end.code = 3;
  end.text = "exit status 3";
  run.shutdowns.push_back({"spindown", false, 400 * ms, 410 * ms, {end}});
  scenario plan;
  plan.invocations.resize(2);
  plan.invocations[0].expect.ended_by = "runtime_done";
  plan.invocations[0].expect.lines["span"] = 2;
  plan.invocations[0].expect.held_ms_max = 14.0;
  auto request = post(120 * ms, 121 * ms);
  request.protocol_errors = {"no metadata line"};
  const std::vector<received_request> requests = {request};
  const auto account = make_account(plan, run, {}, requests);
  EXPECT_EQ(
      account.failures,
      (std::vector<std::string>{
          "invocation 1: ended by: expected runtime_done, was agent",
          "invocation 1: span lines at the APM Server: expected 2, were 0",
          "invocation 1: held: expected at most 14 ms, was 15 ms",
          "invocation 2: status: expected success or error, was timeout",
          "protocol errors at the APM Server and AWS: expected 0, were 1",
          "protocol error in request 1 (POST /intake/v2/events): no "
          "metadata line",
          "ext at the end of the run: expected exit status 0, was exit "
          "status 3"}));
  EXPECT_FALSE(account.is_passed());
  EXPECT_EQ(account.invocations[0].added_ns, 5 * ms);
  EXPECT_EQ(account.invocations[0].posts.size(), 1u);
}

TEST(account_test, lines_are_looked_into) {
  const auto run = two_invocations();
  scenario plan;
  plan.invocations.resize(2);
  plan.invocations[1].expect.status = "timeout";
  plan.expect.lines_contain = {"\"hi\"", "refused"};
  std::vector<received_line> lines(2);
  lines[0].kind = lines[1].kind = "log";
  lines[0].text = log_line("hi", "one");
  lines[0].accepted = true;
  lines[1].text = log_line("refused", "one");
  const auto account = make_account(plan, run, lines, {});
  EXPECT_EQ(account.failures,
            std::vector<std::string>{"no accepted line contains refused"});
}

TEST(account_test, both_forms_can_be_written) {
  const auto run = two_invocations();
  scenario plan;
  plan.invocations.resize(1);
  const std::vector<received_request> requests = {post(120 * ms, 121 * ms)};
  const auto account = make_account(plan, run, {}, requests);
  std::ostringstream json;
  write_json(json, account);
  const auto parsed = parse_json(json.str());
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)["schema_version"].GetInt(), 1);
  EXPECT_TRUE((*parsed)["passed"].GetBool());
  ASSERT_EQ((*parsed)["invocations"].Size(), 2u);
  const auto& invocation = (*parsed)["invocations"][0];
  EXPECT_STREQ(invocation["request_id"].GetString(), "one");
  EXPECT_EQ(invocation["begin_ms"].GetDouble(), 99); // the run began at 1 ms
  EXPECT_EQ(invocation["added_ms"].GetDouble(), 5);
  std::ostringstream text;
  write_text(text, account);
  const std::string end = "0 twice, 0 lines missing\n";
  ASSERT_GE(text.str().size(), end.size());
  EXPECT_EQ(text.str().substr(text.str().size() - end.size()), end);
}

TEST(facts_test, half_a_line_is_none) {
  const auto fact = read_fact(
      R"({"at_ns":5,"request_id":"r","fact":"request","target":"/a","status":1,"expected":2})",
      7);
  ASSERT_TRUE(fact);
  EXPECT_EQ(fact->at_ns, 5);
  EXPECT_EQ(fact->generation, 7u);
  EXPECT_EQ(sentence_for(*fact), "/a: 1, expected 2");
  EXPECT_FALSE(read_fact(R"({"at_ns":5,"fact":"flu)", 0));
}

TEST(intake_line_test, identities_are_read) {
  const auto line = read_intake_line(log_line("hi", "id"));
  EXPECT_EQ(line.message, "hi");
  EXPECT_EQ(line.execution, "id");
  EXPECT_EQ(read_intake_line("nonsense").execution, "");
  EXPECT_EQ(read_intake_line("{}").execution, "");
}

} // namespace sandbox
