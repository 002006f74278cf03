// The lower half of the screen that explains an event: its causes, what was
// lost for none of them, and the remedy.
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"
#include "tools/flushtrace/explanation_screen.hpp"

namespace flushtrace {

void add_causes(explanation_screen& to, const event_analysis& x);

} // namespace flushtrace
