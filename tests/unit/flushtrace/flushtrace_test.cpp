// flushtrace's verbs over traces of a real recorder: what they print, and their
// exit status.
#include "runtime/formats/base64.hpp"
#include "runtime/formats/json_value.hpp"
#include "runtime/trace/ring_file.hpp"
#include "runtime/trace/trace_folder.hpp"
#include "tests/unit/flushtrace/support.hpp"

namespace flushtrace {
namespace {

TEST_F(flushtrace_test, ls_has_a_row_for_each_event) {
  event(1, 0);
  event(2, 2);
  const auto file = save("a.atrc", segment());
  EXPECT_EQ(run(run_ls, options_for(file)), exit_missed);
  EXPECT_NE(out.find("request-1"), std::string::npos);
  EXPECT_NE(out.find("2026-11-22T12:00:00.000Z  runtime_done       2.500"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("    5     3     1     1  complete\n"), std::string::npos)
      << out;
  EXPECT_NE(out.find("delayed\n"), std::string::npos);
  EXPECT_EQ(run(run_ls, options_for(file, true)), exit_missed);
  EXPECT_NE(out.find(R"("held_ms":2.5,"received":5,"accepted":3,"dropped":1,)"
                     R"("held":1,"verdict":"delayed")"),
            std::string::npos)
      << out;
}

TEST_F(flushtrace_test, ls_ends_with_0_where_nothing_was_missed) {
  event(1, 0);
  EXPECT_EQ(run(run_ls, options_for(save("a.atrc", segment()))), exit_clean);
}

TEST_F(flushtrace_test, ls_tells_processes_apart) {
  event(1, 0);
  auto options = options_for(save("a.atrc", segment()));
  EXPECT_EQ(run(run_ls, options), exit_clean);
  EXPECT_EQ(out.find("process"), std::string::npos) << out;
  options.paths.push_back(golden_file("function_timeout.syncflush"));
  EXPECT_EQ(run(run_ls, options), exit_clean);
  EXPECT_NE(out.find("flush\nprocess 7, started 2026-11-22T12:00:00.000Z\n"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("complete\nprocess 26354, started 2026-"),
            std::string::npos)
      << out;
  options.filter = "request_id~^request-1";
  EXPECT_EQ(run(run_ls, options), exit_clean);
  EXPECT_EQ(out.find("process 26354"), std::string::npos) << out;
  options.is_json = true;
  EXPECT_EQ(run(run_ls, options), exit_clean);
  EXPECT_EQ(out.find(R"({"schema_version":1,"process":7,)"
                     R"("started":"2026-11-22T12:00:00.000Z","event":1,)"),
            0U)
      << out;
}

TEST_F(flushtrace_test, info_says_what_there_is) {
  recorder.define(apm::trace::entry_kind::fact, 0, 0, "version=1.2.3");
  recorder.define(apm::trace::entry_kind::configuration, 0, 0, "A=b");
  event(1, 2);
  recorder.seal();
  const auto ring = save("some.ring", memory.image());
  EXPECT_EQ(run(run_info, options_for(ring)), exit_clean);
  for (const char* text :
       {"process 7, started 2026-11-22T12:00:00.000Z, ended in good order",
        "version        1.2.3", "events         1, 1 with a missed flush",
        "setting        A=b", "0 slots overwritten, 0 records torn"})
    EXPECT_NE(out.find(text), std::string::npos) << text << " in\n" << out;
  EXPECT_EQ(run(run_info, options_for(ring, true)), exit_clean);
  EXPECT_FALSE(apm::check_json(out.substr(0, out.size() - 1))) << out;
}

TEST_F(flushtrace_test, dump_has_a_line_for_each_record) {
  event(3, 0);
  event(4, 0);
  const auto file = save("a.atrc", segment());
  dump_options options;
  options.paths = {file};
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_NE(out.find("1  +0.000000  coordinator  handled\n"), std::string::npos)
      << out;
  EXPECT_NE(out.find("+0.005000  coordinator  winner  event=3, "
                     "signal=runtime_done, slack=2000000000  <- 1\n"),
            std::string::npos)
      << out;
  options.event = 4;
  options.kinds = {"winner", "ledger"};
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2) << out;
  options.actors = {"nobody"};
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_EQ(out, "");
}

TEST_F(flushtrace_test, dump_gives_sound_json) {
  event(1, 2);
  const auto ring = save("some.ring", memory.image());
  dump_options options;
  options.paths = {ring};
  options.is_json = true;
  EXPECT_EQ(run(run_dump, options), exit_clean);
  std::istringstream lines{out};
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_FALSE(apm::check_json(line)) << line;
  EXPECT_EQ(count, 5U);
  EXPECT_NE(out.find(R"("fields":{"event":1,"signal":1,"slack":2000000000}})"),
            std::string::npos)
      << out;
}

TEST_F(flushtrace_test, puts_the_parts_of_a_trace_together) {
  event(1, 2);
  const auto middle = recorder.ring().next_sequence();
  event(2, 0);
  save("apm-lambda-extension-1-1.atrc", segment({1, middle + 1}));
  save("apm-lambda-extension-1-2.atrc", segment({middle, UINT64_MAX}));
  save("apm-lambda-extension.ring", memory.image());
  const auto found = load_traces({folder});
  ASSERT_EQ(found.processes.size(), 1U);
  const auto whole = apm::trace::read_ring(memory.image());
  ASSERT_EQ(found.processes[0].content.records.size(),
            whole.value().records.size());
  for (size_t i = 0; i < whole.value().records.size(); ++i)
    EXPECT_EQ(found.processes[0].content.records[i].payload,
              whole.value().records[i].payload);
  EXPECT_EQ(found.processes[0].files.size(), 3U);
}

TEST_F(flushtrace_test, what_cannot_be_read_is_named) {
  const auto file = save("a.atrc", "nonsense");
  EXPECT_EQ(run(run_ls, options_for(file)), exit_unreadable);
  EXPECT_NE(trouble.find("a.atrc"), std::string::npos);
  const auto none = folder + "/none";
  EXPECT_EQ(run(run_info, options_for(none)), exit_unreadable);
  EXPECT_EQ(trouble, "flushtrace: " + none + ": No such file or directory\n");
  EXPECT_EQ(run(run_info, options_for(folder)), exit_unreadable)
      << "a.atrc has no name of ours";
}

TEST_F(flushtrace_test, salvage_makes_a_segment_of_a_ring) {
  event(1, 0);
  const auto ring = save("some.ring", memory.image());
  EXPECT_EQ(run(run_salvage, salvage_options{ring, folder + "/out.atrc"}),
            exit_clean);
  EXPECT_EQ(run(run_ls, options_for(folder + "/out.atrc")), exit_clean);
  EXPECT_NE(out.find("request-1"), std::string::npos);
  EXPECT_EQ(run(run_salvage, salvage_options{save("x", "no ring"), ""}),
            exit_unreadable);
  EXPECT_EQ(run(run_salvage, salvage_options{ring, folder + "/none/x.atrc"}),
            exit_usage);
}

// -- extract ------------------------------------------------------------------

/// A line of the extension's log, as tracer_port writes it.
std::string log_line(const std::string& name, int part, int parts,
                     const std::string& text) {
  return R"({"@timestamp":"2026-11-22T12:00:00Z","message":"trace of a missed )"
         R"(flush","trace.event":17,"trace.file":")"
         + name + R"(","trace.part":)" + std::to_string(part)
         + R"(,"trace.parts":)" + std::to_string(parts)
         + R"(,"trace.segment":")" + text + "\"}";
}

