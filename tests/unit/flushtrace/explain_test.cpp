// What explain and summary print of analysed events, and their exit status.
#include "runtime/formats/json_value.hpp"
#include "tests/unit/flushtrace/made_trace.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/explanation.hpp"
#include "tools/flushtrace/record_text.hpp"

namespace flushtrace {
namespace {

using apm::http_failure;
using namespace test; // the vocabulary of made traces

/// Files of made traces, and a verb's output.
struct explain_test : verb_test {
  using verb_test::save;

  std::string save(const std::string& name, const made_trace& x) const {
    return save(name, apm::trace::write_segment(x.read().content).value());
  }

  /// The trace's explanation, by default of what was missed.
  int explain(const std::vector<std::string>& files,
              const std::string& filter = {}) {
    explain_options options;
    options.paths = files;
    options.filter = filter;
    return run(run_explain, options);
  }
};

/// Event 1 is clean, of event 2 the server takes nothing.
void run_one_miss(made_trace& x) {
  run_clean(x, 1);
  run_until_flush(x, 2);
  x.answer(x.post(4), {3, 503});
  x.flush_end(4, flush_end_why::server_fails);
  x.end(4, 0, 0, delayed);
}

TEST_F(explain_test, a_screen_has_outcome_ledger_signals_causes_and_remedy) {
  made_trace x;
  run_one_miss(x);
  EXPECT_EQ(explain({save("a.atrc", x)}), exit_missed);
  for (const char* text :
       {"event 2  invoke 00000000-0000-0000-0000-000000000002  DELAYED",
        "4 lines still held", "received 4 = accepted 0 + dropped 0 + held 4",
        "agent_flushed won 5.00 ms into the event", "runtime_done never came",
        "deadline was due 2795 ms later", "POST of 4 lines: 503 after 3.00 ms",
        "transport.server_5xx  (inferred)", "records ",
        "remedy\n    See the server's own log"})
    EXPECT_NE(out.find(text), std::string::npos) << text << " in\n" << out;
  EXPECT_EQ(out.find("event 1"), std::string::npos) << out;
}

TEST_F(explain_test, status_says_what_there_is) {
  made_trace clean;
  run_clean(clean, 1);
  EXPECT_EQ(explain({save("clean.atrc", clean)}), exit_clean);
  EXPECT_EQ(out, "nothing is missed\n");
  made_trace cut;
  run_clean(cut, 1);
  run_until_flush(cut, 2);
  const auto first = cut.agent_data(1);
  cut.flush_end(0, flush_end_why::nothing_left);
  const auto part = apm::trace::write_segment(cut.read(first).content).value();
  EXPECT_EQ(explain({save("cut.atrc", part)}), exit_undecidable);
  EXPECT_EQ(explain({save("none.atrc", "nonsense")}), exit_unreadable);
  EXPECT_EQ(explain({folder + "/clean.atrc"}, "status=="), exit_usage);
  explain_options other;
  other.paths = {folder + "/clean.atrc"};
  other.event = 9;
  EXPECT_EQ(run(run_explain, other), exit_usage);
  EXPECT_NE(trouble.find("event 9 is not in the trace"), std::string::npos);
}

/// A file of the disk is gone: no cause stands for that, with another beside it
/// or alone.
TEST_F(explain_test, what_was_lost_for_none_of_the_causes_has_its_records) {
  for (const bool has_cause : {false, true}) {
    made_trace x;
    run_until_flush(x, 1);
    x.drop(5, 3);
    made_answer refused{3, 503};
    made_answer taken{1, 202, http_failure::none, 4};
    x.answer(x.post(4), has_cause ? refused : taken);
    x.flush_end(has_cause ? 4 : 0, flush_end_why::nothing_left);
    x.end(7, has_cause ? 0 : 4, 3, has_cause ? lost | delayed : lost);
    EXPECT_EQ(explain({save("a.atrc", x)}), exit_missed);
    const auto begin =
        out.find(has_cause ? "  for none of the known causes\n"
                           : "  cause    none of those that are known");
    ASSERT_NE(begin, std::string::npos) << out;
    const auto record =
        std::to_string(x.analyse().find(1)->facts.drops[0].at.record);
    EXPECT_LT(begin, out.find("    3 lines dropped: ", begin)) << out;
    EXPECT_NE(out.find("    record " + record + '\n', begin), std::string::npos)
        << out;
    EXPECT_EQ(out.find("transport.server_5xx") != std::string::npos, has_cause);
    const auto process = x.read();
    const auto json =
        explain_in_json(process, flushtrace::analyse(process).events.front());
    EXPECT_NE(json.find(R"("uncaused":[{"detail":"3 lines dropped: )"),
              std::string::npos)
        << json;
    EXPECT_NE(json.find("\"evidence\":[" + record + "]}]"), std::string::npos)
        << json;
  }
}

TEST_F(explain_test, a_filter_chooses_events) {
  made_trace x;
  run_one_miss(x);
  const auto file = save("a.atrc", x);
  EXPECT_EQ(explain({file}, "status==503"), exit_missed);
  EXPECT_EQ(explain({file}, "status==202"), exit_clean);
  EXPECT_EQ(out, "nothing is missed in events that fit the filter\n");
}

TEST_F(explain_test, what_is_not_there_is_not_well) {
  made_trace x;
  run_one_miss(x);
  explain_options options;
  options.paths = {save("a.atrc", x)};
  options.filter = "status==999";
  for (const bool is_all : {false, true}) {
    options.is_all = is_all;
    EXPECT_EQ(run(run_explain, options), exit_clean);
    EXPECT_EQ(out, "");
    EXPECT_EQ(trouble, "flushtrace: no event fits the filter\n");
  }
  summary_options sums;
  sums.paths = options.paths;
  sums.filter = options.filter;
  EXPECT_EQ(run(run_summary, sums), exit_clean);
  EXPECT_EQ(trouble, "flushtrace: no event fits the filter\n");
  options.event = 2;
  EXPECT_EQ(run(run_explain, options), exit_usage);
  EXPECT_EQ(trouble, "flushtrace: event 2 does not fit the filter\n");
  options.event = 99;
  EXPECT_EQ(run(run_explain, options), exit_usage);
  EXPECT_EQ(trouble, "flushtrace: event 99 is not in the trace: flushtrace ls "
                     "shows which are\n");
}

TEST_F(explain_test, a_filter_and_info_count_what_explain_does) {
  const std::pair<const char*, const char*> rows[] = {
      {"bad_bodies", "5, 3 with"},
      {"data_after_report", "3, 1 with"},
      {"odd_records", "3, 1 with"},
      {"three_signals", "11, 3 with"}};
  for (const auto& [name, count] : rows) {
    const auto file = golden_file(std::string{name} + ".syncflush");
    EXPECT_EQ(explain({file}), exit_missed) << name;
    const auto all = out;
    EXPECT_EQ(explain({file}, "inv==missed"), exit_missed) << name;
    EXPECT_EQ(out, all) << name;
    EXPECT_EQ(run(run_info, options_for(file)), exit_clean);
    EXPECT_NE(out.find(std::string{"events         "} + count),
              std::string::npos)
        << out;
    auto rows_of_ls = options_for(file); // goes by the column that it shows
    rows_of_ls.filter = "inv==missed";
    EXPECT_EQ(run(run_ls, rows_of_ls), exit_clean) << name;
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
  }
  dump_options records;
  records.paths = {golden_file("bad_bodies.syncflush")};
  records.filter = "kind==winner && inv==missed";
  records.fields = "event,verdict";
  records.form = dump_form::csv;
  EXPECT_EQ(run(run_dump, records), exit_clean);
  EXPECT_EQ(out, "event,verdict\n1,lost\n2,lost\n3,lost\n");
}

/// As much as can be said of an event at once.
void run_with_everything(made_trace& x) {
  x.begin(1, 3000, 1000);
  x.intake_open(1);
  x.agent_data(400);
  x.refuse(400, 1'000'000);
  x.telemetry(503);
  x.telemetry(200, 12'345);
  x.stall(2000);
  x.win(apm::end_signal::deadline);
  x.flush_begin(400, true);
  for (const int status : {503, 429, 401, 400, 202})
    x.answer(x.post(80), {100, static_cast<uint16_t>(status)});
  for (const uint64_t reason : {0, 1, 2, 7, 8, 9})
    x.drop(reason, 3);
  const auto lease = x.post(80);
  x.child_exits(child_role::processor, 1);
  x.flush_end(380, flush_end_why::out_of_time);
  x.cancel(lease);
  x.anchor(500);
  x.end(400, 2, 18, lost | delayed | is_rejected);
  x.agent_data(5);
  x.begin_shutdown(2, "timeout");
}

TEST_F(explain_test, a_screen_is_a_screen) {
  made_trace x;
  run_with_everything(x);
  const auto process = x.read();
  const auto found = flushtrace::analyse(process);
  ASSERT_GT(found.find(1)->findings.size(), 12U);
  std::istringstream lines{explain_in_text(process, *found.find(1))};
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_LE(line.size(), 80U) << line;
    EXPECT_TRUE(line.empty() || line.back() != ' ') << line << '|';
  }
  EXPECT_LE(count, 40U);
}

TEST_F(explain_test, json_is_sound_and_has_all_causes) {
  made_trace x;
  run_with_everything(x);
  const auto process = x.read();
  const auto found = flushtrace::analyse(process);
  for (const auto& event : found.events) {
    const auto json = explain_in_json(process, event);
    EXPECT_FALSE(apm::check_json(json)) << json;
    for (const auto& each : event.findings)
      EXPECT_NE(json.find(std::string{"\"cause\":\""} + each.what->id + '"'),
                std::string::npos)
          << each.what->id;
  }
}

// -- summary --

TEST_F(explain_test, summary_adds_causes_up) {
  made_trace x;
  run_one_miss(x);
  const auto file = save("a.atrc", x);
  summary_options options;
  options.paths = {file};
  EXPECT_EQ(run(run_summary, options), exit_missed);
  EXPECT_EQ(out.find("1 process, 2 events, 1 missed, 0 undecidable\n"
                     "8 lines received, 4 accepted in time\n"),
            0U)
      << out;
  EXPECT_NE(out.find("transport.server_5xx                   1        0        "
                     "4        0       0.4"),
            std::string::npos)
      << out;
  std::istringstream lines{out};
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 80U) << line;
  options.is_json = true;
  EXPECT_EQ(run(run_summary, options), exit_missed);
  EXPECT_FALSE(apm::check_json(out)) << out;
  EXPECT_NE(out.find(R"({"cause":"transport.server_5xx","events":1,"lost":0,)"
                     R"("delayed":4,"rejected":0,"held_bytes":400,"also":0})"),
            std::string::npos)
      << out;
}

TEST_F(explain_test, what_fails_a_build_can_be_chosen) {
  made_trace x;
  run_one_miss(x);
  summary_options options;
  options.paths = {save("a.atrc", x)};
  const auto with = [&](const std::vector<std::string>& fail_on) {
    options.fail_on = fail_on;
    return run(run_summary, options);
  };
  EXPECT_EQ(with({"any"}), exit_missed);
  EXPECT_EQ(with({"transport"}), exit_missed);
  EXPECT_EQ(with({"buffer", "transport.server_5xx"}), exit_missed);
  EXPECT_EQ(with({"buffer", "transport.post_timeout"}), exit_clean);
  EXPECT_EQ(with({"transport.no_such"}), exit_usage);
  EXPECT_NE(trouble.find("'transport.no_such'"), std::string::npos);
}

TEST_F(explain_test, what_the_baseline_has_is_no_failure) {
  made_trace x;
  run_one_miss(x);
  summary_options options;
  options.paths = {save("a.atrc", x)};
  options.is_json = true;
  ASSERT_EQ(run(run_summary, options), exit_missed);
  options.baseline = save("known.json", out);
  EXPECT_EQ(run(run_summary, options), exit_clean);
  made_trace more;
  more.wait_ms(1); // another process
  run_one_miss(more);
  run_until_flush(more, 3);
  more.answer(more.post(4), {3, 503});
  more.flush_end(8, flush_end_why::server_fails);
  more.end(4, 0, 0, delayed);
  options.paths = {save("b.atrc", more)};
  EXPECT_EQ(run(run_summary, options), exit_missed);
  options.baseline = save("other.json", "{}");
  EXPECT_EQ(run(run_summary, options), exit_usage);
  options.baseline = folder + "/none.json";
  EXPECT_EQ(run(run_summary, options), exit_usage);
}

TEST_F(explain_test, junit_has_a_case_for_each_cause) {
  made_trace x;
  run_one_miss(x);
  summary_options options;
  options.paths = {save("a.atrc", x)};
  options.junit = folder + "/report.xml";
  EXPECT_EQ(run(run_summary, options), exit_missed);
  std::ostringstream read;
  read << std::ifstream{options.junit}.rdbuf();
  const auto text = read.str();
  EXPECT_NE(text.find("tests=\"43\" failures=\"1\""), std::string::npos);
  EXPECT_NE(text.find("name=\"transport.server_5xx\">\n    <failure "
                      "message=\"1 events, 0 lines lost, 4 held\">"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("name=\"signal.no_signal\"/>"), std::string::npos);
  options.junit = folder + "/none/report.xml";
  EXPECT_EQ(run(run_summary, options), exit_usage);
}

TEST_F(explain_test, a_redacted_trace_has_the_same_explanation) {
  made_trace x;
  run_until_flush(x, 1);
  // Hidden, it takes fewer slots, which leaves numbers that are no record's.
  x.platform("platform." + std::string(300, 'x'), x.request_id(1));
  x.answer(x.post(4), {3, 503});
  x.flush_end(4, flush_end_why::server_fails);
  x.end(4, 0, 0, delayed);
  x.ask_next();
  const auto plain = save("plain.atrc", x);
  redact_options options;
  options.paths = {plain};
  options.output = folder + "/redacted.atrc";
  ASSERT_EQ(run(run_redact, options), exit_clean) << trouble;
  const auto causes_in = [](const std::string& file) {
    std::string ids;
    for (const auto& event :
         analyse(load_traces({file}).processes.front()).events)
      for (const auto& each : event.findings)
        ids += std::string{each.what->id} + ' ';
    return ids;
  };
  EXPECT_EQ(causes_in(options.output), causes_in(plain));
}

TEST_F(explain_test, causes_are_printed_with_what_shows_and_mends_them) {
  EXPECT_EQ(run(run_causes, causes_options{}), exit_clean);
  for (const auto& each : all_causes())
    for (const char* text : {each.id, each.what, each.evidence, each.remedy})
      EXPECT_NE(out.find(text), std::string::npos) << text;
  EXPECT_EQ(run(run_causes, causes_options{true}), exit_clean);
  std::istringstream lines{out};
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_FALSE(apm::check_json(line)) << line;
  EXPECT_EQ(count, all_causes().size());
}

} // namespace
} // namespace flushtrace
