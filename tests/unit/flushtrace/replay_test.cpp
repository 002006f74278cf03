// Replaying recorded runs: exact where nothing has changed; where something
// has, the first difference, with both values, what brought it about, and why.
#include "runtime/trace/wire.hpp"
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/replay/junit.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"

#include <algorithm>
#include <memory>
#include <random>

namespace flushtrace {
namespace {

using apm::trace::entry_kind;

const std::string golden_demo = golden_file("demo.syncflush");

process_trace demo() {
  return load(golden_demo);
}

replay_report replay_of(const process_trace& x) {
  return replay_process(x, {}, false);
}

TEST(replay, does_it_again_exactly) {
  const auto trace = demo();
  const auto report = replay_process(trace, {}, true);
  EXPECT_FALSE(report.outcome.first) << text_of(report);
  EXPECT_EQ(report.outcome.records, trace.content.records.size());
  EXPECT_EQ(report.outcome.events, 5U) << "four invocations and SHUTDOWN";
  EXPECT_TRUE(report.was_twice);
  EXPECT_EQ(status_of(report), exit_clean);
}

TEST(replay, leaves_a_trace_like_the_original) {
  const auto trace = demo();
  const auto run = prepare_run(trace);
  ASSERT_TRUE(run);
  replay_settings settings;
  settings.keeps_trace = true;
  const auto outcome = replay(run.value(), settings);
  process_trace again;
  again.content = apm::trace::read_ring(outcome.image).value();
  ASSERT_EQ(again.content.records.size(), trace.content.records.size());
  for (size_t i = 0; i < again.content.records.size(); ++i) {
    const auto& x = trace.content.records[i];
    const auto& y = again.content.records[i];
    ASSERT_EQ(x.kind, y.kind) << x.sequence;
    ASSERT_EQ(x.time_ns, y.time_ns) << x.sequence;
    ASSERT_EQ(trace.content.name_of(x.actor), again.content.name_of(y.actor));
  }
}

/// As if an actor had another constant now than when it was recorded.
TEST(replay, tells_the_first_effect_that_differs_with_both_values) {
  auto trace = demo();
  const std::string slack("\x01\x00\x02", 3); // event 1, agent_flushed, 1 ns
  auto& winner = find(trace, record_kind::winner);
  winner.payload = slack;
  const auto report = replay_of(trace);
  ASSERT_TRUE(report.outcome.first);
  const auto& first = *report.outcome.first;
  EXPECT_EQ(first.kind, divergence_kind::different);
  EXPECT_EQ(first.expected->sequence, winner.sequence);
  ASSERT_EQ(first.fields.size(), 1U);
  EXPECT_EQ(first.fields[0].field, "slack");
  EXPECT_EQ(first.fields[0].expected, "1");
  EXPECT_GT(std::stoll(first.fields[0].got), 1'000'000'000);
  ASSERT_FALSE(first.ancestors.empty());
  EXPECT_EQ(first.ancestors.front(), winner.cause);
  // Up to the agent's request, which came from outside.
  const auto& all = trace.content.records;
  const auto origin =
      std::find_if(all.begin(), all.end(), [&](const record& x) {
        return x.sequence == first.ancestors.back();
      });
  ASSERT_NE(origin, all.end());
  EXPECT_EQ(origin->cause, 0U);
  EXPECT_EQ(report.why, divergence_class::code_changed);
  EXPECT_EQ(status_of(report), exit_divergence);
  const auto text = text_of(report);
  EXPECT_NE(text.find("slack: expected 1, got "), std::string::npos) << text;
  EXPECT_NE(text.find("classified as code changed"), std::string::npos);
}

TEST(replay, tells_of_another_message) {
  auto trace = demo();
  auto& set = find(trace, "timer_set");
  auto& cancel = find(trace, "timer_cancel");
  set.payload = cancel.payload;
  const auto report = replay_of(trace);
  ASSERT_TRUE(report.outcome.first);
  EXPECT_EQ(report.outcome.first->expected->sequence, set.sequence);
  ASSERT_EQ(report.outcome.first->fields.size(), 1U);
  EXPECT_EQ(report.outcome.first->fields[0].field, "message");
  EXPECT_EQ(report.outcome.first->fields[0].expected, "timer_cancel");
  EXPECT_EQ(report.outcome.first->fields[0].got, "timer_set");
}

TEST(replay, tells_who_had_nothing_to_do) {
  auto trace = demo();
  auto& turn = find(trace, record_kind::handled);
  turn.actor = find(trace, record_kind::born, 4).actor;
  const auto report = replay_of(trace);
  ASSERT_TRUE(report.outcome.first);
  EXPECT_NE(report.outcome.first->kind, divergence_kind::unreadable);
  EXPECT_EQ(report.outcome.first->expected->sequence, turn.sequence);
}

/// An input that the actors act on, so that what follows cannot be had.
TEST(replay, follows_what_came_from_outside) {
  auto trace = demo();
  const apm::trace::schema_book book{trace.content};
  auto& intake = find(trace, "agent_intake");
  // The second field says whether the agent has flushed.
  std::string payload{intake.payload};
  apm::trace::byte_reader in{intake.payload};
  in.u();
  in.byte();
  in.u();
  const auto at = intake.payload.size() - in.left();
  ASSERT_EQ(payload[at], '\0');
  payload[at] = '\1';
  intake.payload = payload;
  const auto report = replay_of(trace);
  ASSERT_TRUE(report.outcome.first);
  EXPECT_NE(report.outcome.first->got.find("agent_signal"), std::string::npos)
      << text_of(report);
}

TEST(replay, is_undecidable_beyond_a_gap) {
  auto trace = demo();
  auto& all = trace.content.records;
  const auto before = all[99].sequence;
  all.erase(all.begin() + 100);
  const auto report = replay_of(trace);
  EXPECT_FALSE(report.outcome.first) << text_of(report);
  EXPECT_EQ(report.gap_after, before);
  EXPECT_EQ(report.outcome.records, 100U);
  EXPECT_EQ(status_of(report), exit_undecidable);
}

TEST(replay, is_undecidable_without_begin_or_settings) {
  auto trace = demo();
  trace.content.records.erase(trace.content.records.begin());
  EXPECT_NE(replay_of(trace).undecidable.find("begin is missing"),
            std::string::npos);
  trace = demo();
  auto& entries = trace.content.dictionary;
  entries.erase(std::remove_if(entries.begin(), entries.end(),
                               [](const auto& x) {
                                 return x.kind == entry_kind::configuration;
                               }),
                entries.end());
  const auto report = replay_of(trace);
  EXPECT_NE(report.undecidable.find("no settings"), std::string::npos);
  EXPECT_EQ(status_of(report), exit_undecidable);
}

TEST(replay, blames_another_version) {
  auto trace = demo();
  const std::string slack("\x01\x00\x02", 3);
  find(trace, record_kind::winner).payload = slack;
  for (auto& x : trace.content.dictionary)
    if (x.text.rfind("version=", 0) == 0)
      x.text = "version=0.0.1";
  EXPECT_EQ(replay_of(trace).why, divergence_class::code_changed);
}

TEST(replay, stops_where_it_is_told_to) {
  auto trace = demo();
  replay_settings settings;
  settings.until = 100;
  auto report = replay_process(trace, settings, false);
  ASSERT_NE(report.outcome.stopped_at, nullptr);
  EXPECT_GE(report.outcome.stopped_at->sequence, 100U);
  EXPECT_LT(report.outcome.records, trace.content.records.size());
  settings = {};
  settings.breaks_at = [](const record& x) {
    return is_kind(x, record_kind::handled);
  };
  report = replay_process(trace, settings, false);
  ASSERT_NE(report.outcome.stopped_at, nullptr);
  EXPECT_EQ(report.outcome.stopped_at, &find(trace, record_kind::handled));
}

using replay_verb = verb_test;

TEST_F(replay_verb, stops_where_a_filter_holds) {
  replay_options options;
  options.paths = {golden_demo};
  options.breaks_at = "kind==winner && event==2";
  EXPECT_EQ(run(run_replay, options), exit_clean);
  EXPECT_NE(out.find("stopped at record"), std::string::npos);
  EXPECT_NE(out.find("winner  event=2"), std::string::npos) << out;
  options.breaks_at = "kind==";
  EXPECT_EQ(run(run_replay, options), exit_usage);
}

TEST(replay, ignores_sizes_where_shapes_are_enough) {
  auto trace = demo();
  auto& level = find(trace, record_kind::buffer, 1);
  const apm::trace::schema_book book{trace.content};
  const auto before = book.read(level);
  ASSERT_GT(apm::trace::schema_book::number(before, "bytes"), 0U);
  char buffer[64];
  apm::trace::byte_writer to{buffer, sizeof buffer};
  for (const auto& each : before.fields)
    to.u(each.name == "bytes" ? each.content.number + 1 : each.content.number);
  level.payload = to.written();
  EXPECT_TRUE(replay_of(trace).outcome.first);
  replay_settings settings;
  settings.how = strictness::shape;
  EXPECT_FALSE(replay_process(trace, settings, false).outcome.first);
}

TEST(replay, looks_at_decisions_alone_where_the_outcome_is_enough) {
  auto trace = demo();
  const apm::trace::schema_book book{trace.content};
  auto& set = find(trace, "timer_set");
  apm::trace::byte_reader in{set.payload};
  char buffer[64];
  apm::trace::byte_writer to{buffer, sizeof buffer};
  to.u(in.u());
  to.byte(in.byte());
  to.u(in.u());
  to.i(in.i() + 1); // due a nanosecond later
  set.payload = to.written();
  replay_settings settings;
  settings.how = strictness::shape;
  EXPECT_TRUE(replay_process(trace, settings, false).outcome.first);
  settings.how = strictness::outcome;
  EXPECT_FALSE(replay_process(trace, settings, false).outcome.first);
  const std::string slack("\x01\x00\x02", 3);
  find(trace, record_kind::winner).payload = slack;
  EXPECT_TRUE(replay_process(trace, settings, false).outcome.first);
}

/// A trace is from anywhere: whatever is in it, the replay ends.
TEST(replay, survives_any_damage) {
  std::mt19937_64 random{7};
  constexpr int damaged_traces = 150;
  for (int i = 0; i < damaged_traces; ++i) {
    auto trace = demo();
    auto& all = trace.content.records;
    std::vector<std::unique_ptr<std::string>> payloads;
    for (int changes = 0; changes < 4; ++changes) {
      auto& x = all[random() % all.size()];
      switch (random() % 5) {
      case 0:
        x.kind = static_cast<uint8_t>(random());
        break;
      case 1:
        x.actor = all[random() % all.size()].actor;
        break;
      case 2:
        x.cause = random() % 2 == 0 ? 0 : x.cause - 1;
        break;
      case 3:
        x.time_ns += static_cast<int64_t>(random() % 2'000'000'000);
        break;
      default:
        payloads.push_back(std::make_unique<std::string>(x.payload));
        if (payloads.back()->empty())
          break;
        (*payloads.back())[random() % payloads.back()->size()] =
            static_cast<char>(random());
        x.payload = *payloads.back();
      }
    }
    const auto report = replay_of(trace);
    EXPECT_LE(report.outcome.records, all.size());
    EXPECT_FALSE(text_of(report).empty());
    EXPECT_FALSE(json_of(report).empty());
  }
}

// -- verify -------------------------------------------------------------------

struct verify_test : verb_test {
  verify_test() {
    std::filesystem::copy_file(golden_demo, folder + "/good.atrc");
  }

  int verify(verify_options options) {
    options.paths = {folder};
    return run(run_verify, options);
  }

  static std::string read(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
};

TEST_F(verify_test, tells_which_traces_fail) {
  EXPECT_EQ(verify({}), exit_clean);
  EXPECT_NE(out.find("1 of 1 traces replay exactly"), std::string::npos);
  auto trace = demo();
  const std::string slack("\x01\x00\x02", 3);
  find(trace, record_kind::winner).payload = slack;
  save("bad.atrc", apm::trace::write_segment(trace.content).value());
  verify_options options;
  options.junit = folder + "/report.xml";
  EXPECT_EQ(verify(options), exit_divergence);
  EXPECT_NE(out.find("FAILED  " + folder + "/bad.atrc"), std::string::npos);
  EXPECT_NE(out.find("1 of 2 traces replay exactly"), std::string::npos);
  const auto report = read(options.junit);
  EXPECT_NE(report.find("tests=\"2\" failures=\"1\""), std::string::npos)
      << report;
  EXPECT_NE(report.find("slack: expected 1"), std::string::npos) << report;
}

TEST_F(verify_test, fails_over_what_cannot_be_read) {
  save("odd.atrc", "no trace");
  EXPECT_EQ(verify({}), exit_unreadable);
  EXPECT_EQ(out.find("odd.atrc"), out.rfind("odd.atrc")) << out;
  std::filesystem::remove_all(folder);
  EXPECT_EQ(verify({}), exit_unreadable);
}

TEST(junit, escapes_what_xml_cannot_hold) {
  junit_report report{"a <b>"};
  report.add("x & \"y\"", 0.5, {});
  report.add("z", 0, "first\nsecond \x01 \xC3");
  const auto text = report.text();
  EXPECT_NE(text.find("name=\"a &lt;b&gt;\" tests=\"2\" failures=\"1\""),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("name=\"x &amp; &quot;y&quot;\" time=\"0.500000\"/>"),
            std::string::npos);
  EXPECT_NE(text.find("message=\"first\">first&#10;second ? ?</failure>"),
            std::string::npos)
      << text;
}

} // namespace
} // namespace flushtrace
