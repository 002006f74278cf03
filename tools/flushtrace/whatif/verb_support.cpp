#include "tools/flushtrace/whatif/verb_support.hpp"

#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/replay/replay_report.hpp"

#include <ostream>

namespace flushtrace {

std::optional<alteration> read_changes(const std::vector<std::string>& written,
                                       streams to) {
  alteration how;
  for (const auto& x : written) {
    const auto equals = x.find('=');
    if (equals == std::string::npos) {
      to.trouble << "flushtrace: --set " << x
                 << ": write it as NAME=VALUE, such as margin=500ms\n";
      return {};
    }
    const auto name = std::string_view{x}.substr(0, equals);
    const auto value = std::string_view{x}.substr(equals + 1);
    if (auto done = alter(how, name, value); !done) {
      to.trouble << "flushtrace: " << done.error().detail << '\n';
      return {};
    }
  }
  return how;
}

std::optional<trace_set> load_recorded(const std::vector<std::string>& paths,
                                       streams to) {
  auto loaded = load_traces(paths, to.progress);
  if (tell_problems(loaded, to.trouble))
    return {};
  return loaded;
}

replay_check check_replays(const process_trace& of) {
  const auto report = replay_process(of, {}, false);
  const auto status = status_of(report);
  // Up to a gap it can be lived again.
  const bool is_enough =
      status == exit_clean
      || (status == exit_undecidable && report.undecidable.empty()
          && !report.outcome.first);
  return is_enough ? replay_check{} : replay_check{status, text_of(report)};
}

} // namespace flushtrace
