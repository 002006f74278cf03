// Verbs that show traces, here or in other tools.
#include "tools/flushtrace/command_line/verb.hpp"
#include "tools/flushtrace/proof/prover.hpp"

namespace flushtrace {

void add_showing_verbs(command_line in) {
  auto [timeline, page] = add_verb<timeline_options>(
      in, "timeline", "a page to look at, for any browser", "-o page.html /tmp",
      run_timeline);
  add_paths(timeline, page);
  timeline.add_option("-o,--output", page.output,
                      "default: timeline.html; - is standard output");
  timeline.add_option("--event", page.event, "this event alone");
  add_filter(timeline, page);
  add_no_proof(timeline, page.is_proved);
  page.proved_by = analyse_and_prove;
  auto [verb, to] = add_verb<export_options>(
      in, "export", "in the formats of other tools",
      "--format perfetto -o trace.json /tmp", run_export);
  add_paths(verb, to);
  verb.add_option("--format", to.format,
                  "perfetto, mermaid, shiviz, ecs or otlp")
      ->required()
      ->check(CLI::IsMember({"perfetto", "mermaid", "shiviz", "ecs", "otlp"}));
  verb.add_option("-o,--output", to.output, "default: standard output");
  verb.add_option("--event", to.event, "this event alone");
  add_filter(verb, to);
  verb.add_flag("--records", to.with_records,
                "ecs: a document for each record, too");
}

} // namespace flushtrace
