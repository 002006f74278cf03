// Causes proved by replay: of each cause's recorded run whether it is, and if
// not, why no replay can; what a remedy brings.
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/explanation.hpp"
#include "tools/flushtrace/proof/neutraliser.hpp"
#include "tools/flushtrace/proof/prover.hpp"
#include "tools/flushtrace/timeline/activity.hpp"

#include <algorithm>

namespace flushtrace {
namespace {

const std::string golden_folder =
    std::string{APM_SOURCE_DIR} + "/tests/causes/golden/";

/// What is expected of the event that tests/causes/README.md names.
enum class expected : uint8_t {
  proved,
  inferred,   ///< no replay can be without it
  not_missed, ///< nothing is missed, or it is not known: there is no proof
};

struct golden_row {
  const char* file; ///< the cause, and who had it
  expected what;
  uint64_t event = 0; ///< 0: the first of which something was missed
};

constexpr golden_row golden[] = {
    {"signal.early_timer.faulty", expected::proved},
    {"signal.stale_signal.faulty", expected::proved},
    {"signal.signal_overtook_data.sandbox", expected::proved},
    {"signal.data_after_signal.sandbox", expected::proved},
    {"signal.late_runtime_done.sandbox", expected::proved},
    {"signal.no_signal.sandbox", expected::inferred},
    {"signal.false_done.faulty", expected::proved},
    {"signal.wrong_invocation_done.faulty", expected::proved},
    {"buffer.agent_buffer_full.sandbox", expected::proved},
    {"buffer.log_backpressure.sandbox", expected::proved},
    {"buffer.batch_full.faulty", expected::proved},
    {"buffer.not_flushed_by_policy.sandbox", expected::not_missed, 1},
    {"buffer.child_dead.faulty", expected::proved},
    {"buffer.arrived_during_flush.faulty", expected::proved},
    {"buffer.metadata_missing.faulty", expected::proved},
    {"buffer.unparsable.sandbox", expected::proved},
    {"buffer.wrong_order_cancel.faulty", expected::proved},
    {"transport.post_timeout.sandbox", expected::proved},
    {"transport.connect_fail.sandbox", expected::proved},
    {"transport.stale_connection.sandbox", expected::proved},
    {"transport.auth_401_403.sandbox", expected::proved},
    {"transport.rate_limited_429.sandbox", expected::proved},
    {"transport.rejected_4xx.sandbox", expected::proved},
    {"transport.server_5xx.sandbox", expected::proved},
    {"transport.backoff_skip.sandbox", expected::proved, 2},
    {"transport.dropped_after_failure.sandbox", expected::proved},
    {"transport.dropped_after_failure.faulty", expected::proved},
    {"transport.frozen_inflight.sandbox", expected::not_missed, 2},
    {"transport.frozen_inflight.faulty", expected::proved, 2},
    {"transport.slow_cold_path.sandbox", expected::proved},
    {"lifecycle.function_timeout.sandbox", expected::proved},
    {"lifecycle.margin_too_small.sandbox", expected::proved},
    {"lifecycle.shutdown_budget.sandbox", expected::proved},
    {"lifecycle.killed.sandbox", expected::inferred},
    {"lifecycle.no_next_invocation.sandbox", expected::proved},
    {"lifecycle.next_too_early.faulty", expected::proved},
    {"lifecycle.wedged.faulty", expected::proved},
    {"lifecycle.before_register.faulty", expected::proved},
    {"platform.platform_dropped.sandbox", expected::proved},
    {"platform.report_next_invoke.sandbox", expected::not_missed, 1},
    {"platform.cpu_starved.sandbox", expected::proved},
    {"platform.clock_step.sandbox", expected::inferred},
    {"record.unaccounted.faulty", expected::proved},
    {"record.trace_gap.sandbox", expected::not_missed},
};

bool is_looked_at(const golden_row& row, const event_analysis& x) {
  return row.event != 0 ? x.facts.event == row.event
                        : x.outcome.is_missed() || x.outcome.is_undecidable;
}

/// Proves the row's event. *Shape:* nothing where there is none.
std::optional<event_analysis> proved_event(const golden_row& row) {
  const auto loaded = load_traces({golden_folder + row.file + ".atrc"});
  for (const auto& process : loaded.processes)
    for (auto& event : analyse(process).events)
      if (is_looked_at(row, event)) {
        prover{process}.prove(event);
        return std::move(event);
      }
  return {};
}

std::string cause_of(const golden_row& row) {
  const std::string file = row.file;
  return file.substr(0, file.rfind('.'));
}

struct proof_of_golden : ::testing::TestWithParam<golden_row> {};

TEST_P(proof_of_golden, says_whether_and_why) {
  const auto& row = GetParam();
  const auto event = proved_event(row);
  ASSERT_TRUE(event);
  ASSERT_FALSE(event->findings.empty());
  const auto& first = event->findings.front();
  EXPECT_EQ(first.what->id, cause_of(row));
  switch (row.what) {
  case expected::proved:
    EXPECT_EQ(first.how, proof::proved) << first.why_inferred;
    ASSERT_TRUE(first.without);
    EXPECT_FALSE(first.without->change.empty());
    break;
  case expected::inferred:
    EXPECT_EQ(first.how, proof::inferred);
    EXPECT_FALSE(first.without);
    EXPECT_FALSE(first.why_inferred.empty());
    break;
  case expected::not_missed:
    EXPECT_EQ(first.how, proof::inferred);
    EXPECT_FALSE(event->outcome.is_missed());
    break;
  }
}

std::string name_of(const ::testing::TestParamInfo<golden_row>& x) {
  std::string name = x.param.file;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(causes, proof_of_golden, ::testing::ValuesIn(golden),
                         name_of);

TEST(proof_table, has_a_golden_trace_of_each_cause) {
  for (const auto& x : all_causes())
    EXPECT_TRUE(
        std::any_of(std::begin(golden), std::end(golden),
                    [&](const auto& row) { return cause_of(row) == x.id; }))
        << x.id;
}

TEST(proof_table, says_of_each_cause_how_or_why_not) {
  for (const auto& x : all_causes())
    EXPECT_NE(how_neutralised(x.id).empty(), why_not_neutralised(x.id).empty())
        << x.id;
}

struct proof_test : flushtrace_test {
  explain_options options(const char* file, uint64_t number) {
    explain_options x;
    x.paths = {golden_folder + file + ".atrc"};
    x.event = number;
    return x;
  }

  bool says(const std::string& text) {
    return out.find(text) != std::string::npos;
  }
};

TEST_F(proof_test, explain_tells_the_proof_and_its_price) {
  EXPECT_EQ(run(run_explain, options("transport.post_timeout.sandbox", 2)),
            exit_missed);
  EXPECT_TRUE(says("transport.post_timeout  (proved)")) << out;
  EXPECT_TRUE(says("where the APM Server answers 202 in")) << out;
  EXPECT_TRUE(says("nothing is missed")) << out;
  EXPECT_TRUE(says("less are billed")) << out;
  EXPECT_TRUE(says("(modelled)")) << out;
}

TEST_F(proof_test, explain_has_members_for_programs) {
  auto with = options("lifecycle.margin_too_small.sandbox", 2);
  with.is_json = true;
  EXPECT_EQ(run(run_explain, with), exit_missed);
  for (const char* text :
       {R"("proof":"proved")", R"("without":{"change":")", R"("clean":true)",
        R"("figures":"modelled")",
        R"("with_remedy":{"change":"ELASTIC_APM_LAMBDA_FLUSH_MARGIN=)"})
    EXPECT_TRUE(says(text)) << text << '\n' << out;
}

TEST_F(proof_test, without_proofs_it_says_what_rules_say) {
  auto with = options("transport.post_timeout.sandbox", 2);
  with.is_proved = false;
  EXPECT_EQ(run(run_explain, with), exit_missed);
  EXPECT_TRUE(says("transport.post_timeout  (inferred)")) << out;
  EXPECT_FALSE(says("where the APM Server")) << out;
}

/// What makes no difference is told so, and comes last.
TEST_F(proof_test, rules_out_what_makes_no_difference) {
  const auto loaded =
      load_traces({golden_folder + "transport.post_timeout.sandbox.atrc"});
  const auto& process = loaded.processes.at(0);
  auto event = *analyse(process).find(2);
  finding wrong;
  wrong.what = find_cause("platform.cpu_starved");
  wrong.weight = wrong.what->weight;
  event.findings.insert(event.findings.begin(), wrong);
  prover{process}.prove(event);
  EXPECT_STREQ(event.findings.front().what->id, "transport.post_timeout");
  EXPECT_EQ(event.findings.front().how, proof::proved);
  EXPECT_STREQ(event.findings.back().what->id, "platform.cpu_starved");
  EXPECT_EQ(event.findings.back().how, proof::ruled_out);
}

/// The data is late since the timer was early, which it is not in this version:
/// that the data could have come sooner proves nothing.
TEST_F(proof_test, a_change_proves_nothing_where_other_actors_are_enough) {
  const auto event =
      proved_event({"signal.early_timer.faulty", expected::proved});
  ASSERT_TRUE(event);
  ASSERT_EQ(event->findings.size(), 2U);
  EXPECT_EQ(event->findings[0].how, proof::proved);
  EXPECT_STREQ(event->findings[1].what->id, "signal.data_after_signal");
  EXPECT_EQ(event->findings[1].how, proof::inferred);
  EXPECT_FALSE(event->findings[1].why_inferred.empty());
}

TEST_F(proof_test, two_causes_are_proved_together) {
  const auto event =
      proved_event({"lifecycle.margin_too_small.sandbox", expected::proved});
  ASSERT_TRUE(event);
  ASSERT_GE(event->findings.size(), 2U);
  EXPECT_EQ(event->findings[0].how, proof::proved);
  EXPECT_EQ(event->findings[1].how, proof::proved);
  EXPECT_NE(event->findings[0].without->change.find(", and "),
            std::string::npos);
}

TEST_F(proof_test,
       a_trace_that_cannot_be_replayed_stays_inferred_and_says_why) {
  event(1, 0);
  event(2, 2);
  explain_options with;
  with.paths = {save("part.atrc", segment({5, UINT64_MAX}))};
  EXPECT_EQ(run(run_explain, with), exit_missed);
  EXPECT_FALSE(says("(proved)")) << out;
}

TEST_F(proof_test, a_redacted_trace_proves_nothing_and_says_so) {
  redact_options redact;
  redact.paths = {golden_folder + "transport.post_timeout.sandbox.atrc"};
  redact.output = folder + "/redacted.atrc";
  EXPECT_EQ(run(run_redact, redact), exit_clean) << trouble;
  explain_options with;
  with.paths = {redact.output};
  EXPECT_EQ(run(run_explain, with), exit_missed);
  EXPECT_TRUE(says("transport.post_timeout  (inferred)")) << out;
  EXPECT_TRUE(says("not proved: it is redacted")) << out;
}

TEST_F(proof_test, the_page_has_what_is_proved) {
  const auto loaded =
      load_traces({golden_folder + "transport.post_timeout.sandbox.atrc"});
  const auto seen = find_activity(loaded.processes.at(0), analyse_and_prove);
  const auto missed =
      std::find_if(seen.events.begin(), seen.events.end(),
                   [](const auto& x) { return x.outcome.is_missed(); });
  ASSERT_NE(missed, seen.events.end());
  EXPECT_EQ(missed->findings.front().how, proof::proved);
}

TEST_F(proof_test, gives_up_where_there_are_too_many) {
  const auto loaded =
      load_traces({golden_folder + "transport.server_5xx.sandbox.atrc"});
  const auto& process = loaded.processes.at(0);
  prover proofs{process, 0};
  for (auto& each : analyse(process).events)
    if (each.outcome.is_missed()) {
      proofs.prove(each);
      EXPECT_EQ(each.findings.front().how, proof::inferred);
    }
  EXPECT_GT(proofs.left_out(), 0U);
}

} // namespace
} // namespace flushtrace
