// What would have been: exact where nothing differs, the same in the model
// where nothing is changed, and else what the change must come to.
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"
#include "tools/flushtrace/whatif/price.hpp"
#include "tools/flushtrace/whatif/stalls.hpp"

#include <algorithm>
#include <random>

namespace flushtrace {
namespace {

process_trace golden(const std::string& name) {
  return load(golden_file(name));
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& x : std::filesystem::directory_iterator{GOLDEN_DIR})
    if (x.path().extension() == ".atrc")
      names.push_back(x.path().stem().string());
  std::sort(names.begin(), names.end());
  EXPECT_GT(names.size(), 50U);
  return names;
}

alteration with(const std::vector<std::pair<const char*, const char*>>& all) {
  alteration x;
  for (const auto& [name, value] : all) {
    const auto done = alter(x, name, value);
    EXPECT_TRUE(done) << done.error().detail;
  }
  return x;
}

changed_life live(const process_trace& of, const alteration& how) {
  auto life = what_if(of, how);
  if (!life) {
    ADD_FAILURE() << life.error().detail;
    return {};
  }
  return std::move(life.value());
}

/// Such as `2 delayed transport.post_timeout`, for each event.
std::vector<std::string> verdicts(const process_trace& of) {
  std::vector<std::string> all;
  for (const auto& x : analyse(of).events) {
    all.push_back(std::to_string(x.facts.event) + ' ' + describe(x.outcome));
    for (const auto& found : x.findings)
      if (x.outcome.is_missed())
        all.back() += std::string{" "} + found.what->id;
  }
  return all;
}

const event_comparison& event(const life_comparison& of, uint64_t number) {
  for (const auto& x : of.events)
    if (x.event == number)
      return x;
  throw std::out_of_range{"no event " + std::to_string(number)};
}

// -- nothing changed ----------------------------------------------------------

TEST(whatif, is_exact_to_the_end_where_nothing_is_changed) {
  for (const auto& name : golden_names()) {
    const auto of = golden(name);
    const auto life = live(of, {});
    EXPECT_TRUE(life.is_exact_to_end) << name << ": " << life.first_change;
    EXPECT_EQ(life.exact_until, of.content.records.back().sequence) << name;
    EXPECT_EQ(verdicts(life.trace), verdicts(of)) << name;
    EXPECT_TRUE(compare(of, life).is_exact) << name;
  }
}

/// The model against what really happened: all golden traces, from the first
/// record on.
TEST(whatif, comes_to_the_same_in_the_model_where_nothing_is_changed) {
  alteration how;
  how.modelled_from = 0;
  for (const auto& name : golden_names()) {
    const auto of = golden(name);
    const auto life = live(of, how);
    EXPECT_EQ(life.exact_until, 0U) << name;
    EXPECT_FALSE(life.is_cut) << name;
    EXPECT_EQ(verdicts(life.trace), verdicts(of)) << name;
    const auto x = compare(of, life);
    EXPECT_EQ(x.after.late, x.before.late) << name;
    EXPECT_EQ(x.after.lost, x.before.lost) << name;
    EXPECT_EQ(x.after.added_ns.size(), x.before.added_ns.size()) << name;
  }
}

/// What a life leaves could have been recorded: it replays.
TEST(whatif, leaves_traces_that_replay) {
  const auto changes = {
      with({{"strategy", "background"}}),
      with({{"server_latency", "x3"}}),
      with({{"signals", "deadline"}}),
      with({{"server_status", "503,202"}}),
      with({{"buffer", "65536"}}),
      with({{"function_duration", "x2"}}),
      with({{"spill", "false"}}),
      with({{"ELASTIC_APM_LAMBDA_DISABLE_LOGS_API", "true"}}),
      with({{"server_status", "503,202"}, {"breaker", "off"}}),
      with({{"server_status", "503"},
            {"retries", "1"},
            {"first_retry", "20ms"}}),
      with({{"server_status", "503,202"}, {"breaker_grace", "10ms"}}),
      with({{"ship_interval", "1ms"}, {"ship_bytes", "1"}}),
  };
  for (const auto* name : {"demo.syncflush", "spill_outage.syncflush",
                           "server_hang.background", "three_signals.syncflush"})
    for (const auto& how : changes) {
      const auto life = live(golden(name), how);
      const auto report = replay_process(life.trace, {}, false);
      EXPECT_EQ(status_of(report), exit_clean) << name << text_of(report);
    }
}

void expect_same(const changed_life& x, const changed_life& y) {
  ASSERT_EQ(x.trace.content.records.size(), y.trace.content.records.size());
  for (size_t i = 0; i < x.trace.content.records.size(); ++i) {
    EXPECT_EQ(x.trace.content.records[i].time_ns,
              y.trace.content.records[i].time_ns);
    EXPECT_EQ(x.trace.content.records[i].payload,
              y.trace.content.records[i].payload);
  }
}

TEST(whatif, comes_to_the_same_each_time) {
  const auto of = golden("server_slower_than_function.syncflush");
  const auto how = with({{"server_latency", "drawn"}, {"seed", "7"}});
  expect_same(live(of, how), live(of, how));
}

/// Lives of one engine have its host and what it has learned in common.
TEST(whatif, a_life_leaves_nothing_to_the_next) {
  const auto of = golden("server_hang.syncflush");
  const auto how = with({{"timeout", "1s"}, {"signals", "deadline"}});
  world_hosts hosts;
  whatif_engine engine{of, hosts};
  const auto first = engine.live(how);
  ASSERT_TRUE(first);
  ASSERT_TRUE(engine.live(with({{"strategy", "background"}})));
  const auto third = engine.live(how);
  ASSERT_TRUE(third);
  expect_same(first.value(), third.value());
  expect_same(first.value(), live(of, how));
}

// -- where the change begins --------------------------------------------------

/// Event 1 of it is over before the first POST that would fare otherwise.
TEST(whatif, is_exact_up_to_the_first_difference) {
  const auto of = golden("server_hang.syncflush");
  const auto life = live(of, with({{"timeout", "1s"}}));
  EXPECT_FALSE(life.is_exact_to_end);
  EXPECT_GT(life.exact_until, 0U);
  const auto x = compare(of, life);
  EXPECT_TRUE(event(x, 1).is_exact);
  EXPECT_FALSE(event(x, 2).is_exact);
  EXPECT_FALSE(x.is_exact);
  for (size_t i = 0;
       life.trace.content.records[i].sequence <= life.exact_until_here; ++i)
    EXPECT_EQ(life.trace.content.records[i].time_ns,
              of.content.records[i].time_ns);
}

/// A timer that is taken back before it fires is no decision: each invocation
/// of it is ended by a signal, seconds before its deadline.
TEST(whatif, is_exact_where_a_longer_margin_is_never_reached) {
  const auto of = golden("cold_and_warm.background");
  const auto life = live(of, with({{"margin", "300ms"}}));
  EXPECT_TRUE(life.is_exact_to_end) << life.first_change;
  // The trace has the other margin: the timers were set for it.
  EXPECT_EQ(analyse(life.trace).settings.flush_margin.count(), 300);
}

// -- what changes come to -----------------------------------------------------

TEST(whatif, misses_nothing_with_a_server_that_answers) {
  const auto of = golden("server_hang.syncflush");
  ASSERT_TRUE(analyse(of).find(2)->has_cause("transport.post_timeout"));
  const auto x = compare(of, live(of, with({{"server_latency", "5ms"}})));
  EXPECT_EQ(x.before.missed, 4U);
  EXPECT_EQ(x.after.missed, 0U);
  // The time-out of 500 ms was waited for once; now each answer is.
  EXPECT_NEAR(static_cast<double>(*event(x, 2).after->added_ns) / 1e6, 5, 2);
  EXPECT_LT(x.after.added_total_ns(), x.before.added_total_ns());
}

/// With a server that takes 400 ms and no signal but the deadline's, 200 ms
/// before it, the POST is cut off; 600 ms are enough, and cost what it takes.
TEST(whatif, finds_the_margin_that_is_large_enough) {
  const auto cut =
      live(golden("demo.background"), with({{"signals", "deadline"},
                                            {"server_latency", "400ms"},
                                            {"server_status", "202"},
                                            {"strategy", "syncflush"}}))
          .trace;
  ASSERT_TRUE(analyse(cut).find(4)->has_cause("lifecycle.margin_too_small"));
  const auto x = compare(cut, live(cut, with({{"margin", "600ms"}})));
  EXPECT_TRUE(event(x, 4).before->outcome.is_missed());
  EXPECT_FALSE(event(x, 4).after->outcome.is_missed());
  EXPECT_EQ(x.after.missed, 0U);
}

/// Without another signal an invocation is held until its margin: that is
/// billed, however short its flush.
TEST(whatif, bills_the_wait_for_the_deadline) {
  const auto of = golden("cold_and_warm.background");
  const auto x = compare(of, live(of, with({{"signals", "deadline"}})));
  const auto& first = event(x, 1);
  const auto analysed = analyse(of);
  const auto limit_ns =
      analysed.find(1)->facts.deadline_ns - analysed.find(1)->facts.begin.ns;
  EXPECT_GT(*first.after->added_ns, limit_ns / 2);
  EXPECT_LT(*first.before->added_ns, limit_ns / 2);
}

TEST(whatif, needs_no_time_in_the_background) {
  const auto of = golden("server_slower_than_function.syncflush");
  const auto x = compare(of, live(of, with({{"strategy", "background"}})));
  EXPECT_LT(x.after.added_total_ns() * 10, x.before.added_total_ns());
}

TEST(whatif, loses_what_a_small_buffer_cannot_hold) {
  const auto of = golden("server_hang_series.syncflush");
  const auto x = compare(of, live(of, with({{"buffer", "65536"},
                                            {"spill", "false"},
                                            {"server_status", "hang"}})));
  EXPECT_EQ(x.before.lost, 0U);
  EXPECT_GT(x.after.lost, 0U);
}

/// 503, then well again: the breaker waits for its probe. Without it the next
/// event's flush tries at once.
TEST(whatif, can_do_without_the_breaker) {
  const auto of = golden("server_503.syncflush");
  const auto with_breaker =
      compare(of, live(of, with({{"server_status", "503,202"}})));
  const auto without = compare(
      of, live(of, with({{"server_status", "503,202"}, {"breaker", "off"}})));
  EXPECT_EQ(without.after.missed, 1U);
  EXPECT_GT(with_breaker.after.missed, without.after.missed);
}

TEST(whatif, gives_up_at_shutdown_without_retries) {
  const auto of = golden("server_503.syncflush");
  const auto status = std::pair{"server_status", "202,503,503,503,503,503,202"};
  const auto posts = [&](const char* retries) {
    size_t count = 0;
    const auto life = live(of, with({status, {"retries", retries}}));
    for (const auto& x : analyse(life.trace).events)
      if (x.facts.kind == apm::event_kind::shutdown)
        count = x.facts.posts.size();
    return count;
  };
  EXPECT_EQ(posts("3"), 4U) << "one, and three more";
  EXPECT_EQ(posts("0"), 1U);
}

TEST(whatif, lets_a_slower_function_end_later) {
  const auto of = golden("cold_and_warm.background");
  const auto life = live(of, with({{"function_duration", "+500ms"}}));
  for (const auto& [id, x] : life.function_ends) {
    const auto begins = analyse(of);
    EXPECT_GE(x.changed - x.recorded, 499'000'000) << id;
  }
  EXPECT_EQ(compare(of, life).after.missed, 0U);
}

TEST(whatif, moves_what_comes_after_a_longer_gap) {
  const auto of = golden("demo.syncflush");
  const auto before = analyse(of);
  const auto after = analyse(live(of, with({{"gap", "+10s"}})).trace);
  const auto span = [](const process_analysis& x) {
    return x.find(2)->facts.begin.ns - x.find(1)->facts.begin.ns;
  };
  EXPECT_NEAR(static_cast<double>(span(after) - span(before)), 10e9, 1e6);
  // As before from its begin to its deadline, to the millisecond.
  const auto limit = [](const process_analysis& x) {
    return static_cast<double>(x.find(2)->facts.deadline_ns
                               - x.find(2)->facts.begin.ns);
  };
  EXPECT_NEAR(limit(after), limit(before), 1.1e6);
}

/// A frozen process answers nothing: what was under way is read at the thaw.
TEST(whatif, keeps_what_is_under_way_over_a_freeze) {
  const auto of = golden("server_slow.background");
  const auto frozen =
      analyse(live(of, with({{"gap", "5s"}, {"freeze", "5s"}})).trace);
  const auto awake =
      analyse(live(of, with({{"gap", "5s"}, {"freeze", "0s"}})).trace);
  const auto over = [](const process_analysis& x) {
    size_t count = 0;
    for (const auto& each : x.events)
      for (const auto& post : each.facts.posts)
        count +=
            post.is_over_freeze && post.end && each.facts.next_asked
                    && post.end.ns - each.facts.next_asked.ns > 4'900'000'000
                ? 1
                : 0;
    return count;
  };
  EXPECT_GT(over(frozen), 0U);
  EXPECT_EQ(over(awake), 0U);
}

TEST(whatif, takes_longer_with_less_of_the_cpu) {
  const auto of = golden("demo.syncflush");
  const auto all = compare(of, live(of, with({{"cpu", "1.001"}})));
  const auto tenth = compare(of, live(of, with({{"cpu", "x0.1"}})));
  EXPECT_GT(tenth.after.added_total_ns(), all.after.added_total_ns());
}

/// As if the process had stood still for a second in the midst of event 2: all
/// that comes later is later.
TEST(whatif, finds_where_a_process_stood_still) {
  auto of = golden("demo.syncflush");
  const apm::trace::schema_book book{of.content};
  constexpr int64_t second = 1'000'000'000;
  size_t begun = 0;
  bool is_later = false;
  uint64_t frozen_at = 0;
  for (auto& x : of.content.records) {
    begun += is_kind(x, record_kind::event_begin) ? 1 : 0;
    const bool is_turn = is_kind(x, record_kind::handled);
    if (begun == 2 && is_turn && !is_later) {
      is_later = true;
      frozen_at = x.sequence;
    }
    x.time_ns += is_later ? second : 0;
  }
  ASSERT_NE(frozen_at, 0U);
  const auto run = prepare_run(of);
  ASSERT_TRUE(run);
  const auto stalls = find_stalls(run.value(), exchange_book{run.value()});
  ASSERT_FALSE(stalls.empty());
  EXPECT_NEAR(static_cast<double>(stalls[0].end - stalls[0].begin), 1e9, 1e6);
}

TEST(whatif, has_no_telemetry_without_a_subscription) {
  const auto life =
      live(golden("demo.syncflush"),
           with({{"ELASTIC_APM_LAMBDA_DISABLE_LOGS_API", "true"}}));
  for (const auto& x : analyse(life.trace).events)
    EXPECT_TRUE(x.facts.telemetry.empty()) << x.facts.event;
}

TEST(whatif, leaves_out_single_inputs) {
  const auto of = golden("demo.syncflush");
  const apm::trace::schema_book book{of.content};
  alteration how;
  for (const auto& x : of.content.records)
    if (book.type_of(x) == "agent_intake")
      how.dropped_inputs.insert(x.sequence);
  ASSERT_FALSE(how.dropped_inputs.empty());
  const auto life = live(of, how);
  for (const auto& x : analyse(life.trace).events)
    EXPECT_TRUE(x.facts.intake.empty());
}

// -- what cannot be -----------------------------------------------------------

TEST(whatif, refuses_what_is_no_parameter_and_names_the_nearest) {
  alteration x;
  const auto done = alter(x, "margn", "1s");
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().detail.find("perhaps margin was meant"),
            std::string::npos)
      << done.error().detail;
}

