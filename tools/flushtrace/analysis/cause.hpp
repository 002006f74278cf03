// The causes of missed flushes: the table that `flushtrace causes` prints, and
// for each a rule, which looks for it in the facts of an event.
//
//   for (const auto& cause : all_causes())
//     if (auto found = cause.judge(input))
//       …
#pragma once

#include "tools/flushtrace/analysis/event_facts.hpp"
#include "tools/flushtrace/analysis/outcome.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

/// What to do about a cause.
struct remedy {
  std::string text;    ///< one sentence
  std::string setting; ///< a variable's name; empty: none mends it
  std::string value;   ///< for that variable
};

/// What a rule looks at.
struct rule_input {
  const trace_facts& all;
  const event_facts& event;
  const event_outcome& outcome;
  const event_facts* before = nullptr; ///< the event before, null: none
  const event_facts* after = nullptr;
};

/// What a rule has found.
struct rule_finding {
  std::vector<uint64_t> evidence; ///< sequences of records
  std::string detail;             ///< one sentence, with this event's figures
  /// Instead of the cause's; empty text: the cause's.
  remedy fix;
  int weight = 0; ///< instead of the cause's; 0: the cause's
};

using rule = std::optional<rule_finding> (*)(const rule_input&);

/// When a rule is asked.
enum class asked : uint8_t {
  of_missed, ///< of events whose flush was missed
  always,    ///< it is worth a word even where nothing is missed
};

/// Of what is said only where nothing else holds.
constexpr int remark_weight_max = 30;

struct cause {
  const char* id; ///< `family.name`
  const char* what;
  const char* evidence; ///< by which it is known
  const char* remedy;
  /// Of several that hold the one with the greatest weight comes first: what
  /// would have to be mended first for the others not to matter.
  int weight;
  asked when;
  rule judge;
};

/// *Shape:* by family, as the table is printed.
const std::vector<cause>& all_causes();

/// Null where there is none of that id.
const cause* find_cause(std::string_view id) noexcept;

} // namespace flushtrace
