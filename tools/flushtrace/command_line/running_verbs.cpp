// Verbs that run the actors again.
#include "tools/flushtrace/command_line/verb.hpp"
#include "tools/flushtrace/diff/diff_verb.hpp"

#include <map>

namespace flushtrace {

namespace {

void add_strictness(CLI::App& verb, strictness& how) {
  add_word(verb, "--strict", how,
           "exact: every field; shape: not sizes in bytes; outcome: fields of "
           "what decides about telemetry alone",
           {{"exact", strictness::exact},
            {"shape", strictness::shape},
            {"outcome", strictness::outcome}},
           "exact|shape|outcome");
}

void add_replay_options(CLI::App& verb, replay_options& to) {
  add_strictness(verb, to.how);
  verb.add_option("--until", to.until, "the last record that is replayed");
  verb.add_option("--break", to.breaks_at,
                  "stop at the first record for which it holds")
      ->type_name("FILTER");
  verb.add_flag("--twice", to.is_twice, "both replays must agree, too");
}

void add_verify_options(CLI::App& verb, verify_options& to) {
  add_strictness(verb, to.how);
  verb.add_flag("--twice", to.is_twice, "each twice, and both must agree");
  verb.add_option("--junit", to.junit, "a report for CI, as XML");
}

void add_explore_options(CLI::App& verb, explore_options& to) {
  // A world of its own has what a recorded life has been through already.
  auto* recorded =
      verb.add_option("TRACE", to.paths,
                      "a recorded life to look around in; default: a world of "
                      "its own, in which all is explored");
  verb.add_option("--from", to.from,
                  "replay TRACE up to before this record; default: to its "
                  "first event")
      ->needs(recorded);
  verb.add_option("--changes", to.changes,
                  "of TRACE's order, at most; default: 1")
      ->check(CLI::Range(0, 20))
      ->needs(recorded);
  verb.add_flag("--background", to.is_background,
                "ELASTIC_APM_SEND_STRATEGY=background")
      ->excludes(recorded);
  verb.add_flag("--at-most-once", to.is_at_most_once,
                "ELASTIC_APM_LAMBDA_DELIVERY=at_most_once")
      ->excludes(recorded);
  verb.add_option("--invocations", to.invocations, "default: 1; then SHUTDOWN")
      ->check(CLI::Range(1, 20))
      ->excludes(recorded);
  verb.add_option("--faults", to.faults,
                  "of the APM Server, in one life; default: none")
      ->check(CLI::Range(0, 10));
  verb.add_flag("--any-order", to.is_any_order,
                "actors' turns in any order that CAF allows, too")
      ->excludes(recorded);
  verb.add_flag("--random", to.is_random, "orders of chance, not all of them");
  verb.add_option("--seed", to.seed, "of chance; default: 1");
  verb.add_option("--schedules", to.schedules, "at most");
  verb.add_option("--seconds", to.seconds, "at most; default: 60")
      ->check(CLI::Range(1, 86'400));
  verb.add_flag("--leave-out", to.may_leave_out,
                "agents and the platform may leave out what they would say")
      ->excludes(recorded);
  verb.add_option("--schedule", to.schedule, "this one again, as it was told");
  verb.add_flag("--as-found", to.is_as_found,
                "what is found is told as it was, not shrunk")
      ->excludes(recorded);
  verb.add_option("-o,--output", to.output,
                  "a segment for the trace of what was found");
  verb.add_flag("--json", to.is_json, "one JSON object");
}

void add_shrink_options(CLI::App& verb, shrink_options& to) {
  verb.add_option("-o,--output", to.output,
                  "a folder for trace, diagram and test; default: here");
  verb.add_option("--name", to.name,
                  "of these files and of the test; default: found");
  verb.add_option("--event", to.event,
                  "the missed flush of this one; default: the first, and of "
                  "an exploration the broken promise");
  verb.add_option("--seconds", to.seconds,
                  "of a recorded life, at most; default: 10")
      ->check(CLI::Range(1, 86'400));
}

void add_changes(CLI::App& verb, std::vector<std::string>& to,
                 const char* what) {
  verb.add_option("--set", to, what)
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
}

void add_whatif_options(CLI::App& verb, whatif_options& to) {
  auto* traces = verb.add_option("TRACE", to.paths,
                                 "ring or segments, or a folder of them");
  add_changes(verb, to.changes,
              "a parameter or variable and its value; may be repeated");
  auto* list = verb.add_flag("--list", to.is_list, "what can be changed");
  verb.add_flag("--all", to.is_all, "events of which nothing was missed, too");
  verb.add_flag("--modelled", to.is_modelled,
                "from the first record on: with nothing changed it shows how "
                "far the model is off");
  verb.add_option("-o,--output", to.output,
                  "a file of segments for the changed lives, which all verbs "
                  "read");
  verb.add_flag("--json", to.is_json, "one JSON object a line");
  verb.parse_complete_callback([traces, list] {
    if (traces->empty() && list->empty())
      throw CLI::ValidationError{"whatif", "name a TRACE, or --list"};
  });
}

void add_sweep_options(CLI::App& verb, sweep_options& to) {
  verb.add_option("PARAMETER", to.parameter,
                  "one of flushtrace whatif --list, or a variable")
      ->required();
  verb.add_option("TRACE", to.paths, "ring or segments, or a folder of them")
      ->required();
  auto* from = verb.add_option("--from", to.from, "the smallest value");
  auto* last = verb.add_option("--to", to.to, "the greatest value");
  from->needs(last);
  last->needs(from);
  verb.add_option("--step", to.step, "each value; default: search the smallest")
      ->needs(from);
  auto* values = verb.add_option("--values", to.values,
                                 "these values, with commas between them")
                     ->delimiter(',')
                     ->allow_extra_args(false)
                     ->excludes(from);
  add_changes(verb, to.changes, "changed with each value; may be repeated");
  verb.add_flag("--json", to.is_json, "one JSON object");
  verb.parse_complete_callback([from, values] {
    if (from->empty() && values->empty())
      throw CLI::ValidationError{"sweep", "say --from and --to, or --values"};
  });
}

} // namespace

void add_running_verbs(command_line in) {
  auto [replay, again] = add_verb<replay_options>(
      in, "replay", "whether the actors do it again", "/tmp", run_replay);
  add_paths(replay, again);
  add_replay_options(replay, again);
  auto [verify, corpus] = add_verb<verify_options>(
      in, "verify", "replays each trace of a corpus, for CI",
      "--junit report.xml tests/replay/golden", run_verify);
  add_paths(verify, corpus);
  add_verify_options(verify, corpus);
  auto [diff, two] = add_verb<diff_options>(
      in, "diff", "where two runs part, or a run and its replay",
      "good.atrc missed.atrc", run_diff);
  add_diff_options(diff, two);
  auto [whatif, change] = add_verb<whatif_options>(
      in, "whatif", "how it would have gone with something changed",
      "--set margin=500ms --set server_latency=x2 /tmp", run_whatif);
  add_whatif_options(whatif, change);
  auto [sweep, range] = add_verb<sweep_options>(
      in, "sweep",
      "a range of one parameter, and its smallest value that misses nothing",
      "margin --from 50ms --to 2s /tmp", run_sweep);
  add_sweep_options(sweep, range);
  auto [explore, orders] = add_verb<explore_options>(
      in, "explore", "looks for an order of events that breaks a promise",
      "--invocations 2 --faults 1 -o found.atrc", run_explore);
  add_explore_options(explore, orders);
  auto [shrink, found] = add_verb<shrink_options>(
      in, "shrink", "what of a trace is needed, as a test",
      "-o found --name late_flush found.atrc", run_shrink);
  add_paths(shrink, found);
  add_shrink_options(shrink, found);
}

} // namespace flushtrace
