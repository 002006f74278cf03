// Shrinking: steps and scenarios in words, what a trace says of how it was
// lived, the test and the diagram that are made of it. That faults are shrunk
// is shown by tests/explore/find_faults.
#include "tests/unit/flushtrace/support.hpp"
#include "tools/flushtrace/explore/story.hpp"
#include "tools/flushtrace/explore/told_life.hpp"
#include "tools/flushtrace/export/export.hpp"
#include "tools/flushtrace/shrink/emitted_test.hpp"

namespace flushtrace {
namespace {

using namespace steps;

const std::vector<action> every_kind{
    invoke(1),        agent(registration, 1),
    agent(data, 20),  agent(flush_signal, 2),
    turn(255),        platform(start_and_log, 1),
    server(accepted), platform(runtime_done, 20),
    server(hangs, 3), platform(report, 7),
    time_goes_on(),   server(no_connection),
    shutdown(),       server(partly_unavailable, 255)};

TEST(steps_in_words, are_read_again) {
  for (const auto& each : every_kind) {
    const auto read = read_step(spell(each));
    ASSERT_TRUE(read) << spell(each);
    EXPECT_TRUE(read.value() == each) << spell(each);
  }
  const auto all = read_steps(spell(every_kind));
  ASSERT_TRUE(all);
  EXPECT_TRUE(all.value() == every_kind);
  EXPECT_EQ(spell(agent(flush_signal, 2)), "agent(flush_signal, 2)");
  EXPECT_EQ(spell(server(lost)), "server(lost)");
  EXPECT_TRUE(read_steps("").value().empty());
}

TEST(steps_in_words, are_refused_where_they_are_none) {
  for (const char* text :
       {"x", "invoke", "invoke(0)", "invoke(256)", "agent(flush_signal)",
        "agent(flush_signal, 0)", "agent(flush_signal, 86)", "agent(report, 1)",
        "server()", "server(lost, x)", "shutdown(1)", "turn(-1)", "(", ")",
        "time_goes_on(", "invoke(1"})
    EXPECT_FALSE(read_step(text)) << text;
  EXPECT_FALSE(read_steps("invoke(1);; shutdown()"));
}

TEST(scenarios_in_words, are_read_again) {
  scenario of;
  of.strategy = apm::send_strategy::background;
  of.delivery = apm::delivery_policy::at_most_once;
  of.invocations = 3;
  of.faults = 2;
  of.order = order_kind::any;
  of.may_leave_out = true;
  EXPECT_EQ(spell(of),
            "background at_most_once invocations=3 faults=2 any leaves_out");
  const auto read = read_scenario(spell(of));
  ASSERT_TRUE(read);
  EXPECT_EQ(spell(read.value()), spell(of));
  EXPECT_EQ(spell(read_scenario("").value()), spell(scenario{}));
  for (const char* text : {"invocations=0", "invocations=21", "faults=x",
                           "faults=", "sideways", "faults=11"})
    EXPECT_FALSE(read_scenario(text)) << text;
}

// -- the modelled world -------------------------------------------------------

/// An agent whose flush signal is all that it says cannot be told from one that
/// was late.
TEST(model, leaves_out_what_need_not_be_said) {
  scenario of;
  of.may_leave_out = true;
  told_life life{of};
  EXPECT_TRUE(life.take(invoke(1)));
  EXPECT_FALSE(life.take(agent(flush_signal, 1)));
  EXPECT_TRUE(life.take(agent(data, 1)));
  EXPECT_FALSE(life.take(agent(registration, 1))) << "it went on";
  EXPECT_TRUE(life.take(agent(flush_signal, 1)));
  EXPECT_TRUE(life.take(platform(report, 1)));
  EXPECT_EQ(life.finish(), "");
  of.may_leave_out = false;
  told_life whole{of};
  EXPECT_TRUE(whole.take(invoke(1)));
  EXPECT_FALSE(whole.take(agent(data, 1)));
  EXPECT_FALSE(whole.take(platform(report, 1)));
  EXPECT_TRUE(whole.take(agent(registration, 1)));
}

// -- traces, tests and diagrams of a life -------------------------------------

struct shrink_test : verb_test {
  shrink_test() {
    of.faults = 1;
    life = retell(of, {invoke(1), agent(registration, 1), agent(data, 1),
                       agent(flush_signal, 1), server(unavailable)});
    save("life.atrc", life.segment);
  }

  int shrink(const std::string& file, const std::string& name = "found") {
    shrink_options options;
    options.paths = {file};
    options.output = folder;
    options.name = name;
    return run(run_shrink, options);
  }

  scenario of;
  exploration life;
};

TEST_F(shrink_test, a_trace_says_how_it_was_lived) {
  const auto story = read_story(load(folder + "/life.atrc").content);
  ASSERT_TRUE(story);
  EXPECT_EQ(spell(story.value().of), spell(of));
  EXPECT_TRUE(story.value().steps == life.actions);
  EXPECT_EQ(story.value().violation, "");
  const auto again = retell(story.value().of, story.value().steps);
  EXPECT_EQ(again.segment, life.segment);
}

TEST_F(shrink_test, leaves_what_breaks_no_promise) {
  EXPECT_EQ(shrink(folder + "/life.atrc"), exit_clean) << trouble;
  EXPECT_EQ(out, "no promise is broken: these actors live it well\n");
  EXPECT_FALSE(std::filesystem::exists(folder + "/found.cpp"));
}

TEST_F(shrink_test, wants_a_name_for_a_test) {
  EXPECT_EQ(shrink(folder + "/life.atrc", "no name"), exit_usage);
  EXPECT_NE(trouble.find("--name no name"), std::string::npos);
  EXPECT_TRUE(is_test_name("late_flush2"));
  for (const char* name : {"", "2nd", "a-b", "../a", "a.b"})
    EXPECT_FALSE(is_test_name(name)) << name;
}

TEST_F(shrink_test, a_test_tells_it_in_words) {
  auto broken = life;
  broken.violation = "line L7 was lost";
  const auto text = emitted_test("one_name", broken);
  for (const char* part :
       {"TEST(found_lives, one_name) {\n", "  of.faults = 1;\n",
        "so: line L7 was lost.\n",
        "  life.take(invoke(1));\n  life.take(agent(registration, 1));\n",
        "  life.take(server(unavailable));\n",
        "  EXPECT_EQ(life.finish(), \"\");\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find("strategy"), std::string::npos) << "it is the usual one";
}

TEST_F(shrink_test, a_diagram_has_what_passes_in_and_out) {
  const auto loaded = load_traces({folder + "/life.atrc"});
  const auto text = mermaid_of_world(
      show(loaded.processes, 0, filter{}).front(), "line L7 was lost");
  for (const char* part :
       {": 200, invoke, +0 ns\n", ": flush signal, +0 ns\n",
        ": 3 lines, +0 ns\n", ": POST /intake/v2/events, +0 ns\n",
        ": 503, +0 ns\n", ": 200, shutdown, ", ": line L7 was lost\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find("batch"), std::string::npos) << text;
  EXPECT_EQ(text.find("/register"), std::string::npos) << text;
}

} // namespace
} // namespace flushtrace
