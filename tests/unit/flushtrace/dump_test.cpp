// dump: filters, chosen fields, JSON, CSV and colours.
#include "runtime/formats/json_value.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/columns.hpp"

#include <algorithm>

namespace flushtrace {
namespace {

struct dump_test : flushtrace_test {
  dump_test() {
    event(1, 0);
    event(2, 2);
    apm::telemetry_batch batch;
    batch.records = {{"t1", "platform.start", apm::bytes{"{}"}},
                     {"t,2", "function", apm::bytes{"\"secret\""}}};
    message("telemetry_batch", 2, batch, actor);
    options.paths = {save("a.atrc", segment())};
  }

  dump_options options;
};

TEST_F(dump_test, shows_what_a_filter_chooses) {
  options.filter = "kind==winner && inv==missed";
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
  EXPECT_NE(out.find("winner  event=2, signal=runtime_done"), std::string::npos)
      << out;
}

TEST_F(dump_test, refuses_a_wrong_filter) {
  options.filter = "knd==winner";
  EXPECT_EQ(run(run_dump, options), exit_usage);
  EXPECT_EQ(out, "");
  EXPECT_NE(trouble.find("--filter: no record has a field `knd`; like it: "
                         "kind"),
            std::string::npos)
      << trouble;
}

TEST_F(dump_test, a_wrong_filter_is_named_by_its_option) {
  replay_options again;
  again.paths = options.paths;
  again.breaks_at = "bogus";
  EXPECT_EQ(run(run_replay, again), exit_usage);
  EXPECT_EQ(trouble.find("flushtrace: --break: no record has"), 0U) << trouble;
}

TEST_F(dump_test, shows_chosen_fields_in_columns) {
  options.fields = "number,time,kind,slack,records.type";
  options.filter = "slack || records.type";
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_EQ(out.substr(0, out.find('\n')),
            "number     time            kind            slack      "
            "records.type");
  EXPECT_NE(out.find("3          +0.005000       winner          "
                     "2000000000\n"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("platform.start function\n"), std::string::npos) << out;
}

TEST_F(dump_test, writes_csv_that_can_be_read_back) {
  options.form = dump_form::csv;
  options.fields = "kind,signal,records.time";
  options.filter = "inv==missed && (signal || records.time)";
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_EQ(out, "kind,signal,records.time\n"
                 "winner,runtime_done,\n"
                 "enqueued,,\"t1 t,2\"\n");
}

TEST_F(dump_test, says_where_there_is_nothing) {
  options.filter = "status==999";
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_EQ(trouble, "flushtrace: no record fits what is asked for\n");
  options.filter.clear();
  options.actors = {"nobody"};
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_EQ(trouble, "flushtrace: no record fits what is asked for\n");
  options.event = 99;
  EXPECT_EQ(run(run_dump, options), exit_usage);
  EXPECT_NE(trouble.find("event 99 is not in the trace"), std::string::npos)
      << trouble;
  options.event = 0;
  options.kinds = {"winner", "winer"};
  EXPECT_EQ(run(run_dump, options), exit_usage);
  EXPECT_NE(trouble.find("--kind: 'winer' is none; possible are born exited "),
            std::string::npos)
      << trouble;
}

TEST_F(dump_test, quotes_in_csv_are_doubled) {
  EXPECT_EQ(csv_text("plain"), "plain");
  EXPECT_EQ(csv_text("a \"b\""), "\"a \"\"b\"\"\"");
  EXPECT_EQ(csv_text("a\nb"), "\"a\nb\"");
}

TEST_F(dump_test, writes_chosen_fields_as_json) {
  options.is_json = true;
  options.fields = "number,dt,kind,signal,verdict,records.type,outside";
  options.filter = "signal || records.type";
  EXPECT_EQ(run(run_dump, options), exit_clean);
  std::istringstream lines{out};
  for (std::string line; std::getline(lines, line);)
    EXPECT_FALSE(apm::check_json(line)) << line;
  EXPECT_NE(out.find(R"("dt":5000000,"kind":"winner","signal":)"
                     R"("runtime_done","verdict":"complete",)"
                     R"("records.type":null,"outside":null})"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find(R"("records.type":["platform.start","function"],)"
                     R"("outside":true})"),
            std::string::npos)
      << out;
}

TEST_F(dump_test, refuses_fields_that_are_none) {
  options.fields = "number,nosuch";
  EXPECT_EQ(run(run_dump, options), exit_usage);
  EXPECT_NE(trouble.find("--fields: no record has a field `nosuch`"),
            std::string::npos)
      << trouble;
}

TEST_F(dump_test, an_error_is_nothing_that_a_terminal_obeys) {
  options.fields = "a\033b";
  EXPECT_EQ(run(run_dump, options), exit_usage);
  EXPECT_NE(trouble.find("`a?b`"), std::string::npos) << trouble;
}

TEST_F(dump_test, has_colours_where_they_are_seen_alone) {
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_EQ(out.find('\033'), std::string::npos);
  const auto plain = out;
  std::ostringstream text;
  run_dump(options, streams{text, text, true});
  auto coloured = text.str();
  EXPECT_NE(coloured.find('\033'), std::string::npos);
  for (size_t at = 0; (at = coloured.find('\033')) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) + 1 - at);
  EXPECT_EQ(coloured, plain);
}

TEST_F(dump_test, names_the_fields_of_messages) {
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_NE(out.find("enqueued telemetry_batch(id=0, records=[{time=\"t1\", "
                     "type=\"platform.start\", record=<"),
            std::string::npos)
      << out;
}

TEST_F(dump_test, ls_shows_events_with_such_a_record) {
  auto wanted = options_for(options.paths[0]);
  wanted.filter = "records.type==function";
  EXPECT_EQ(run(run_ls, wanted), exit_missed);
  EXPECT_EQ(out.find("request-1"), std::string::npos);
  EXPECT_NE(out.find("request-2"), std::string::npos);
  wanted.filter = "reason==killed";
  EXPECT_EQ(run(run_ls, wanted), exit_clean);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << "the head";
  EXPECT_EQ(trouble, "flushtrace: no event fits the filter\n");
}

} // namespace
} // namespace flushtrace
