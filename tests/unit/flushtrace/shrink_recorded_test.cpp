// Shrinking recorded traces: what is left misses the same flush for the same
// cause, and is a trace and a test like any other.
#include "tests/unit/flushtrace/documented_members.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/export/export.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"
#include "tools/flushtrace/shrink/recorded_life.hpp"
#include "tools/flushtrace/shrink/recorded_shrinker.hpp"
#include "tools/flushtrace/whatif/whatif_engine.hpp"

#include <algorithm>

namespace flushtrace {
namespace {

/// Its first invocation missed its flush, as the server could not be reached;
/// two events followed.
const std::string recorded = golden_file("full_outbox.syncflush");

struct recorded_test : verb_test {
  int shrink(const std::string& file, const std::string& name = "found") {
    shrink_options options;
    options.paths = {file};
    options.output = folder;
    options.name = name;
    options.is_json = is_json;
    return run(run_shrink, options);
  }

  bool is_json = false;
};

TEST_F(recorded_test, only_what_is_needed_is_left) {
  ASSERT_EQ(shrink(recorded, "outbox"), exit_missed) << trouble;
  const auto least = load(folder + "/outbox.atrc");
  const auto found = find_missed(analyse(least), 0);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->cause, "transport.connect_fail");
  EXPECT_EQ(found->request_id,
            find_missed(analyse(load(recorded)), 0)->request_id);
  const auto arrows = [](const process_trace& of) {
    const std::vector<process_trace> alone{of};
    return world_arrows(show(alone, 0, filter{}).front()).size();
  };
  // Of INVOKE, what the agent sent, and hundreds of requests.
  EXPECT_LE(arrows(least), 10U);
  EXPECT_GT(arrows(load(recorded)), 30U);
  EXPECT_EQ(status_of(replay_process(least, {}, true)), exit_clean);
  EXPECT_EQ(least.content.fact("reason"), "shrunk");
}

/// Whatever was missed in the traces that are kept.
TEST_F(recorded_test, ten_events_are_enough_for_any) {
  size_t missed = 0;
  for (const auto& file : std::filesystem::directory_iterator{GOLDEN_DIR}) {
    if (file.path().extension() != ".atrc")
      continue;
    const auto of = load(file.path().string());
    const auto what = find_missed(analyse(of), 0);
    if (!what)
      continue;
    ++missed;
    const auto least = shrink_recorded(of, *what, {});
    ASSERT_TRUE(least) << file.path() << ": " << least.error().detail;
    const std::vector<process_trace> alone{least.value().life};
    const auto arrows = world_arrows(show(alone, 0, filter{}).front());
    const auto inputs = std::count_if(arrows.begin(), arrows.end(),
                                      [](const auto& x) { return x.is_input; });
    EXPECT_LE(inputs, 10) << file.path();
    const auto report = replay_process(alone.front(), {}, true);
    EXPECT_EQ(status_of(report), exit_clean)
        << file.path() << ": " << text_of(report);
  }
  EXPECT_GE(missed, 15U) << "these scenarios are there for that";
}

TEST_F(recorded_test, its_test_lives_it_again) {
  ASSERT_EQ(shrink(recorded, "outbox"), exit_missed) << trouble;
  std::ifstream file{folder + "/outbox.cpp"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  for (const char* part :
       {"TEST(found_lives, outbox) {\n",
        "/// Lambda to lifecycle_poller: 200, invoke, +0 ns\n",
        "life{FOUND_DIR \"/outbox.atrc\"};\n",
        "life.is_missed(request_id, \"transport.connect_fail\"));\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  const recorded_life life{folder + "/outbox.atrc"};
  EXPECT_EQ(life.trouble(), "");
  const auto id = find_missed(analyse(load(recorded)), 0)->request_id;
  EXPECT_TRUE(life.is_missed(id, "transport.connect_fail"));
  EXPECT_FALSE(life.is_missed(id, "transport.post_timeout"));
  EXPECT_FALSE(life.is_missed("", "transport.connect_fail"));
  EXPECT_NE(recorded_life{folder + "/none.atrc"}.trouble(), "");
}

TEST_F(recorded_test, nothing_is_shrunk_where_nothing_was_missed) {
  EXPECT_EQ(shrink(golden_file("captures.syncflush")), exit_clean);
  EXPECT_NE(out.find("no flush is missed"), std::string::npos);
}

TEST_F(recorded_test, an_event_that_is_not_there_is_not_well) {
  shrink_options options;
  options.paths = {recorded};
  options.event = 99;
  EXPECT_EQ(run(run_shrink, options), exit_usage);
  EXPECT_EQ(out, "");
  EXPECT_NE(trouble.find("event 99 is not in the trace"), std::string::npos)
      << trouble;
}

TEST_F(recorded_test, it_ends_when_its_budget_is_spent) {
  const auto whole = load(golden_file("server_hang.syncflush"));
  const auto what = find_missed(analyse(whole), 0);
  ASSERT_TRUE(what);
  recorded_budget budget;
  budget.lives = 1;
  const auto made = shrink_recorded(whole, *what, budget);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made.value().is_cut_short);
  EXPECT_EQ(made.value().lives, 1U);
  EXPECT_TRUE(has_missed(analyse(made.value().life), *what));
  EXPECT_FALSE(shrink_recorded(whole, *what, {}).value().is_cut_short);
}

TEST_F(recorded_test, other_actors_may_not_miss_it) {
  const missed_flush other{apm::event_kind::invoke, "none", "no.cause", ""};
  const auto made = shrink_recorded(load(recorded), other, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, apm::errc::bad_value);
}

TEST_F(recorded_test, it_is_told_to_programs) {
  is_json = true;
  ASSERT_EQ(shrink(recorded), exit_missed) << trouble;
  EXPECT_EQ(members_of(out), documented_members("shrink"));
}

/// What comes behind a dropped event comes behind the one before it, sooner.
TEST_F(recorded_test, an_invocation_can_be_left_out) {
  const auto of = load(golden_file("demo.syncflush"));
  const auto whole = analyse(of);
  alteration how;
  how.dropped_events = {2};
  const auto life = what_if(of, how);
  ASSERT_TRUE(life) << life.error().detail;
  const auto left = analyse(life.value().trace);
  ASSERT_EQ(left.events.size() + 1, whole.events.size());
  EXPECT_EQ(left.find(1)->facts.request_id, whole.find(1)->facts.request_id);
  EXPECT_EQ(left.find(2)->facts.request_id, whole.find(3)->facts.request_id);
  // What the platform told late of the one that is left out is not there.
  const auto received = left.find(2)->facts.ledger.received;
  EXPECT_GT(received, 0U);
  EXPECT_LE(received, whole.find(3)->facts.ledger.received);
  EXPECT_LT(left.find(2)->facts.begin.ns, whole.find(3)->facts.begin.ns);
}

} // namespace
} // namespace flushtrace
