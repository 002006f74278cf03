// An event's explanation: one screen for people, one JSON object for programs.
//
//   out << explain_in_text(process, event);
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"

#include <string>

namespace flushtrace {

/// *Shape:* lines of 80 columns at most, 40 at most, each ended by a newline.
std::string explain_in_text(const process_trace& of, const event_analysis& x,
                            bool is_coloured = false);

/// *Shape:* one object, without a newline.
std::string explain_in_json(const process_trace& of, const event_analysis& x);

/// The cause that `explain` puts first; empty where none was found.
std::string primary_cause(const event_analysis& x);

/// `ELASTIC_APM_…=500ms`; empty where no setting mends it.
std::string setting_of(const remedy& x);

} // namespace flushtrace
