// Actor traces that extensions leave: where they are when a run is over, and
// how to look at them. Told by files' names alone, as no code is shared.
#pragma once

#include "tools/lambda-sandbox/report/run_record.hpp"
#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <string>

namespace sandbox {

/// Where traces can be.
struct trace_places {
  /// Of the extension; its variable ELASTIC_APM_LAMBDA_TRACE_DIR wins.
  std::string temporary_directory;
  std::string log_directory; ///< empty: there is none
  std::string flushtrace;    ///< the program, as a shell finds it
};

/// Finds the traces of a run. What lies in the temporary directory, which goes
/// with the run, is copied into the log directory.
trace_record keep_trace(const environment_map& extension,
                        const trace_places& places);

/// flushtrace beside this program, as it is named from here; else by its name
/// alone.
std::string find_flushtrace(const std::string& own_program);

} // namespace sandbox
