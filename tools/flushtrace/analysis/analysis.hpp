// Why telemetry was missed, event by event: facts, judged by rules.
//
//   for (const auto& event : analyse(process).events)
//     if (event.outcome.is_missed())
//       … event.findings.front().what->id …
#pragma once

#include "tools/flushtrace/analysis/cause.hpp"

#include <optional>
#include <string>
#include <vector>

namespace flushtrace {

/// How sure a cause is.
enum class proof : uint8_t {
  inferred,  ///< a rule holds
  proved,    ///< a replay without it misses nothing, or nothing so grave
  ruled_out, ///< a replay without it misses as much, and another is proved
};

/// What comes of an event where something is otherwise: of a replay.
struct but_for {
  std::string change; ///< what is otherwise, as a clause
  /// Nothing is: the change does not touch what happened.
  bool is_same_life = false;
  bool is_there = false; ///< the event comes about
  event_outcome outcome;
  bool is_exact = false; ///< it is known to be so; else a model says it
  /// By which the invocation is billed longer; nothing where that is not known.
  std::optional<int64_t> billed_ns;

  /// Nothing is missed.
  bool is_clean() const noexcept {
    return is_there && !outcome.is_missed() && !outcome.is_undecidable
           && !outcome.is_unfinished;
  }
};

/// A cause that holds for an event.
struct finding {
  const cause* what = nullptr;
  std::vector<uint64_t> evidence; ///< sequences of records, ascending
  std::string detail;
  remedy fix;
  int weight = 0;
  proof how = proof::inferred;
  /// Without the cause; nothing where no replay was without it.
  std::optional<but_for> without;
  std::string why_inferred;           ///< why not; empty: nobody has tried
  std::optional<but_for> with_remedy; ///< with the setting that mends it
};

/// What was lost for none of the causes, with the records that show it.
struct uncaused_loss {
  std::string detail;
  std::vector<uint64_t> evidence; ///< sequences of records, ascending
};

struct event_analysis {
  event_facts facts;
  event_outcome outcome;
  std::vector<finding> findings; ///< the primary cause first
  std::vector<uncaused_loss> uncaused;

  bool has_cause(std::string_view id) const noexcept;
};

struct process_analysis {
  std::vector<event_analysis> events; ///< in the trace's order
  apm::settings settings;

  /// Null where there is none of that number.
  const event_analysis* find(uint64_t event) const noexcept;
};

process_analysis analyse(const process_trace& from);

} // namespace flushtrace
