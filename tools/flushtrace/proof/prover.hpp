// Proves causes by replay: an event is lived again without each cause that was
// found; where nothing is missed then, that was it. And what a remedy would
// bring, and cost.
//
//   prover x{process, limits, progress};
//   x.prove(analysis, event);
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"
#include "tools/flushtrace/progress.hpp"
#include "tools/flushtrace/proof/neutraliser.hpp"
#include "tools/flushtrace/whatif/whatif_engine.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flushtrace {

/// How many lives one process' events may take to be proved: a trace can have
/// any number of missed events.
constexpr size_t proof_lives_max = 200;

class prover {
public:
  /// @param of outlives it
  /// @param shown may be null
  explicit prover(const process_trace& of, size_t lives_max = proof_lives_max,
                  progress* shown = nullptr);
  ~prover();

  /// Fills in what replay tells of an event's findings, and puts first what is
  /// proved, last what is ruled out. An event of which nothing is missed stays
  /// as it is.
  void prove(event_analysis& event);

  /// Missed events that have stayed inferred since there were too many.
  size_t left_out() const noexcept { return left_out_; }

private:
  struct lived_event;
  struct life;

  /// A finding, and the changes without it that make a difference.
  struct trial {
    finding* of = nullptr;
    std::vector<neutralisation> changes;
  };

  /// Null: it cannot be lived, or there were too many.
  const life* live(const neutralisation& x, uint64_t event);
  std::optional<but_for> outcome_of(const event_analysis& event,
                                    const neutralisation& x);
  /// @param missed in this version, with nothing changed
  trial try_without(const event_analysis& event, const event_outcome& missed,
                    finding& x);
  void try_together(const event_analysis& event,
                    const std::vector<trial>& trials);
  bool try_both(const event_analysis& event, const trial& x, const trial& y);

  trace_facts facts_;
  size_t lives_max_;
  progress* shown_;
  world_hosts hosts_;
  whatif_engine engine_;
  std::map<std::string, std::unique_ptr<life>> lives_; ///< by what is otherwise
  std::string impossible_; ///< why the trace cannot be replayed; empty: it can
  size_t left_out_ = 0;
};

/// As `analyse`, with causes proved.
process_analysis analyse_and_prove(const process_trace& of);

} // namespace flushtrace
