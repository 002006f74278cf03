#include "runtime/formats/self_metrics.hpp"

#include "runtime/formats/json_write.hpp"

namespace apm {

std::string make_self_metrics_line(const self_metrics& x) {
  std::string out;
  constexpr size_t usual_bytes = 1280; // it would grow seven times
  out.reserve(usual_bytes);
  out += "{\"metricset\":";
  json_object metricset{out};
  metricset.integer("timestamp", x.timestamp_us);
  if (!x.request_id.empty()) {
    metricset.key("faas");
    json_object faas{out};
    faas.string("execution", x.request_id);
    faas.string_if_any("id", x.function_arn);
    faas.end();
  }
  if (!x.ended_by.empty()) {
    metricset.key("tags");
    json_object tags{out};
    tags.string("apm_lambda_extension_ended_by", x.ended_by);
    tags.end();
  }
  metricset.key("samples");
  json_object samples{out};
  for (const auto& [name, value] : x.samples) {
    samples.key(self_metrics_prefix, name);
    json_object sample{out};
    sample.number("value", value);
    sample.end();
  }
  samples.end();
  metricset.end();
  out += "}\n";
  return out;
}

} // namespace apm
