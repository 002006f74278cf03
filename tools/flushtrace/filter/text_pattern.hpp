// Regular expressions for the operator ~: a part of the usual syntax, matched
// in time that grows with pattern times text and never worse, as both may come
// from a stranger's trace or script.
//
//   auto pattern = text_pattern::compile("^(batch|delivery)$");
//   if (pattern && pattern.value().is_in("delivery"))
//     …
#pragma once

#include "runtime/result.hpp"

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

/// Knows `. [a-z] [^a-z] \d \w \s \. ^ $ ( ) | * + ?`. Case matters.
class text_pattern {
public:
  /// *Errors:* `bad_value`, with a clause for people.
  [[nodiscard]] static apm::result<text_pattern>
  compile(std::string_view pattern);

  /// Whether the text holds a part that matches.
  bool is_in(std::string_view text) const;

private:
  friend class pattern_compiler;
  friend class pattern_run;

  enum class step_kind : uint8_t {
    characters, ///< one of a set
    split,      ///< goes on at both
    jump,
    begin, ///< of the text
    end,   ///< of the text
    match,
  };

  struct step {
    step_kind kind = step_kind::match;
    size_t next = 0;  ///< split, jump
    size_t other = 0; ///< split
    size_t set = 0;   ///< characters
  };

  std::vector<step> steps_;
  std::vector<std::bitset<256>> sets_;
};

} // namespace flushtrace
