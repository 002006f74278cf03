// The filter language of all verbs; README.md, "Filters", has its grammar and
// fields.
//
//   auto wanted = filter::parse("actor==apm_forwarder && dt>50ms");
//   if (!wanted)
//     … wanted.error().detail: what is wrong, with a caret below the place
//   record_facts facts{process};
//   for (const auto& x : process.content.records) {
//     facts.go_to(x);
//     if (wanted.value().holds(facts))
//       …
#pragma once

#include "runtime/result.hpp"
#include "tools/flushtrace/filter/fields.hpp"
#include "tools/flushtrace/filter/quantity.hpp"
#include "tools/flushtrace/filter/record_facts.hpp"
#include "tools/flushtrace/filter/text_pattern.hpp"
#include "tools/flushtrace/filter/token.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

/// Of brackets within brackets.
constexpr int filter_depth_max = 64;

/// What a field is compared with.
struct literal {
  std::string text;
  std::optional<quantity> number;
  std::optional<int64_t> wall_ns; ///< it is a point in time
  std::optional<text_pattern> pattern;
};

struct clause {
  field_reference field;
  comparison_kind comparison = comparison_kind::equal;
  literal wanted;
  /// The field stands alone: is it there, and neither 0 nor empty nor false?
  bool is_alone = false;
};

/// A filter, ready for use: clauses, and steps that combine them.
class filter {
public:
  filter() = default; ///< holds for every record

  /// *Errors:* `bad_value`, `too_large`: several lines for people, which show
  /// the place.
  [[nodiscard]] static apm::result<filter> parse(std::string_view text);

  bool holds(record_facts& x) const;

  bool is_empty() const noexcept { return steps_.empty(); }

  /// Whether it asks for the causes of events.
  bool needs_causes() const;

  /// Whether it asks what became of events.
  bool needs_verdicts() const;

private:
  friend class filter_parser;

  enum class step_kind : uint8_t { clause, invert, skip_if_not, skip_if };

  struct step {
    step_kind kind = step_kind::clause;
    size_t to = 0; ///< which clause; where to go on
  };

  std::vector<clause> clauses_;
  std::vector<step> steps_;
};

/// Whether a clause holds for a record.
bool holds(const clause& x, record_facts& facts);

} // namespace flushtrace
