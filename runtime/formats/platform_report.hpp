// What `platform.report`, `.initReport` and `.restoreReport` say in figures.
// Source: AWS Lambda developer guide, "Telemetry API Event schema reference",
// ReportMetrics, InitReportMetrics, RestoreReportMetrics.
#pragma once

#include "runtime/formats/intake_lines.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apm {

/// A record of one of the three types, read; what it does not say is empty.
struct platform_report {
  std::string status;
  std::string error_type;
  std::string initialization_type; ///< `on-demand`, `snap-start`, …
  std::string phase;               ///< `init`, or `invoke` where it is made up
  std::optional<double> duration_ms;
  std::optional<double> billed_duration_ms;
  std::optional<double> memory_size_mb;
  std::optional<double> max_memory_used_mb;
  std::optional<double> init_duration_ms;
  std::optional<double> restore_duration_ms;
  std::optional<double> billed_restore_duration_ms;
  bool has_metrics = false; ///< any at all
};

[[nodiscard]] platform_report read_platform_report(std::string_view record);

/// The metrics of a `platform.report`. *Ownership:* texts are the report's.
[[nodiscard]] report_metrics invocation_metrics(const platform_report& report);

/// The metrics of a `platform.initReport`: nothing where the report of the
/// first invocation will have the same duration as its `initDurationMs`, which
/// is so for an initialisation on demand that went well.
/// *Ownership:* texts are the report's.
[[nodiscard]] std::optional<report_metrics>
init_metrics(const platform_report& report);

/// The metrics of a `platform.restoreReport`: nothing where it went well, since
/// the report of the first invocation has its `restoreDurationMs`.
/// *Ownership:* texts are the report's.
[[nodiscard]] std::optional<report_metrics>
restore_metrics(const platform_report& report);

} // namespace apm
