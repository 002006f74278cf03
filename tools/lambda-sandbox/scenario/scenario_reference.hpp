// The reference of the scenario format, as --help-scenario prints it.
#pragma once

namespace sandbox {

/// Returns the whole text.
const char* scenario_reference();

} // namespace sandbox
