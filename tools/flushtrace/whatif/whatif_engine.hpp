// Lives a recorded life again with something changed. Up to the first decision
// that changes the replay is exact: the recorded inputs at their times, and the
// actors do what they did. Behind it the world is a model: what comes whatever
// the extension does keeps its time, what answers the extension is timed anew,
// from the recording or as the alteration says.
//
//   world_hosts hosts;
//   whatif_engine engine{trace, hosts};
//   auto changed = engine.live(alteration);
//   if (changed)
//     for (const auto& event : analyse(changed.value().trace).events)
//       … event.outcome, changed.value().is_exact(event)
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"
#include "tools/flushtrace/replay/replay_world.hpp"
#include "tools/flushtrace/trace_set.hpp"
#include "tools/flushtrace/whatif/alteration.hpp"
#include "tools/flushtrace/whatif/life_course.hpp"
#include "tools/flushtrace/whatif/model_guide.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace flushtrace {

/// A life that did not happen.
struct changed_life {
  /// As if it had been recorded: all verbs and `analyse` can read it.
  process_trace trace;

  /// The last record of the recording up to which nothing is different; 0: from
  /// the first on.
  uint64_t exact_until = 0;

  /// The same record in `trace`, whose numbers may be others.
  uint64_t exact_until_here = 0;

  /// It is the recorded life to its end: nothing that was changed mattered.
  bool is_exact_to_end = false;

  /// What was different first, in a clause; empty where nothing was.
  std::string first_change;

  std::map<std::string, function_end> function_ends; ///< by request id

  /// The part that was recorded ends at a gap: what came behind it is not
  /// known.
  bool is_cut = false;

  /// Whether all that is told of an event of `trace` is exact.
  bool is_exact(const event_facts& x) const noexcept {
    return is_exact_to_end || x.last.record <= exact_until_here;
  }
};

struct life_source;

/// For as many lives of one recording as are wanted.
class whatif_engine {
public:
  /// @param of outlives it
  /// @param hosts likewise; lives are lived in its worlds
  whatif_engine(const process_trace& of, world_hosts& hosts);
  ~whatif_engine();

  /// *Errors:* `bad_shape` where the trace cannot be replayed, with the reason;
  /// `bad_value` where a setting cannot have its value.
  ///
  /// @param guide decides what comes next where all is modelled; null: time
  /// does
  [[nodiscard]] apm::result<changed_life> live(const alteration& how,
                                               model_guide* guide = nullptr);

  /// Why it has no other life; empty: it can have some.
  const std::string& impossible() const noexcept { return impossible_; }

private:
  const process_trace& of_;
  std::unique_ptr<const life_source> source_; ///< null where it is impossible
  std::string impossible_;
  world_hosts& hosts_;
};

/// One life alone. *Errors:* as `whatif_engine::live`.
[[nodiscard]] apm::result<changed_life> what_if(const process_trace& of,
                                                const alteration& how);

} // namespace flushtrace
