// What replays have told of a cause, in words.
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"

#include <string>

namespace flushtrace {

/// `proved`, `inferred`, `ruled out`.
const char* name_of(proof how) noexcept;

/// Such as `where the APM Server answers 202: nothing is missed, and 38 ms more
/// are billed (modelled)`, or why it is not proved. *Shape:* empty where nobody
/// has tried.
std::string proof_text(const finding& x);

/// The same of the setting that mends it: `with it: nothing is missed …`.
std::string effect_text(const finding& x);

} // namespace flushtrace
