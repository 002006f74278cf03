// What a life without a cause would be: for each cause the alterations that
// take it away, the smallest first, or why no replay can be without it.
//
//   for (const auto& x : neutralise({facts, event, finding}))
//     … what_if(trace, x.change) …
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"
#include "tools/flushtrace/whatif/alteration.hpp"

#include <string>
#include <utility>
#include <vector>

namespace flushtrace {

struct neutralisation {
  neutralisation(alteration x, std::string what)
      : change(std::move(x)), text(std::move(what)) {}

  alteration change;
  /// What is otherwise, as a clause: `the APM Server answers 202`.
  std::string text;
  /// What else has to be supposed, since the trace does not tell; empty:
  /// nothing. *Shape:* as `text`.
  std::string assumption;
  /// Without this the change has not taken hold, whatever is missed; null:
  /// nothing is asked.
  bool (*has_taken_hold)(const event_facts&) = nullptr;

  std::string full_text() const {
    return assumption.empty() ? text : text + ", and " + assumption;
  }
};

/// Both at once.
neutralisation joined(const neutralisation& x, const neutralisation& y);

/// What is to be taken away.
struct suspect {
  const trace_facts& all;
  const event_analysis& event;
  const finding& what;
};

/// *Shape:* the smallest first; empty: see `why_not_neutralised`.
std::vector<neutralisation> neutralise(const suspect& x);

/// Why a cause stays inferred, as a clause; empty where it has alterations.
std::string_view why_not_neutralised(std::string_view cause) noexcept;

/// What its replay has otherwise, in words; empty where it has none.
std::string_view how_neutralised(std::string_view cause) noexcept;

} // namespace flushtrace
