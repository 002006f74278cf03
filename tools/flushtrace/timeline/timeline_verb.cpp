// timeline: the page as a file.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/timeline/page.hpp"
#include "tools/flushtrace/trace_files.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <fstream>
#include <ostream>

namespace flushtrace {

namespace {

std::string result_json(const timeline_options& options, const page& x) {
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", 1);
  out.string("file", options.output);
  out.integer("bytes", static_cast<int64_t>(x.html.size()));
  out.integer("records", static_cast<int64_t>(x.records));
  out.boolean("is_whole", x.is_whole);
  out.end();
  return line;
}

} // namespace

int run_timeline(const timeline_options& options, streams to) {
  auto chosen = read_filter(options.filter, to);
  if (!chosen)
    return exit_usage;
  const auto traces = load_traces(options.paths, to.progress);
  if (tell_problems(traces, to.trouble))
    return exit_unreadable;
  page_options wanted;
  wanted.event = options.event;
  wanted.wanted = std::move(*chosen);
  if (options.is_proved && options.proved_by != nullptr)
    wanted.analysed_by = options.proved_by;
  auto made = make_page(traces.processes, wanted);
  if (!made) {
    to.trouble << "flushtrace: " << made.error().detail << '\n';
    return exit_usage;
  }
  const auto& page = made.value();
  const bool is_chosen = options.event != 0 || !options.filter.empty();
  if (is_chosen && !page.has_events) {
    to.trouble << "flushtrace: there is no such event: flushtrace ls shows "
                  "which there are\n";
    return exit_usage;
  }
  if (!page.is_whole && !is_chosen)
    to.trouble << "flushtrace: the page has room for " << page.records
               << " records: missed flushes first, then the newest events; "
                  "--event N shows another\n";
  if (is_standard_output(options.output)) {
    to.out << page.html;
    return status_beside(traces, exit_clean);
  }
  std::ofstream file{options.output, std::ios::binary | std::ios::trunc};
  file << page.html;
  file.close();
  if (!file) {
    to.trouble << "flushtrace: cannot write " << options.output << '\n';
    return exit_usage;
  }
  if (options.is_json)
    to.out << result_json(options, page) << '\n';
  else
    to.out << options.output << ": " << page.records << " records, "
           << page.html.size() << " bytes; open it in a browser\n";
  return status_beside(traces, exit_clean);
}

} // namespace flushtrace