struct extract_test : flushtrace_test {
  extract_test() {
    event(17, 2);
    whole = segment();
    text = apm::encode_base64(whole);
  }

  int extract(const std::string& log) {
    return run(run_extract, extract_options{{save("log", log)}, folder});
  }

  std::string extracted(const std::string& file) const {
    const auto content = apm::trace::read_file(folder + "/" + file, 1 << 20);
    return content ? content.value() : "";
  }

  const std::string name = "apm-lambda-extension-01795348800000-0000017.atrc";
  std::string whole;
  std::string text;
};

TEST_F(extract_test, finds_segments_between_other_lines) {
  const auto log = "START RequestId: 1\n2026-11-22T12:00:00Z\t"
                   + log_line("/tmp/" + name, 1, 1, text) + "\nEND\n";
  EXPECT_EQ(extract(log), exit_clean) << trouble;
  EXPECT_EQ(extracted(name), whole);
  EXPECT_EQ(out, folder + '/' + name + '\n');
}

TEST_F(extract_test, puts_parts_together_in_their_order) {
  const auto half = text.size() / 2;
  EXPECT_EQ(extract(log_line(name, 2, 2, text.substr(half)) + '\n'
                    + log_line(name, 1, 2, text.substr(0, half)) + '\n'),
            exit_clean)
      << trouble;
  EXPECT_EQ(extracted(name), whole);
}

TEST_F(extract_test, looks_into_other_json) {
  std::string inner = R"({"timestamp":1,"message":)";
  std::string quoted;
  for (const char c : log_line(name, 1, 1, text))
    quoted += c == '"' ? std::string{"\\\""} : std::string{c};
  EXPECT_EQ(extract(inner + '"' + quoted + "\"}\n"), exit_clean) << trouble;
  EXPECT_EQ(extracted(name), whole);
}

TEST_F(extract_test, says_what_is_missing_or_damaged) {
  EXPECT_EQ(extract("nothing\n"), exit_unreadable);
  EXPECT_EQ(extract(log_line(name, 1, 2, text) + '\n'), exit_unreadable);
  EXPECT_NE(trouble.find("1 of 2 parts"), std::string::npos);
  EXPECT_EQ(extract(log_line(name, 1, 1, text.substr(4)) + '\n'),
            exit_unreadable);
  EXPECT_EQ(extract(log_line(name, 0, 0, "") + '\n'), exit_unreadable);
  EXPECT_EQ(extracted(name), "");
}

TEST_F(extract_test, writes_nowhere_else) {
  for (const std::string bad :
       {"/tmp/../../evil", "..", "/x/.atrc", "a b.atrc"})
    EXPECT_EQ(extract(log_line(bad, 1, 1, text) + '\n'), exit_unreadable)
        << bad;
}

} // namespace
} // namespace flushtrace
