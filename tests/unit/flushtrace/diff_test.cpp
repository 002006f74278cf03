// diff: steps of two traces stand against each other by cause, whatever their
// times, numbers and order are.
#include "runtime/trace/wire.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/diff/diff_report.hpp"
#include "tools/flushtrace/diff/diff_verb.hpp"

#include <algorithm>

namespace flushtrace {
namespace {

const std::string demo_file = golden_file("demo.syncflush");

/// Takes a record out, and all that came of it.
size_t remove_with_effects(process_trace& from, uint64_t sequence) {
  auto& all = from.content.records;
  std::set<uint64_t> gone{sequence};
  for (const auto& x : all)
    if (gone.count(x.cause) > 0)
      gone.insert(x.sequence);
  all.erase(std::remove_if(
                all.begin(), all.end(),
                [&](const record& x) { return gone.count(x.sequence) > 0; }),
            all.end());
  return gone.size();
}

TEST(diff, a_trace_is_the_same_as_itself) {
  const auto trace = load(demo_file);
  const auto found = compare_traces(trace, trace, {});
  EXPECT_FALSE(found.is_different());
  EXPECT_EQ(found.both, trace.content.records.size());
  EXPECT_TRUE(found.events.empty());
  EXPECT_TRUE(found.settings.empty());
}

TEST(diff, numbers_and_times_do_not_count) {
  const auto trace = load(demo_file);
  auto moved = trace;
  for (auto& x : moved.content.records) {
    x.sequence = x.sequence * 2 + 1000;
    x.cause = x.cause == 0 ? 0 : x.cause * 2 + 1000;
    x.time_ns = x.time_ns * 2;
  }
  const auto found = compare_traces(trace, moved, {});
  EXPECT_FALSE(found.is_different()) << diff_in_text(found, {});
  EXPECT_EQ(found.both, trace.content.records.size());
}

TEST(diff, tells_durations_beyond_the_threshold) {
  const auto trace = load(demo_file);
  auto slow = trace;
  const auto begin = find(slow, record_kind::flush_end).time_ns;
  for (auto& x : slow.content.records)
    x.time_ns += x.time_ns >= begin ? 80'000'000 : 0;
  auto found = compare_traces(trace, slow, {});
  EXPECT_FALSE(found.is_different());
  ASSERT_FALSE(found.events.empty());
  const auto& first = found.events.front();
  EXPECT_EQ(first.a, 1U);
  const auto held =
      std::find_if(first.durations.begin(), first.durations.end(),
                   [](const auto& x) { return x.what == "held"; });
  ASSERT_NE(held, first.durations.end());
  EXPECT_EQ(held->b - held->a, 80'000'000);
  diff_settings settings;
  settings.threshold_ns = 80'000'001;
  EXPECT_TRUE(compare_traces(trace, slow, settings).events.empty());
}

TEST(diff, tells_the_first_difference_of_an_actor_with_its_ancestors) {
  const auto trace = load(demo_file);
  auto other = trace;
  const std::string by_runtime_done("\x01\x01\x02", 3); // event, signal, slack
  auto& winner = find(other, record_kind::winner);
  winner.payload = by_runtime_done;
  const auto found = compare_traces(trace, other, {});
  ASSERT_TRUE(found.is_different());
  ASSERT_EQ(found.actors.size(), 1U);
  const auto& actor = found.actors.front();
  EXPECT_EQ(actor.actor, "coordinator");
  EXPECT_EQ(actor.changed, 1U);
  ASSERT_EQ(actor.first.fields.size(), 1U) << "slack is a time";
  EXPECT_EQ(actor.first.fields[0].field, "signal");
  EXPECT_EQ(actor.first.fields[0].expected, "agent_flushed");
  EXPECT_EQ(actor.first.fields[0].got, "runtime_done");
  ASSERT_FALSE(actor.a_ancestors.empty());
  EXPECT_EQ(actor.a_ancestors.front(), winner.cause);
}

TEST(diff, what_one_alone_has_does_not_move_what_follows) {
  const auto trace = load(demo_file);
  auto less = trace;
  const apm::trace::schema_book book{less.content};
  const auto intake = std::find_if(
      less.content.records.begin(), less.content.records.end(),
      [&](const record& x) { return book.type_of(x) == "agent_intake"; });
  ASSERT_NE(intake, less.content.records.end());
  const auto top = intake->sequence;
  const auto gone = remove_with_effects(less, top);
  const auto found = compare_traces(trace, less, {});
  EXPECT_TRUE(found.changed.empty()) << diff_in_text(found, {});
  EXPECT_EQ(found.a_steps, gone);
  EXPECT_EQ(found.b_steps, 0U);
  EXPECT_EQ(found.both, trace.content.records.size() - gone);
}

TEST(diff, a_step_of_b_alone_can_be_the_first_difference) {
  const auto trace = load(demo_file);
  auto less = trace;
  const std::string other_signal("\x03\x02\x02", 3); // deadline
  const auto removed = find(less, record_kind::winner, 0).sequence;
  remove_with_effects(less, removed);
  find(less, record_kind::winner, 1).payload = other_signal; // of event 3
  const auto found = compare_traces(less, trace, {});
  ASSERT_EQ(found.actors.size(), 1U) << diff_in_text(found, {});
  ASSERT_NE(found.actors[0].first.at->b, nullptr);
  EXPECT_EQ(found.actors[0].first.at->b->sequence, removed);
  EXPECT_EQ(found.actors[0].only_b, 1U);
  EXPECT_EQ(found.actors[0].changed, 1U);
}

struct diff_verb : flushtrace_test {
  diff_options options(std::vector<std::string> paths) {
    diff_options x;
    x.paths = std::move(paths);
    return x;
  }
};

TEST_F(diff_verb, tells_two_servers_apart) {
  const auto with = options({golden_file("server_503.syncflush"),
                             golden_file("server_429.syncflush")});
  EXPECT_EQ(run(run_diff, with), exit_divergence);
  EXPECT_NE(out.find("transport.server_5xx | transport.rate_limited_429"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("status: 503 | 429"), std::string::npos) << out;
  auto as_json = with;
  as_json.is_json = true;
  EXPECT_EQ(run(run_diff, as_json), exit_divergence);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
  EXPECT_NE(out.find("\"result\":\"different\""), std::string::npos) << out;
}

TEST_F(diff_verb, compares_one_event_with_another) {
  auto with = options({golden_file("server_503.syncflush"),
                       golden_file("server_503.syncflush")});
  with.events = "1:2";
  EXPECT_EQ(run(run_diff, with), exit_divergence);
  EXPECT_NE(out.find("event 1 | 2"), std::string::npos) << out;
  EXPECT_NE(out.find("202 | 503"), std::string::npos) << out;
  with.events = "2";
  EXPECT_EQ(run(run_diff, with), exit_clean) << out;
}

TEST_F(diff_verb, an_event_that_is_not_there_is_not_the_same) {
  const auto file = golden_file("server_503.syncflush");
  auto with = options({file, file});
  with.events = "99";
  EXPECT_EQ(run(run_diff, with), exit_usage);
  EXPECT_EQ(trouble, "flushtrace: event 99 is not in A: flushtrace ls shows "
                     "which are\n");
  with.events = "1:99";
  EXPECT_EQ(run(run_diff, with), exit_usage);
  EXPECT_NE(trouble.find("is not in B"), std::string::npos) << trouble;
  with = options({file});
  with.events = "99";
  with.is_replay = true;
  EXPECT_EQ(run(run_diff, with), exit_usage);
  EXPECT_EQ(out, "");
}

TEST_F(diff_verb, every_golden_trace_is_its_replay) {
  auto with = options({golden_file("server_hang.syncflush")});
  with.is_replay = true;
  EXPECT_EQ(run(run_diff, with), exit_clean) << out;
  EXPECT_NE(out.find("same: "), std::string::npos) << out;
}

/// As if the actors were others now: the replay parts from the trace, goes on
/// to its end, and all that differs is told.
TEST_F(diff_verb, a_replay_goes_on_behind_the_first_difference) {
  auto trace = load(demo_file);
  const std::string first_payload("\x01\x01\x02", 3);
  const std::string later_payload("\x03\x01\x02", 3);
  find(trace, record_kind::winner, 0).payload = first_payload;
  find(trace, record_kind::winner, 2).payload = later_payload;
  const auto path =
      save("other.atrc", apm::trace::write_segment(trace.content).value());
  auto with = options({path});
  with.is_replay = true;
  EXPECT_EQ(run(run_diff, with), exit_divergence);
  EXPECT_NE(out.find("different: 2 steps of "), std::string::npos) << out;
  EXPECT_NE(out.find(" in both, 0 only in A, 0 only in B\n"), std::string::npos)
      << out;
  EXPECT_NE(out.find("they part at record"), std::string::npos) << out;
}

TEST_F(diff_verb, refuses_what_it_cannot_use) {
  EXPECT_EQ(run(run_diff, options({demo_file})), exit_usage);
  auto with = options({demo_file, demo_file});
  with.events = "x";
  EXPECT_EQ(run(run_diff, with), exit_usage);
  with.events = "";
  with.threshold = "50";
  EXPECT_EQ(run(run_diff, with), exit_usage);
  EXPECT_NE(trouble.find("--threshold"), std::string::npos) << trouble;
  EXPECT_EQ(run(run_diff, options({demo_file, save("no.atrc", "no")})),
            exit_unreadable);
}

TEST_F(diff_verb, what_has_no_begin_cannot_be_replayed) {
  event(1, 0);
  event(2, 1);
  const auto path = save("part.atrc", segment({5, UINT64_MAX}));
  auto with = options({path});
  with.is_replay = true;
  EXPECT_EQ(run(run_diff, with), exit_undecidable);
}

} // namespace
} // namespace flushtrace
