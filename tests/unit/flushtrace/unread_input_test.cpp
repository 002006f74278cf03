// What cannot be read beside what can: verbs say what they found, and their
// exit status says that it is not all.
#include "runtime/trace/trace_folder.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/diff/diff_verb.hpp"

#include <functional>
#include <map>

namespace flushtrace {
namespace {

/// A trace of which nothing was missed, and what is wrong beside it.
struct unread_input_test : verb_test {
  unread_input_test() {
    const auto content =
        apm::trace::read_file(golden_file("server_503.syncflush"), 1 << 20);
    auto flipped = content.value();
    flipped[flipped.size() / 2] ^= 1;
    wrong = {save("flipped.atrc", flipped),
             save("short.atrc",
                  content.value().substr(0, content.value().size() / 2)),
             folder + "/nosuch"};
  }

  template <class Options>
  Options with(const std::string& file, Options x = {}) const {
    x.paths = {clean, file};
    return x;
  }

  const std::string clean = golden_file("function_timeout.syncflush");
  std::vector<std::string> wrong;
};

TEST_F(unread_input_test, is_no_clean_end) {
  using verb = std::function<int(const std::string&)>;
  slice_options slice;
  redact_options redact;
  slice.output = redact.output = folder + "/made.atrc";
  timeline_options timeline;
  timeline.output = "-";
  export_options exported;
  exported.format = "ecs";
  summary_options gate;
  gate.fail_on = {"any"};
  explain_options rules;
  rules.is_proved = false;
  explore_options orders;
  orders.schedules = 1;
  const std::map<std::string, verb> verbs = {
      {"info", [&](auto& x) { return run(run_info, with<trace_options>(x)); }},
      {"ls", [&](auto& x) { return run(run_ls, with<trace_options>(x)); }},
      {"dump", [&](auto& x) { return run(run_dump, with<dump_options>(x)); }},
      {"explain", [&](auto& x) { return run(run_explain, with(x, rules)); }},
      {"summary", [&](auto& x) { return run(run_summary, with(x, gate)); }},
      {"slice", [&](auto& x) { return run(run_slice, with(x, slice)); }},
      {"redact", [&](auto& x) { return run(run_redact, with(x, redact)); }},
      {"export", [&](auto& x) { return run(run_export, with(x, exported)); }},
      {"timeline",
       [&](auto& x) { return run(run_timeline, with(x, timeline)); }},
      {"replay",
       [&](auto& x) { return run(run_replay, with<replay_options>(x)); }},
      {"verify",
       [&](auto& x) { return run(run_verify, with<verify_options>(x)); }},
      {"whatif",
       [&](auto& x) { return run(run_whatif, with<whatif_options>(x)); }},
      {"explore",
       [&](auto& x) { return run(run_explore_recorded, with(x, orders)); }},
      {"shrink",
       [&](auto& x) { return run(run_shrink, with<shrink_options>(x)); }},
  };
  for (const auto& file : wrong)
    for (const auto& [name, live] : verbs)
      EXPECT_EQ(live(file), exit_unreadable) << name << ' ' << file;
}

TEST_F(unread_input_test, is_told_by_diff_and_sweep) {
  const auto copy = folder + "/both";
  std::filesystem::create_directory(copy);
  std::filesystem::copy(clean, copy + "/a.atrc");
  std::filesystem::copy(wrong[0], copy + "/b.atrc");
  diff_options both;
  both.paths = {clean, copy};
  EXPECT_EQ(run(run_diff, both), exit_unreadable) << out;
  both.paths = {copy, clean};
  EXPECT_EQ(run(run_diff, both), exit_unreadable) << out;
  both.paths = {copy};
  both.is_replay = true;
  EXPECT_EQ(run(run_diff, both), exit_unreadable) << out;
  sweep_options range;
  range.parameter = "margin";
  range.values = {"200ms"};
  EXPECT_EQ(run(run_sweep, with(wrong[0], range)), exit_unreadable) << out;
}

TEST_F(unread_input_test, leaves_what_is_worse_as_it_is) {
  explain_options rules;
  rules.is_proved = false;
  rules.paths = {golden_file("server_503.syncflush"), wrong[0]};
  EXPECT_EQ(run(run_explain, rules), exit_missed);
}

TEST_F(unread_input_test, is_a_folder_without_a_trace_for_verify) {
  std::filesystem::create_directory(folder + "/empty");
  EXPECT_EQ(run(run_verify, with<verify_options>(folder + "/empty")),
            exit_unreadable);
}

} // namespace
} // namespace flushtrace
