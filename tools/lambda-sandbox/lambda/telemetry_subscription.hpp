// What an extension asks for with PUT /2022-07-01/telemetry or PUT
// /2020-08-15/logs: types, buffering, destination.
// Source: AWS Lambda developer guide, "Telemetry API reference"; limits as in
// AWS's emulator for Managed Instances.
#pragma once

#include "tools/lambda-sandbox/lambda/telemetry_event.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace sandbox {

struct telemetry_subscription {
  bool is_logs_api = false;
  std::string schema_version;
  std::set<telemetry_category> types;
  std::size_t items_max = 10'000;
  std::size_t bytes_max = 262'144;
  std::int64_t timeout_ms = 1'000;
  /// Newline-delimited JSON over plain TCP instead of POSTs.
  bool is_tcp = false;
  std::uint16_t port = 0;
  /// What follows host and port in the URI, "/" at least.
  std::string path = "/";

  /// Whether JSON log lines are objects in this schema, not strings.
  bool has_object_logs() const {
    return !is_logs_api && schema_version != "2022-07-01";
  }
};

/// Reads the body of a subscription.
/// *Errors*: absent; `problem` says which member is wrong, and why.
std::optional<telemetry_subscription> parse_subscription(std::string_view body,
                                                         bool is_logs_api,
                                                         std::string& problem);

} // namespace sandbox
