// Lines are written straight into the caller's string: there is a line for each
// log record, and they are what most of an invocation's lines are.
#include "runtime/formats/intake_lines.hpp"

#include "runtime/formats/json_write.hpp"

#include <cmath>

namespace apm {

namespace {

/// *Source:* `maxLength` throughout the schemas of the intake.
constexpr size_t characters_max = 1024;

/// *Source:* AWS announces Lambda's memory sizes in binary multiples (December
/// 2020, "up to 10 GB of memory").
constexpr double bytes_per_mb = 1'048'576;

bool is_too_long(std::string_view text) {
  return prefix_of_characters(text, characters_max).size() < text.size();
}

void append_unless_too_long(json_object& object, std::string_view name,
                            std::string_view value) {
  if (!is_too_long(value))
    object.string_if_any(name, value);
}

/// Writes a string that the intake limits, if there is one.
void append_cut(json_object& object, std::string_view name,
                std::string_view value) {
  object.string_if_any(name, prefix_of_characters(value, characters_max));
}

/// Writes `samples`, one by one.
class sample_writer {
public:
  explicit sample_writer(std::string& out) : out_(out), samples_(out) {
    // nop
  }

  void add(std::string_view name, std::optional<double> value) {
    if (!value || !std::isfinite(*value))
      return;
    samples_.key(name);
    json_object sample{out_};
    sample.number("value", *value);
    sample.end();
  }

  /// Ends `samples`; `false` where it has none.
  bool end() {
    samples_.end();
    return !samples_.is_empty();
  }

private:
  std::string& out_;
  json_object samples_;
};

/// The function's timeout. Lambda has it in whole seconds, and the extension
/// learns of an invocation a little after its begin.
std::optional<double> timeout_ms(const report_metrics& report) {
  if (!report.deadline_ms || !report.received_ms
      || *report.deadline_ms <= *report.received_ms)
    return {};
  auto given_ms = static_cast<double>(*report.deadline_ms)
                  - static_cast<double>(*report.received_ms);
  return std::ceil(given_ms / 1000) * 1000;
}

std::optional<double> in_bytes(std::optional<double> megabytes) {
  if (!megabytes)
    return {};
  return *megabytes * bytes_per_mb;
}

std::optional<double> free_mb(const report_metrics& report) {
  if (!report.memory_size_mb || !report.max_memory_used_mb)
    return {};
  return *report.memory_size_mb - *report.max_memory_used_mb;
}

bool append_samples(std::string& out, const report_metrics& report) {
  sample_writer samples{out};
  samples.add("system.memory.total", in_bytes(report.memory_size_mb));
  samples.add("system.memory.actual.free", in_bytes(free_mb(report)));
  samples.add("faas.duration", report.duration_ms);
  samples.add("faas.billed_duration", report.billed_duration_ms);
  samples.add("faas.coldstart_duration", report.init_duration_ms);
  samples.add("faas.timeout", timeout_ms(report));
  return samples.end();
}

/// A service name as the intake allows it: letters, digits, blank, `_`, `-`.
/// *Source:* the name for a service without one is that of the agents'
/// specification, configuration option `service_name`.
std::string sound_service_name(std::string_view name) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789 _-";
  if (name.empty())
    return "unknown-apm-lambda-extension-service";
  std::string sound{name.substr(0, characters_max)};
  for (char& x : sound)
    if (allowed.find(x) == std::string_view::npos)
      x = '_';
  return sound;
}

/// The version in the runtime's name, which the intake wants on its own:
/// `20.x` of `AWS_Lambda_nodejs20.x`.
std::string_view runtime_version(std::string_view runtime_name) {
  size_t digit = runtime_name.find_first_of("0123456789");
  return digit == std::string_view::npos ? "unknown"
                                         : runtime_name.substr(digit);
}

void append_service(std::string& out, const metadata_facts& facts) {
  json_object service{out};
  service.string("name", sound_service_name(facts.service_name));
  append_cut(service, "version", facts.service_version);
  append_cut(service, "environment", facts.service_environment);
  service.key("agent");
  json_object agent{out};
  agent.string("name", "apm-lambda-extension");
  agent.string("version",
               prefix_of_characters(facts.agent_version, characters_max));
  agent.end();
  service.key("framework");
  json_object framework{out};
  framework.string("name", "AWS Lambda");
  framework.end();
  if (!facts.runtime_name.empty()) {
    service.key("runtime");
    json_object runtime{out};
    append_cut(runtime, "name", facts.runtime_name);
    append_cut(runtime, "version", runtime_version(facts.runtime_name));
    runtime.end();
  }
  if (!facts.node_name.empty()) {
    service.key("node");
    json_object node{out};
    append_cut(node, "configured_name", facts.node_name);
    node.end();
  }
  service.end();
}

void append_cloud(std::string& out, const metadata_facts& facts) {
  json_object cloud{out};
  cloud.string("provider", "aws");
  append_cut(cloud, "region", facts.region);
  cloud.key("service");
  json_object service{out};
  service.string("name", "lambda");
  service.end();
  if (!facts.account_id.empty()) {
    cloud.key("account");
    json_object account{out};
    append_cut(account, "id", facts.account_id);
    account.end();
  }
  cloud.end();
}

} // namespace

void append_log_line(std::string& out, const log_line& line) {
  out += "{\"log\":";
  json_object log{out};
  log.string("message", line.message);
  if (line.timestamp_us != 0)
    log.integer("@timestamp", line.timestamp_us);
  append_unless_too_long(log, "log.level", line.level);
  append_unless_too_long(log, "trace.id", line.trace_id);
  if (!line.function_arn.empty() || !line.request_id.empty()) {
    log.key("faas");
    json_object faas{out};
    faas.string_if_any("id", line.function_arn);
    faas.string_if_any("execution", line.request_id);
    faas.end();
  }
  log.end();
  out += "}\n";
}

bool append_report_metrics(std::string& out, const report_metrics& report) {
  size_t before = out.size();
  out += "{\"metricset\":";
  json_object metricset{out};
  if (report.timestamp_us != 0)
    metricset.integer("timestamp", report.timestamp_us);
  metricset.key("faas");
  json_object faas{out};
  faas.string_if_any("execution", report.request_id);
  faas.string_if_any("id", report.function_arn);
  faas.boolean("coldstart", report.init_duration_ms.value_or(0) > 0);
  faas.end();
  metricset.key("samples");
  bool has_samples = append_samples(out, report);
  metricset.end();
  out += "}\n";
  if (!has_samples)
    out.resize(before);
  return has_samples;
}

std::string make_metadata_line(const metadata_facts& facts) {
  std::string out = "{\"metadata\":";
  json_object metadata{out};
  metadata.key("service");
  append_service(out, facts);
  metadata.key("cloud");
  append_cloud(out, facts);
  metadata.end();
  out += '}';
  return out;
}

} // namespace apm
