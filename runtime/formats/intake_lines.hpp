// The intake lines that the extension makes itself. Whatever strings come in,
// what goes out is valid JSON in valid UTF-8.
#pragma once

#include "messages/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apm {

/// One line of the function's log. Empty members are left out of the line, but
/// the message.
struct log_line {
  std::string_view message;
  int64_t timestamp_us = 0; ///< Unix epoch; 0: not known, the server's clock
  std::string_view function_arn;
  std::string_view request_id;
  std::string_view level;
  std::string_view trace_id;
  std::string_view transaction_id;
  std::string_view span_id;
  std::string_view ecs;    ///< members of `log`, as a JSON object
  std::string_view labels; ///< as a JSON object
};

/// The longest event line that an APM Server takes, unless configured
/// otherwise: a longer one is refused. *Source:* APM Server documentation,
/// `max_event_size`.
constexpr size_t line_bytes_max = 307'200;

/// Appends `{"log":{…}}` and a newline, of `line_bytes_max` bytes at most: a
/// message that is too long is cut, and says so at its end. A level or id
/// longer than the 1024 characters that the intake takes is left out, as the
/// server would refuse the whole line for it.
/// *Source:* apm-data, `log` of the intake v2 model.
void append_log_line(std::string& out, const log_line& line);

/// What the platform says of one invocation, or of an initialisation. What it
/// does not say is empty.
struct report_metrics {
  int64_t timestamp_us = 0; ///< Unix epoch; 0: not known, the server's clock
  std::string_view function_arn;
  std::string_view request_id;
  std::optional<double> memory_size_mb;
  std::optional<double> max_memory_used_mb;
  std::optional<double> duration_ms;
  std::optional<double> billed_duration_ms;
  std::optional<double> init_duration_ms; ///< of this invocation's cold start
  std::optional<double> restore_duration_ms;
  std::optional<double> billed_restore_duration_ms;
  /// Of an initialisation that no invocation reports.
  std::optional<double> lone_init_duration_ms;
  /// When the invocation began and has to end, for its timeout.
  std::optional<wall_ms> received_ms;
  std::optional<wall_ms> deadline_ms;
  /// `success`, `failure`, `error` or `timeout`.
  std::string_view status;
  std::string_view error_type; ///< such as `Runtime.ExitError`
  std::string_view initialization_type;
};

/// Appends `{"metricset":{…}}` and a newline, with a sample for each source
/// that is there, and tags for what is no number; without any sample it appends
/// nothing and says `false`, as a metricset needs one. A negative duration or
/// size makes no sample.
/// *Source:* names are those of Elastic's Go extension where it has them;
/// `faas.timeouts` and `faas.errors` (counts, 0 or 1) and `faas.init_duration`
/// are OpenTelemetry's, "Semantic conventions for FaaS metrics", in
/// milliseconds as all durations here.
bool append_report_metrics(std::string& out, const report_metrics& report);

/// What the environment says of the function. All but the service name may be
/// empty.
struct metadata_facts {
  std::string_view service_name; ///< characters the intake forbids become `_`
  std::string_view service_version;
  std::string_view service_environment;
  std::string_view agent_version; ///< the extension's own
  std::string_view runtime_name;  ///< as in AWS_EXECUTION_ENV
  std::string_view node_name;     ///< the log stream
  std::string_view region;
  std::string_view account_id;
};

/// Makes `{"metadata":{…}}`, without newline, for when no agent ever sent one.
/// Strings are cut to the 1024 characters that the intake takes.
/// *Source:* apm-data, docs/spec/v2/metadata.json.
[[nodiscard]] std::string make_metadata_line(const metadata_facts& facts);

} // namespace apm
