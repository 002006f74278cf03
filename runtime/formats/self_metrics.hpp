// What the extension says of itself to the APM Server, as an intake line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apm {

/// State of the extension at the end of one event.
struct self_metrics {
  int64_t timestamp_us = 0; ///< Unix epoch
  std::string_view function_arn;
  std::string_view request_id; ///< empty at SHUTDOWN
  std::string_view ended_by;   ///< which signal, empty where none did
  /// *Shape:* names without the prefix, values from 0; no name may continue
  /// another after a dot, as Elasticsearch takes those for objects.
  std::vector<std::pair<std::string, double>> samples;
};

/// What every sample's name begins with.
constexpr std::string_view self_metrics_prefix = "apm_lambda_extension.";

/// Makes `{"metricset":{…}}`, with a newline.
/// *Source:* apm-data, docs/spec/v2/metricset.json.
[[nodiscard]] std::string make_self_metrics_line(const self_metrics& x);

} // namespace apm
