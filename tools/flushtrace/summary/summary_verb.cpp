// summary: what many traces come to, and whether that fails a build.
#include "runtime/trace/trace_folder.hpp"
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/summary/fleet_text.hpp"
#include "tools/flushtrace/summary/gate.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <fstream>
#include <ostream>

namespace flushtrace {

namespace {

/// Its figures and a few events: a few kilobytes.
constexpr uint64_t baseline_bytes_max = 16 * 1024 * 1024;

bool are_choices_known(const summary_options& options, std::ostream& trouble) {
  for (const auto& word : options.fail_on)
    if (!is_known_choice(word)) {
      trouble << "flushtrace: --fail-on: there is no cause or family '" << word
              << "': see flushtrace causes\n";
      return false;
    }
  return true;
}

/// @returns whether it could be read, or there is none
bool read_known(const summary_options& options, baseline& to,
                std::ostream& trouble) {
  if (options.baseline.empty())
    return true;
  const auto text = apm::trace::read_file(options.baseline, baseline_bytes_max);
  if (!text) {
    trouble << "flushtrace: " << text.error().detail << '\n';
    return false;
  }
  auto known = read_baseline(text.value());
  if (!known) {
    trouble << "flushtrace: " << options.baseline << ": "
            << known.error().detail << '\n';
    return false;
  }
  to = std::move(known.value());
  return true;
}

bool write_report(const std::string& path, const std::string& text,
                  std::ostream& trouble) {
  std::ofstream file{path, std::ios::binary};
  file << text;
  file.close();
  if (file)
    return true;
  trouble << "flushtrace: cannot write " << path << '\n';
  return false;
}

} // namespace

int run_summary(const summary_options& options, streams to) {
  baseline known;
  const auto wanted = read_filter(options.filter, to);
  if (!wanted || !are_choices_known(options, to.trouble)
      || !read_known(options, known, to.trouble))
    return exit_usage;
  const auto traces = load_traces(options.paths, to.progress);
  if (tell_problems(traces, to.trouble))
    return exit_unreadable;
  fleet sum;
  for (const auto& process : traces.processes) {
    if (options.filter.empty()) {
      sum.add(process, analyse(process), nullptr);
      continue;
    }
    const auto chosen = events_with(*wanted, process);
    sum.add(process, analyse(process), &chosen);
  }
  if (!wanted->is_empty() && sum.events == 0)
    tell_none_fits(to.trouble);
  const auto failing = failing_causes(sum, options.fail_on, known);
  to.out << (options.is_json ? fleet_in_json(sum) + '\n' : fleet_in_text(sum));
  if (!options.is_json && !options.fail_on.empty())
    for (const auto& cause : failing)
      to.out << "fails: " << cause << '\n';
  if (!options.junit.empty()
      && !write_report(options.junit, junit_report(sum, failing), to.trouble))
    return exit_usage;
  if (!failing.empty())
    return exit_missed;
  return status_beside(traces,
                       sum.undecidable > 0 ? exit_undecidable : exit_clean);
}

} // namespace flushtrace
