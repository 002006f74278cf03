// verify: replays a corpus of traces, as a test of the actors; one line a
// trace, and a report as CI systems read it.
#include "tools/flushtrace/replay/junit.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"
#include "tools/flushtrace/trace_files.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <algorithm>
#include <fstream>
#include <ostream>

namespace flushtrace {

namespace {

/// What is told of one file.
struct file_result {
  int status = exit_clean;
  double seconds = 0;
  std::string text; ///< of what is wrong; empty where nothing is
};

file_result verify_file(const std::string& file, const verify_options& options,
                        streams to) {
  file_result found;
  const auto loaded = load_traces({file});
  for (const auto& x : loaded.problems) {
    found.text += "  " + x.what + '\n'; // it stands below the file's name
    found.status = exit_unreadable;
  }
  replay_settings settings;
  settings.how = options.how;
  for (const auto& each : loaded.processes) {
    const auto report = replay_process(each, settings, options.is_twice);
    const auto status = status_of(report);
    found.status = worse(found.status, status);
    found.seconds += report.seconds;
    if (status != exit_clean)
      found.text += text_of(report);
    if (options.is_json)
      to.out << json_of(report, file);
  }
  return found;
}

} // namespace

int run_verify(const verify_options& options, streams to) {
  std::vector<std::string> files;
  int status = exit_clean;
  for (const auto& path : options.paths) {
    const auto found = trace_files_in(path);
    if (found.empty()) {
      to.trouble << "flushtrace: " << path
                 << ": holds no trace: *.atrc, *.ring\n";
      status = exit_unreadable;
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.empty())
    return exit_unreadable;
  size_t exact = 0;
  junit_report junit{"flushtrace verify"};
  for (const auto& file : files) {
    const auto found = verify_file(file, options, to);
    status = worse(status, found.status);
    exact += found.status == exit_clean ? 1 : 0;
    junit.add(file, found.seconds, found.text);
    if (!options.is_json)
      to.out << (found.status == exit_clean ? "exact   " : "FAILED  ") << file
             << '\n'
             << found.text;
  }
  if (!options.is_json)
    to.out << exact << " of " << files.size() << " traces replay exactly\n";
  if (options.junit.empty())
    return status;
  std::ofstream out{options.junit, std::ios::binary};
  out << junit.text();
  out.close();
  if (out.good())
    return status;
  to.trouble << "flushtrace: " << options.junit << ": cannot be written\n";
  return exit_usage;
}

} // namespace flushtrace
