// Living as recorded; see recorded_life.hpp.
#include "tools/flushtrace/shrink/recorded_life.hpp"

#include "tools/flushtrace/shrink/recorded_shrinker.hpp"
#include "tools/flushtrace/whatif/whatif_engine.hpp"

namespace flushtrace {

recorded_life::recorded_life(const std::string& file) {
  const auto loaded = load_traces({file});
  if (loaded.processes.size() != 1) {
    trouble_ = file + ": holds no trace of one process";
    return;
  }
  alteration how;
  how.modelled_from = 0;
  const auto lived = what_if(loaded.processes.front(), how);
  if (lived)
    found_ = std::make_unique<process_analysis>(analyse(lived.value().trace));
  else
    trouble_ = file + ": " + lived.error().detail;
}

recorded_life::~recorded_life() = default;

bool recorded_life::is_missed(std::string_view request_id,
                              std::string_view cause) const {
  missed_flush what;
  what.kind =
      request_id.empty() ? apm::event_kind::shutdown : apm::event_kind::invoke;
  what.request_id = request_id;
  what.cause = cause;
  return found_ != nullptr && has_missed(*found_, what);
}

} // namespace flushtrace