TEST(whatif, refuses_values_that_cannot_be) {
  const std::pair<const char*, const char*> bad[] = {
      {"margin", "soon"},
      {"timeout", "0"},
      {"buffer", "1"},
      {"strategy", "never"},
      {"server_latency", "x0"},
      {"server_latency", "-5ms"},
      {"server_latency", ""},
      {"server_status", "99"},
      {"server_status", "202,"},
      {"signals", "agent,door"},
      {"cpu", "0"},
      {"retries", "11"},
      {"breaker", "maybe"},
      {"gap", "x"},
      {"seed", "one"},
      {"ELASTIC_APM_LAMBDA_FLUSH_MARGIN", "x"},
  };
  for (const auto& [name, value] : bad) {
    alteration x;
    const auto done = alter(x, name, value);
    ASSERT_FALSE(done) << name << '=' << value;
    EXPECT_NE(done.error().detail.find(std::string{"="} + value),
              std::string::npos)
        << done.error().detail;
  }
}

TEST(whatif, knows_each_parameter_by_its_own_table) {
  for (const auto& x : all_parameters()) {
    EXPECT_NE(x.set == nullptr, x.variable.empty()) << x.name;
    EXPECT_FALSE(x.what.empty()) << x.name;
    EXPECT_FALSE(x.values.empty()) << x.name;
  }
}

