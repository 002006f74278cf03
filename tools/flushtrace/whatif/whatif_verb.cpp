// whatif: how a recorded life would have gone with something changed.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"
#include "tools/flushtrace/segment_file.hpp"
#include "tools/flushtrace/trace_files.hpp"
#include "tools/flushtrace/verbs.hpp"
#include "tools/flushtrace/whatif/verb_support.hpp"
#include "tools/flushtrace/whatif/whatif_report.hpp"

#include <cstdio>
#include <ostream>

namespace flushtrace {

namespace {

void list_text(std::ostream& to) {
  char line[256];
  for (const auto& x : all_parameters()) {
    std::snprintf(line, sizeof line, "%-20s %s\n", std::string{x.name}.c_str(),
                  std::string{x.what}.c_str());
    to << line;
    std::snprintf(line, sizeof line, "  takes %s; exact up to %s\n",
                  std::string{x.values}.c_str(),
                  std::string{x.exact_until}.c_str());
    to << line;
    if (!x.variable.empty())
      to << "  is " << x.variable << '\n';
  }
  to << "and each variable that the extension reads, by its name\n";
}

void list_json(std::ostream& to) {
  for (const auto& x : all_parameters()) {
    std::string line;
    apm::json_object out{line};
    out.integer("schema_version", schema_version);
    out.string("parameter", x.name);
    out.string("what", x.what);
    out.string("values", x.values);
    out.string("exact_until", x.exact_until);
    out.string("variable", x.variable);
    out.end();
    to << line << '\n';
  }
}

/// What cannot be lived again, and why.
void tell_undecidable(const process_trace& of, const std::string& why,
                      bool is_json, streams to) {
  if (!is_json) {
    to.trouble << "flushtrace: what would have been cannot be told of process "
               << of.content.process.process_id << ":\n"
               << why << (why.empty() || why.back() != '\n' ? "\n" : "");
    return;
  }
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", schema_version);
  out.integer("process", of.content.process.process_id);
  out.string("why", why);
  out.end();
  to.out << line << '\n';
}

} // namespace

int run_whatif(const whatif_options& options, streams to) {
  if (options.is_list) {
    options.is_json ? list_json(to.out) : list_text(to.out);
    return exit_clean;
  }
  auto how = read_changes(options.changes, to);
  if (!how)
    return exit_usage;
  if (options.is_modelled)
    how->modelled_from = 0;
  const auto loaded = load_recorded(options.paths, to);
  if (!loaded)
    return exit_unreadable;
  const auto told = told_beside(options.output, to);
  int status = exit_clean;
  std::vector<trace> changed;
  for (const auto& each : loaded->processes) {
    if (const auto check = check_replays(each); check.status != exit_clean) {
      tell_undecidable(each, check.why, options.is_json, told);
      status = worse(status, check.status);
      continue;
    }
    const auto life = what_if(each, *how);
    if (!life && life.error().code == apm::errc::bad_value) {
      to.trouble << "flushtrace: " << life.error().detail << '\n';
      return exit_usage;
    }
    if (!life) {
      tell_undecidable(each, life.error().detail, options.is_json, told);
      status = worse(status, exit_undecidable);
      continue;
    }
    const auto x = compare(each, life.value());
    told.out << (options.is_json
                     ? json_of(each, life.value(), x, options.changes)
                     : text_of(each, life.value(), x, options.changes,
                               options.is_all));
    status = worse(status, status_of(life.value(), x));
    changed.push_back(life.value().trace.content);
  }
  if (!options.output.empty() && !write_segments(changed, options.output, to))
    return exit_usage;
  return status_beside(*loaded, status);
}

} // namespace flushtrace
