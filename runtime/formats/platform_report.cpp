#include "runtime/formats/platform_report.hpp"

#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"

#include <utility>

namespace apm {

namespace {

void read_metrics(platform_report& report, std::string_view metrics) {
  const std::pair<std::string_view, std::optional<double>*> known[] = {
      {"durationMs", &report.duration_ms},
      {"billedDurationMs", &report.billed_duration_ms},
      {"memorySizeMB", &report.memory_size_mb},
      {"maxMemoryUsedMB", &report.max_memory_used_mb},
      {"initDurationMs", &report.init_duration_ms},
      {"restoreDurationMs", &report.restore_duration_ms},
      {"billedRestoreDurationMs", &report.billed_restore_duration_ms},
  };
  for (json_walk metric{metrics}; metric.next();)
    for (const auto& [name, value] : known)
      if (metric.key() == name) {
        *value = json_number(metric.value());
        report.has_metrics |= value->has_value();
      }
}

} // namespace

platform_report read_platform_report(std::string_view record) {
  platform_report report;
  const std::pair<std::string_view, std::string*> known[] = {
      {"status", &report.status},
      {"errorType", &report.error_type},
      {"initializationType", &report.initialization_type},
      {"phase", &report.phase},
  };
  for (json_walk member{record}; member.next();) {
    if (member.key() == "metrics")
      read_metrics(report, member.value());
    for (const auto& [name, text] : known)
      if (member.key() == name)
        *text = json_string(member.value()).value_or("");
  }
  return report;
}

report_metrics invocation_metrics(const platform_report& report) {
  report_metrics metrics;
  metrics.status = report.status;
  metrics.error_type = report.error_type;
  metrics.memory_size_mb = report.memory_size_mb;
  metrics.max_memory_used_mb = report.max_memory_used_mb;
  metrics.duration_ms = report.duration_ms;
  metrics.billed_duration_ms = report.billed_duration_ms;
  metrics.init_duration_ms = report.init_duration_ms;
  metrics.restore_duration_ms = report.restore_duration_ms;
  metrics.billed_restore_duration_ms = report.billed_restore_duration_ms;
  return metrics;
}

std::optional<report_metrics> init_metrics(const platform_report& report) {
  const bool is_reported_again =
      (report.initialization_type.empty()
       || report.initialization_type == "on-demand")
      && (report.status.empty() || report.status == "success")
      && report.phase != "invoke";
  if (is_reported_again)
    return {};
  report_metrics metrics;
  metrics.status = report.status;
  metrics.error_type = report.error_type;
  metrics.initialization_type = report.initialization_type;
  metrics.lone_init_duration_ms = report.duration_ms;
  return metrics;
}

std::optional<report_metrics> restore_metrics(const platform_report& report) {
  if (report.status.empty() || report.status == "success")
    return {};
  report_metrics metrics;
  metrics.status = report.status;
  metrics.error_type = report.error_type;
  metrics.initialization_type = "snap-start";
  metrics.restore_duration_ms = report.duration_ms;
  return metrics;
}

} // namespace apm