/// Bytes of payloads changed at random: whatever it says, it ends, and what it
/// leaves can be read.
TEST(whatif, survives_damaged_traces) {
  std::mt19937_64 random{20'261'126};
  const auto changes = {
      with({{"server_latency", "x3"}}),
      with({{"function_duration", "x1000000"}, {"gap", "24h"}}),
      with({{"cpu", "0.001"}, {"signals", "none"}}),
  };
  for (const auto* name :
       {"demo.syncflush", "aws_unwell.syncflush",
        "spill_outage_reset.syncflush", "telemetry_thrice.syncflush"}) {
    const auto original = golden(name);
    for (int i = 0; i < 15; ++i) {
      auto of = original;
      auto& records = of.content.records;
      std::vector<std::string> payloads(8);
      for (auto& payload : payloads) {
        auto& x = records[random() % records.size()];
        payload = x.payload;
        if (!payload.empty())
          payload[random() % payload.size()] = static_cast<char>(random());
        x.payload = payload;
      }
      of.anchors = find_anchors(of.content);
      for (const auto& how : changes) {
        const auto life = what_if(of, how);
        EXPECT_TRUE(!life
                    || life.value().exact_until <= records.back().sequence);
      }
    }
  }
}

TEST(whatif, says_why_a_trace_is_not_enough) {
  auto of = golden("demo.syncflush");
  of.content.records.erase(of.content.records.begin());
  const auto life = what_if(of, {});
  ASSERT_FALSE(life);
  EXPECT_NE(life.error().detail.find("begin is missing"), std::string::npos);
}

} // namespace
} // namespace flushtrace
