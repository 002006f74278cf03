// The text of --check-config: a table of what is in effect and where it comes
// from, then what is wrong and how to mend it.
#pragma once

#include "runtime/config/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// *Shape:* lines for people, without secrets. `problems` are all that were
/// found, the loaded settings' own included.
std::string
describe_configuration(const environment& env, const settings& values,
                       const std::vector<settings_problem>& problems,
                       std::string_view version);

/// The settings that differ from their defaults, for the actor trace. *Shape:*
/// `VARIABLE=value`; a secret's value is `(present)`, and digits of an ARN, the
/// account among them, are all 1.
std::vector<std::string> describe_changed_values(const settings& values);

/// Whether one of them is more than advice.
bool is_anything_wrong(const std::vector<settings_problem>& problems);

} // namespace apm
