// What a changed life came to, in words: for people and for programs.
#pragma once

#include "tools/flushtrace/whatif/price.hpp"

#include <string>

namespace flushtrace {

/// What was changed, as it was written: `margin=500ms`.
using written_changes = std::vector<std::string>;

/// Some lines, one for each event that was missed in either life, or with
/// @param is_all for each event.
std::string text_of(const process_trace& of, const changed_life& life,
                    const life_comparison& x, const written_changes& changes,
                    bool is_all);

/// One object in one line; see README.md.
std::string json_of(const process_trace& of, const changed_life& life,
                    const life_comparison& x, const written_changes& changes);

/// One object; see README.md.
std::string sums_json(const life_sums& x);

/// *Source:* README.md, "Exit status".
int status_of(const changed_life& life, const life_comparison& x) noexcept;

/// `12.3`. *Units:* of the text, milliseconds.
std::string in_ms(int64_t ns);

/// `exact` or `modelled`.
const char* proof_of(bool is_exact) noexcept;

} // namespace flushtrace
