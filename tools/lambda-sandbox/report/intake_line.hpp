// The few things the account wants to know of a line at the APM Server.
#pragma once

#include <string>
#include <string_view>

namespace sandbox {

struct intake_line {
  /// `faas.execution`: the invocation's request id.
  std::string execution;
  std::string trace_id;
  /// `log.message`.
  std::string message;
  /// A metric set made of a platform.report.
  bool is_report = false;
  /// A metric set in which the extension speaks of itself.
  bool is_about_extension = false;
};

/// Reads one line of the intake protocol; what is not there stays empty.
intake_line read_intake_line(std::string_view text);

} // namespace sandbox
