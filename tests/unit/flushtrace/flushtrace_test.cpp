// flushtrace's verbs over traces of a real recorder: what they print, and their
// exit status.
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
  EXPECT_EQ(run(run_info, options_for(folder)), exit_unreadable);
  EXPECT_NE(trouble.find("/a.atrc: "), std::string::npos) << trouble;
}

TEST_F(flushtrace_test, a_folder_stands_for_all_traces_in_it) {
  event(1, 2);
  const auto middle = recorder.ring().next_sequence();
  event(2, 0);
  save("apm-lambda-extension-1-1.atrc", segment({1, middle + 1}));
  save("mine.atrc", segment({middle, UINT64_MAX}));
  save("other.ring", memory.image());
  save("apm-lambda-extension.ring.left", memory.image());
  save("apm-lambda-extension-1-3.atrc.new", "of one that is being written");
  save("notes.txt", "no trace");
  std::filesystem::create_directory(folder + "/folder.atrc");
  save("folder.atrc/deeper.atrc", "not of the folder itself");
  const auto found = load_traces({folder});
  EXPECT_TRUE(found.problems.empty())
      << found.problems[0].file << found.problems[0].what;
  ASSERT_EQ(found.processes.size(), 1U);
  EXPECT_EQ(found.processes[0].files,
            (std::vector<std::string>{
                folder + "/apm-lambda-extension-1-1.atrc",
                folder + "/apm-lambda-extension.ring.left",
                folder + "/mine.atrc", folder + "/other.ring"}));
}

// As whatif, explore and redact write them: of the same process.
TEST_F(flushtrace_test, a_changed_life_beside_the_recorded_one_is_another) {
  const auto source = golden_file("server_503.syncflush");
  std::filesystem::copy_file(source, folder + "/b.atrc");
  whatif_options whatif;
  whatif.paths = {source};
  whatif.changes = {"server_status=202"};
  whatif.output = folder + "/a.atrc";
  run(run_whatif, whatif);
  slice_options slice;
  slice.paths = {source};
  slice.output = folder + "/c.atrc";
  slice.events = "2..3";
  ASSERT_EQ(run(run_slice, slice), exit_clean);
  const auto found = load_traces({folder});
  ASSERT_EQ(found.processes.size(), 2U);
  EXPECT_EQ(found.processes[0].files,
            std::vector<std::string>{folder + "/a.atrc"});
  EXPECT_EQ(found.processes[1].files,
            (std::vector<std::string>{folder + "/b.atrc", folder + "/c.atrc"}));
  EXPECT_EQ(found.processes[1].content.records.size(),
            load(source).content.records.size());
}

TEST_F(flushtrace_test, what_salvage_makes_is_found_in_its_folder) {
  event(1, 0);
  const auto ring = save("apm-lambda-extension.ring.left", memory.image());
  ASSERT_EQ(run(run_salvage, salvage_options{ring, ""}), exit_clean);
  const auto made = out.substr(0, out.find(": "));
  std::filesystem::remove(ring);
  EXPECT_EQ(load_traces({folder}).processes.at(0).files,
            std::vector<std::string>{made});
}

TEST_F(flushtrace_test, a_folder_without_a_trace_is_told_of) {
  save("notes.txt", "no trace");
  EXPECT_EQ(run(run_info, options_for(folder)), exit_unreadable);
  EXPECT_EQ(trouble,
            "flushtrace: " + folder + ": holds no trace: *.atrc, *.ring\n");
}

TEST_F(flushtrace_test, the_golden_folder_is_read_as_a_whole) {
  const auto found = load_traces({GOLDEN_DIR});
  EXPECT_TRUE(found.problems.empty())
      << found.problems[0].file << found.problems[0].what;
  size_t files = 0;
  for (const auto& each : std::filesystem::directory_iterator{GOLDEN_DIR})
    files += each.path().extension() == ".atrc" ? 1 : 0;
  EXPECT_EQ(found.processes.size(), files);
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
  EXPECT_EQ(trouble, "flushtrace: " + folder + "/x: is no ring of a trace\n");
  EXPECT_EQ(run(run_salvage, salvage_options{folder + "/none", ""}),
            exit_unreadable);
  EXPECT_EQ(trouble,
            "flushtrace: " + folder + "/none: No such file or directory\n");
  EXPECT_EQ(run(run_salvage, salvage_options{ring, folder + "/none/x.atrc"}),
            exit_usage);
}

} // namespace
} // namespace flushtrace
