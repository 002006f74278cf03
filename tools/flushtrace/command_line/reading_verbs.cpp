// Verbs that tell what is in traces.
#include "tools/flushtrace/command_line/verb.hpp"

#include <map>

namespace flushtrace {

namespace {

void add_dump(command_line in) {
  auto [verb, to] = add_verb<dump_options>(
      in, "dump", "the records, one line each",
      "--event 17 --actor apm_forwarder missed.atrc", run_dump);
  add_paths(verb, to);
  add_filter(verb, to, "records for which it holds; see README.md, Filters");
  add_word(verb, "--format", to.form, "default: text",
           {{"text", dump_form::text},
            {"json", dump_form::json},
            {"csv", dump_form::csv}},
           "text|json|csv");
  verb.add_option("--fields", to.fields,
                  "only these, such as number,time,actor,type,status")
      ->type_name("FIELDS");
  verb.add_option("--event", to.event, "records of this event alone");
  verb.add_option("--kind", to.kinds, "records of this kind; may be repeated")
      ->allow_extra_args(false);
  verb.add_option("--actor", to.actors,
                  "records of actors of this role; may be repeated")
      ->allow_extra_args(false);
  verb.add_option("--first", to.first, "from this record on");
  verb.add_option("--last", to.last, "up to this record");
}

void add_explain(command_line in) {
  auto [verb, to] = add_verb<explain_options>(
      in, "explain", "why telemetry was missed: a screen for each event",
      "--event 17 /tmp", run_explain);
  add_paths(verb, to);
  add_filter(verb, to);
  verb.add_option("--event", to.event,
                  "this event; default: all that were missed");
  verb.add_flag("--all", to.is_all, "events of which nothing was missed, too");
  add_no_proof(verb, to.is_proved);
}

void add_summary(command_line in) {
  auto [verb, to] = add_verb<summary_options>(
      in, "summary", "many traces: causes by what they cost, worst events",
      "--fail-on transport --baseline known.json traces", run_summary);
  add_paths(verb, to);
  add_filter(verb, to);
  verb.add_option("--fail-on", to.fail_on,
                  "exit with 2 for this cause or family alone, or any; may be "
                  "repeated")
      ->allow_extra_args(false);
  verb.add_option("--baseline", to.baseline,
                  "of summary --json: no more than these is no failure");
  verb.add_option("--junit", to.junit, "report for CI, a test case a cause");
}

} // namespace

void add_reading_verbs(command_line in) {
  auto [info, of_info] =
      add_verb<trace_options>(in, "info",
                              "what there is: process, time, "
                              "settings",
                              "/tmp", run_info);
  add_paths(info, of_info);
  auto [ls, of_ls] = add_verb<trace_options>(
      in, "ls", "the events, one line each", "/tmp", run_ls);
  add_paths(ls, of_ls);
  add_filter(ls, of_ls);
  add_dump(in);
  add_explain(in);
  add_summary(in);
  auto [causes, of_causes] = add_verb<causes_options>(
      in, "causes", "all causes: what shows them, what mends them", "--json",
      run_causes);
  causes.add_flag("--json", of_causes.is_json, "one JSON object a line");
}

} // namespace flushtrace
