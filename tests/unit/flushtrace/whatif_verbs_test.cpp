// whatif and sweep as they are called: what they print, and how they end.
#include "tests/unit/flushtrace/documented_members.hpp"
#include "tests/unit/flushtrace/support.hpp"

#include <algorithm>

namespace flushtrace {
namespace {

const std::string hang = golden_file("server_hang.syncflush");

struct whatif_verbs_test : flushtrace_test {
  int whatif(const std::string& trace, std::vector<std::string> changes,
             bool is_json = false) {
    whatif_options options;
    options.paths = {trace};
    options.changes = std::move(changes);
    options.is_json = is_json;
    return run(run_whatif, options);
  }

  int sweep(const std::string& parameter, const std::string& from,
            const std::string& to, bool is_json = false) {
    sweep_options options;
    options.paths = {hang};
    options.parameter = parameter;
    options.from = from;
    options.to = to;
    options.is_json = is_json;
    return run(run_sweep, options);
  }

  bool says(const std::string& text) const {
    return out.find(text) != std::string::npos;
  }
};

TEST_F(whatif_verbs_test, tells_events_before_and_after) {
  EXPECT_EQ(whatif(hang, {"server_latency=5ms"}), exit_clean) << trouble;
  EXPECT_TRUE(says("exact up to record ")) << out;
  EXPECT_TRUE(says("delayed transport.post_timeout")) << out;
  EXPECT_TRUE(says("events missed 4 -> 0")) << out;
  EXPECT_TRUE(says("billed ms, modelled")) << out;
}

TEST_F(whatif_verbs_test, ends_with_2_where_something_still_is_missed) {
  EXPECT_EQ(whatif(hang, {"margin=100ms"}), exit_missed) << out;
  EXPECT_TRUE(says("exact to the end")) << out;
  EXPECT_TRUE(says("+0.0 billed ms, exact")) << out;
}

TEST_F(whatif_verbs_test, prints_the_members_of_the_manual) {
  EXPECT_EQ(whatif(hang, {"server_latency=5ms"}, true), exit_clean);
  auto expected = documented_members("whatif");
  EXPECT_EQ(expected.erase("why"), 1U) << "where it cannot be lived again";
  EXPECT_EQ(members_of(out), expected) << out;
  EXPECT_EQ(sweep("server_latency", "5ms", "400ms", true), exit_clean);
  EXPECT_EQ(members_of(out), documented_members("sweep")) << out;
}

TEST_F(whatif_verbs_test, names_the_smallest_value_and_its_price) {
  EXPECT_EQ(sweep("server_latency", "5ms", "2s"), exit_clean) << trouble;
  EXPECT_TRUE(says("smallest that misses nothing: server_latency=5ms, for "))
      << out;
  EXPECT_TRUE(says(" billed ms less (modelled)")) << out;
  // Its flush takes two POSTs and no longer than 500 ms, the recorded time-out.
  EXPECT_TRUE(says("greatest: 249ms")) << out;
}

TEST_F(whatif_verbs_test, says_where_no_value_is_enough) {
  EXPECT_EQ(sweep("timeout", "100ms", "5s"), exit_missed) << trouble;
  EXPECT_TRUE(says("none of these misses nothing")) << out;
}

TEST_F(whatif_verbs_test, leaves_lives_that_can_be_read) {
  whatif_options options;
  options.paths = {hang};
  options.changes = {"server_latency=5ms"};
  options.output = folder + "/changed.atrc";
  EXPECT_EQ(run(run_whatif, options), exit_clean) << trouble;
  EXPECT_EQ(run(run_ls, options_for(options.output)), exit_clean) << out;
  EXPECT_EQ(whatif(options.output, {}), exit_clean) << trouble;
  EXPECT_TRUE(says("exact to the end")) << out;
}

TEST_F(whatif_verbs_test, refuses_what_it_does_not_understand) {
  EXPECT_EQ(whatif(hang, {"margin"}), exit_usage);
  EXPECT_NE(trouble.find("NAME=VALUE"), std::string::npos) << trouble;
  EXPECT_EQ(whatif(hang, {"margin=soon"}), exit_usage);
  EXPECT_EQ(whatif(folder + "/none.atrc", {}), exit_unreadable);
  EXPECT_EQ(sweep("margin", "2s", "1s"), exit_usage);
  EXPECT_EQ(sweep("margn", "1s", "2s"), exit_usage);
}

TEST_F(whatif_verbs_test, says_what_a_setting_takes) {
  const std::pair<const char*, const char*> rows[] = {
      {"margin=bogus", "; it takes a duration\n"},
      {"strategy=bogus", "; it takes syncflush or background\n"},
      {"buffer=bogus", "; it takes bytes\n"},
      {"ELASTIC_APM_LAMBDA_SPILL=bogus", "ELASTIC_APM_LAMBDA_SPILL=bogus: "},
      {"margin=", "margin=: there is no value; it takes a duration\n"}};
  for (const auto& [change, why] : rows) {
    EXPECT_EQ(whatif(hang, {change}), exit_usage) << change;
    EXPECT_NE(trouble.find(why), std::string::npos) << trouble;
    EXPECT_EQ(trouble.find("instead"), std::string::npos)
        << "nothing is used: " << trouble;
  }
  EXPECT_EQ(whatif(hang, {"ELASTIC_APM_LAMBDA_FLUSH_MARGIN="}), exit_missed)
      << "as where it is not set";
}

TEST_F(whatif_verbs_test, shows_how_far_the_model_is_off) {
  whatif_options options;
  options.paths = {hang};
  options.is_modelled = true;
  options.is_all = true;
  EXPECT_EQ(run(run_whatif, options), exit_missed) << trouble;
  EXPECT_TRUE(says("modelled from the first record on")) << out;
  EXPECT_TRUE(says("events missed 4 -> 4")) << out;
  EXPECT_TRUE(says("6 shutdown")) << out;
}

/// Its begin is not there: it is a segment of one event.
TEST_F(whatif_verbs_test, says_what_cannot_be_lived_again) {
  event(1, 2);
  const auto piece = save("piece.atrc", segment());
  EXPECT_EQ(whatif(piece, {}), exit_undecidable);
  EXPECT_NE(trouble.find("cannot be told of process"), std::string::npos)
      << trouble;
  EXPECT_EQ(whatif(piece, {}, true), exit_undecidable);
  EXPECT_EQ(members_of(out), (members{"schema_version", "process", "why"}));
}

TEST_F(whatif_verbs_test, lists_what_can_be_changed) {
  whatif_options options;
  options.is_list = true;
  EXPECT_EQ(run(run_whatif, options), exit_clean);
  for (const auto* name : {"margin", "server_status", "telemetry_buffering",
                           "ELASTIC_APM_LAMBDA_FLUSH_MARGIN"})
    EXPECT_TRUE(says(name)) << out;
  options.is_json = true;
  EXPECT_EQ(run(run_whatif, options), exit_clean);
  EXPECT_EQ(members_of(out), documented_members("whatif --list"));
}

} // namespace
} // namespace flushtrace
