// export: a trace in the format of another tool.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/export/export.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/trace_files.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <fstream>
#include <ostream>

namespace flushtrace {

namespace {

std::string exported(const export_options& options,
                     const std::vector<shown_process>& shown) {
  if (options.format == "perfetto")
    return perfetto_of(shown);
  if (options.format == "mermaid")
    return mermaid_of(shown);
  if (options.format == "shiviz")
    return shiviz_of(shown);
  if (options.format == "otlp")
    return otlp_of(shown);
  return ecs_of(shown, options.with_records);
}

} // namespace

int run_export(const export_options& options, streams to) {
  const auto wanted = read_filter(options.filter, to);
  if (!wanted)
    return exit_usage;
  const auto traces = load_traces(options.paths, to.progress);
  if (tell_problems(traces, to.trouble))
    return exit_unreadable;
  const auto shown = show(traces.processes, options.event, *wanted);
  const auto text = shown.empty() ? std::string{} : exported(options, shown);
  if (text.empty()) {
    to.trouble << "flushtrace: there is no such event: flushtrace ls shows "
                  "which there are\n";
    return exit_usage;
  }
  if (options.format == "shiviz") {
    to.trouble << "flushtrace: ShiViz reads it with the expression "
               << shiviz_parser << '\n';
    if (shown.size() > 1)
      to.trouble << "flushtrace: this is the first of " << shown.size()
                 << " processes\n";
  }
  if (is_standard_output(options.output)) {
    to.out << text;
    return status_beside(traces, exit_clean);
  }
  std::ofstream file{options.output, std::ios::binary | std::ios::trunc};
  file << text;
  file.close();
  if (!file) {
    to.trouble << "flushtrace: cannot write " << options.output << '\n';
    return exit_usage;
  }
  if (!options.is_json) {
    to.out << options.output << ": " << text.size() << " bytes\n";
    return status_beside(traces, exit_clean);
  }
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", 1);
  out.string("format", options.format);
  out.string("file", options.output);
  out.integer("bytes", static_cast<int64_t>(text.size()));
  out.end();
  to.out << line << '\n';
  return status_beside(traces, exit_clean);
}

} // namespace flushtrace
