// One telemetry record before anyone has subscribed to it, and the making of
// all kinds of them, in the shapes of the Telemetry API and of the older Logs
// API. Source: AWS Lambda developer guide, "Telemetry API Event schema
// reference" (2022-12-13, 2025-01-29) and "Logs API" (2021-03-18).
#pragma once

#include "tools/lambda-sandbox/lambda/json_text.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

enum class telemetry_category { platform, function, extension };

/// Returns "platform", "function" or "extension".
const char* name_of(telemetry_category category);

struct telemetry_event {
  telemetry_category category = telemetry_category::platform;
  std::int64_t made_ns = 0;
  /// Empty where the Telemetry API has no such record.
  std::string type;
  /// JSON of the member `record`.
  std::string record;
  /// Its type and record in the Logs API; the type is empty where that API has
  /// no such record.
  std::string logs_type;
  std::string logs_record;
  /// A log line as a JSON string, for schemas that know no objects.
  std::string text_record;
  /// The invocation it belongs to, empty for none.
  std::string request_id;
  bool is_runtime_done = false;
  /// Index in `run_record::truths` if a line is to come of it.
  std::optional<std::size_t> truth;
};

using telemetry_event_ptr = std::shared_ptr<const telemetry_event>;

/// One span of a runtimeDone or report record. *Units*: CLOCK_MONOTONIC ns.
struct telemetry_span {
  const char* name;
  std::int64_t begin_ns;
  std::int64_t end_ns;
};

/// Makes a record of type `platform.<name>`. Where the Logs API has it, too,
/// `logs_record` says how it looks there.
telemetry_event platform_event(std::string_view name, const json_object& record,
                               std::optional<json_object> logs_record = {});

/// Makes the record of one line of output. `is_json`: a line that is a JSON
/// object becomes one, with schemas that know that.
telemetry_event log_event(telemetry_category category, std::string_view line,
                          bool is_json);

/// Returns what `log.message` may be for such a line: the line itself and, if
/// it is a JSON object, that in compact form, or its member `message` or `msg`.
std::vector<std::string> log_messages(std::string_view line, bool is_json);

/// Returns the JSON array `spans`.
std::string spans_json(const std::vector<telemetry_span>& spans);

} // namespace sandbox
