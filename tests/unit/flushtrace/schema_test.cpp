// The output of --json has the members that the manual names, and no others.
// A verb of its own file's tests is checked there.
#include "runtime/formats/base64.hpp"
#include "tests/unit/flushtrace/documented_members.hpp"
#include "tests/unit/flushtrace/support.hpp"

namespace flushtrace {
namespace {

struct schema_test : flushtrace_test {
  schema_test() {
    recorder.define(apm::trace::entry_kind::fact, 0, 0, "version=1.2.3");
    recorder.define(apm::trace::entry_kind::fact, 0, 0, "payload=shape");
    recorder.define(apm::trace::entry_kind::fact, 0, 0, "reason=asked");
    event(1, 0);
    event(2, 2);
    apm::telemetry_batch batch;
    message("telemetry_batch", 2, batch, actor);
    auto payload = recorder.payload(); // urgent, from outside, and cut
    payload.u(2);
    payload.byte(3);
    recorder.record(record_kind::enqueued, actor, 1, payload.written());
    source = save("a.atrc", segment());
  }

  std::string source;
};

TEST_F(schema_test, info_has_the_documented_members) {
  EXPECT_EQ(run(run_info, options_for(source, true)), exit_clean);
  EXPECT_EQ(members_of(out), documented_members("info"));
}

TEST_F(schema_test, ls_has_the_documented_members) {
  EXPECT_EQ(run(run_ls, options_for(source, true)), exit_missed);
  EXPECT_EQ(members_of(out), documented_members("ls"));
}

TEST_F(schema_test, dump_has_the_documented_members) {
  dump_options options;
  options.paths = {source};
  options.is_json = true;
  EXPECT_EQ(run(run_dump, options), exit_clean);
  EXPECT_EQ(members_of(out), documented_members("dump"));
}

TEST_F(schema_test, what_writes_a_file_has_the_documented_members) {
  slice_options slice;
  slice.paths = {source};
  slice.output = folder + "/out.atrc";
  slice.is_json = true;
  EXPECT_EQ(run(run_slice, slice), exit_clean);
  EXPECT_EQ(members_of(out), documented_members("slice"));
  redact_options redact;
  redact.paths = {source};
  redact.output = folder + "/out.atrc";
  redact.is_json = true;
  EXPECT_EQ(run(run_redact, redact), exit_clean);
  EXPECT_EQ(members_of(out), documented_members("redact"));
  salvage_options salvage;
  salvage.ring = save("some.ring", memory.image());
  salvage.is_json = true;
  EXPECT_EQ(run(run_salvage, salvage), exit_clean);
  EXPECT_EQ(members_of(out), documented_members("salvage"));
}

TEST_F(schema_test, pages_and_exports_have_the_documented_members) {
  timeline_options page;
  page.paths = {source};
  page.output = folder + "/page.html";
  page.is_json = true;
  EXPECT_EQ(run(run_timeline, page), exit_clean) << trouble;
  EXPECT_EQ(members_of(out), documented_members("timeline"));
  export_options other;
  other.paths = {source};
  other.format = "perfetto";
  other.output = folder + "/trace.json";
  other.is_json = true;
  EXPECT_EQ(run(run_export, other), exit_clean) << trouble;
  EXPECT_EQ(members_of(out), documented_members("export"));
  other.event = 77;
  EXPECT_EQ(run(run_export, other), exit_usage);
  EXPECT_NE(trouble.find("no such event"), std::string::npos) << trouble;
}

TEST_F(schema_test, extract_has_the_documented_members) {
  extract_options options;
  options.logs = {
      save("log", R"({"message":"trace of a missed flush","trace.event":1,)"
                  R"("trace.file":"x-1.atrc","trace.part":1,"trace.parts":1,)"
                  R"("trace.segment":")"
                      + apm::encode_base64(segment()) + "\"}\n")};
  options.folder = folder;
  options.is_json = true;
  EXPECT_EQ(run(run_extract, options), exit_clean) << trouble;
  EXPECT_EQ(members_of(out), documented_members("extract"));
}

/// Of a trace that is exact, one that is not, and one that cannot be replayed.
TEST_F(schema_test, replay_and_verify_have_the_documented_members) {
  const auto golden = golden_file("demo.syncflush");
  auto changed = load(golden);
  const std::string slack("\x01\x00\x02", 3);
  find(changed, record_kind::winner).payload = slack;
  const auto other =
      save("other.atrc", apm::trace::write_segment(changed.content).value());
  replay_options replay;
  replay.paths = {golden, source};
  replay.is_json = true;
  replay.until = 100;
  EXPECT_EQ(run(run_replay, replay), exit_undecidable);
  auto seen = members_of(out);
  verify_options verify;
  verify.paths = {other};
  verify.is_json = true;
  EXPECT_EQ(run(run_verify, verify), exit_divergence);
  seen.merge(members_of(out));
  EXPECT_EQ(seen, documented_members("replay"));
  EXPECT_EQ(seen, documented_members("verify"));
}

TEST_F(schema_test, explore_has_the_documented_members) {
  explore_options options;
  options.schedules = 1;
  options.is_json = true;
  EXPECT_EQ(run(run_explore, options), exit_clean);
  EXPECT_EQ(members_of(out), documented_members("explore"));
}

TEST_F(schema_test, selfcheck_has_the_documented_members) {
  selfcheck_options options;
  options.kills = 0;
  options.records = 1000;
  options.is_json = true;
  EXPECT_EQ(run(run_selfcheck, options), exit_clean);
  auto expected = documented_members("selfcheck");
  EXPECT_EQ(expected.erase("problem"), 1U) << "where there was one";
  EXPECT_EQ(members_of(out), expected);
}

} // namespace
} // namespace flushtrace
