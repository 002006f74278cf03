// What whatif and sweep share: reading changes and traces, and the question
// whether a trace is this program's at all.
#pragma once

#include "tools/flushtrace/trace_set.hpp"
#include "tools/flushtrace/verbs.hpp"
#include "tools/flushtrace/whatif/alteration.hpp"

#include <optional>
#include <string>
#include <vector>

namespace flushtrace {

/// Changes as they are written, `margin=500ms`. Says what is wrong.
std::optional<alteration> read_changes(const std::vector<std::string>& written,
                                       streams to);

/// Says what cannot be read. *Shape:* nothing where something cannot.
std::optional<trace_set> load_recorded(const std::vector<std::string>& paths,
                                       streams to);

/// Whether the actors do again what was recorded: else a difference says
/// nothing of a change.
struct replay_check {
  int status = 0;  ///< to exit with; 0: they do
  std::string why; ///< they do not, in some lines
};

replay_check check_replays(const process_trace& of);

} // namespace flushtrace
