// One sentence of what became of an event, for people who see it first.
#pragma once

#include "tools/flushtrace/timeline/activity.hpp"

#include <string>

namespace flushtrace {

/// Plain text.
std::string sentence_of(const event_span& x);

/// A duration as people say it: `342 µs`, `7.5 ms`, `2.99 s`.
std::string duration_text(int64_t ns);

} // namespace flushtrace
