// Verbs that make files of traces.
#include "tools/flushtrace/command_line/verb.hpp"
#include "tools/flushtrace/migrate/migrate_verb.hpp"

namespace flushtrace {

namespace {

void add_slice(command_line in) {
  auto [verb, to] = add_verb<slice_options>(
      in, "slice", "a smaller trace out of a greater one",
      "--events 5..8 -o part.atrc /tmp", run_slice);
  add_paths(verb, to);
  verb.add_option("-o,--output", to.output,
                  "where it goes; - is standard output")
      ->required();
  verb.add_option("--events", to.events, "5, 5..8, 5.. or ..8")
      ->type_name("EVENTS");
  add_filter(verb, to);
  verb.add_flag("--cone", to.is_cone,
                "of these events only the records for which the filter holds, "
                "and all that brought them about");
}

void add_redact(command_line in) {
  constexpr const char* parts = "settings|ids|names|shapes|bodies";
  auto [verb, to] = add_verb<redact_options>(
      in, "redact", "a trace to give away", "-o shown.atrc /tmp", run_redact);
  add_paths(verb, to);
  verb.add_option("-o,--output", to.output,
                  "where it goes; - is standard output")
      ->required();
  verb.add_option("--keep", to.kept, "leaves this as it is; may be repeated")
      ->allow_extra_args(false)
      ->transform(one_of<kept_part>({{"settings", kept_part::settings},
                                     {"ids", kept_part::ids},
                                     {"names", kept_part::names},
                                     {"shapes", kept_part::shapes},
                                     {"bodies", kept_part::bodies}},
                                    parts))
      ->type_name(parts);
  verb.add_option("--key", to.key,
                  "the same gives the same pseudonyms; default: a drawn one");
}

} // namespace

void add_file_verbs(command_line in) {
  add_slice(in);
  add_redact(in);
  auto [salvage, ring] =
      add_verb<salvage_options>(in, "salvage", "makes a segment of a ring",
                                "/tmp/apm-lambda-extension.ring", run_salvage);
  salvage.add_option("RING", ring.ring, "of a process, killed or not")
      ->required();
  salvage.add_option("-o,--output", ring.output,
                     "default: RING.atrc; - is standard output");
  salvage.add_flag("--json", ring.is_json, "one JSON object");
  auto [extract, logs] = add_verb<extract_options>(
      in, "extract", "takes segments out of the extension's log",
      "-d traces log.txt", run_extract);
  extract.add_option("LOG", logs.logs, "default: standard input");
  extract.add_option("-d,--directory", logs.folder,
                     "where they go, made if need be; default: here");
  extract.add_flag("--json", logs.is_json, "one JSON object a line");
  auto [migrate, old] = add_verb<migrate_options>(
      in, "migrate", "traces of older programs as written now",
      "--in-place traces", run_migrate);
  add_migrate_options(migrate, old);
}

} // namespace flushtrace
