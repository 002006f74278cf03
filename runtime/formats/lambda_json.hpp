// The JSON of Lambda's Extensions API, and the subscriptions to its Telemetry
// and Logs APIs.
// Source: AWS Lambda developer guide, "Extensions API", "Telemetry API", "Logs
// API".
#pragma once

#include "messages/lambda.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// Reads the answer to `register`. Members that are missing are empty: the
/// extension can do without each. `telemetry` is left as it is by default.
/// *Errors:* `bad_json`, `bad_shape` where it is no object.
[[nodiscard]] result<registered> parse_register_answer(std::string_view body);

/// One answer of `event/next`, as it came.
struct next_event {
  event_kind kind = event_kind::invoke;
  std::string request_id;   ///< invoke only
  std::string function_arn; ///< invoke only
  std::string reason;       ///< shutdown only; may be empty
  int64_t deadline_ms = 0;  ///< Unix epoch
};

/// Reads an answer of `event/next`.
/// *Errors:* `bad_json`, `bad_shape` naming the members that are missing or of
/// the wrong type, `bad_value` naming an unknown `eventType`.
[[nodiscard]] result<next_event> parse_next_event(std::string_view body);

/// The body of `register`: SHUTDOWN always, INVOKE where it can be had (not on
/// Managed Instances).
[[nodiscard]] std::string register_body(bool with_invoke);

/// The body of `PUT /2022-07-01/telemetry`. *Shape:* `types` of `platform`,
/// `function`, `extension`.
[[nodiscard]] std::string
telemetry_subscription(std::string_view schema_version,
                       const std::vector<std::string_view>& types,
                       uint16_t port);

/// The body of `PUT /2020-08-15/logs`, schema 2021-03-18.
[[nodiscard]] std::string
logs_subscription(const std::vector<std::string_view>& types, uint16_t port);

/// The body of `init/error` and `exit/error`.
[[nodiscard]] std::string error_body(std::string_view type,
                                     std::string_view message);

} // namespace apm
