// The text of --help-scenario; see scenario_reference.hpp. Keep it in step with
// scenario_parser.cpp, rules.cpp and script.cpp.
#include "tools/lambda-sandbox/scenario/scenario_reference.hpp"

namespace sandbox {

const char* scenario_reference() {
  return "TODO\n";
}

} // namespace sandbox
