// replay: whether the actors do again what they did, and where they first do
// something else.
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <ostream>

namespace flushtrace {

int run_replay(const replay_options& options, streams to) {
  const auto wanted = read_filter(options.breaks_at, to, "--break");
  if (!wanted)
    return exit_usage;
  const auto loaded = load_traces(options.paths);
  if (tell_problems(loaded, to.trouble))
    return exit_unreadable;
  replay_settings settings;
  settings.how = options.how;
  settings.until = options.until;
  int status = exit_clean;
  for (const auto& each : loaded.processes) {
    record_facts facts{each, words_for(*wanted, each)};
    if (!wanted->is_empty())
      settings.breaks_at = [&](const record& x) {
        facts.go_to(x);
        return wanted->holds(facts);
      };
    const auto report = replay_process(each, settings, options.is_twice);
    to.out << (options.is_json ? json_of(report) : text_of(report));
    status = worse(status, status_of(report));
  }
  return status_beside(loaded, status);
}

} // namespace flushtrace
