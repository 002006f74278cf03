// Lines are written straight into the caller's string: there is a line for each
// log record, and they are what most of an invocation's lines are.
#include "runtime/formats/intake_lines.hpp"

#include "runtime/formats/json_write.hpp"

#include <algorithm>
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
    if (!value || !std::isfinite(*value) || *value < 0)
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
  // The platform rounds what was used up.
  return std::max(0.0, *report.memory_size_mb - *report.max_memory_used_mb);
}

std::optional<double> count_if(const report_metrics& report, bool is_so) {
  if (report.status.empty() || report.request_id.empty())
    return {}; // an initialisation that fails is no invocation
  return is_so ? 1 : 0;
}

/// Lambda kills a process that wants more memory than there is, and says so by
/// the type of the error, with a managed runtime; with others only the memory
/// used shows it.
bool is_out_of_memory(const report_metrics& report) {
  constexpr std::string_view type = "OutOfMemory";
  if (report.error_type.find(type) != std::string_view::npos)
    return true;
  return (report.status == "error" || report.status == "failure")
         && report.memory_size_mb.value_or(0) > 0
         && report.max_memory_used_mb.value_or(0) >= *report.memory_size_mb;
}

bool append_samples(std::string& out, const report_metrics& report) {
  sample_writer samples{out};
  samples.add("system.memory.total", in_bytes(report.memory_size_mb));
  samples.add("system.memory.actual.free", in_bytes(free_mb(report)));
  samples.add("faas.duration", report.duration_ms);
  samples.add("faas.billed_duration", report.billed_duration_ms);
  samples.add("faas.coldstart_duration", report.init_duration_ms);
  samples.add("faas.restore_duration", report.restore_duration_ms);
  samples.add("faas.billed_restore_duration",
              report.billed_restore_duration_ms);
  samples.add("faas.init_duration", report.lone_init_duration_ms);
  samples.add("faas.timeout", timeout_ms(report));
  const bool is_timeout = report.status == "timeout";
  const bool is_error = report.status == "error" || report.status == "failure";
  samples.add("faas.timeouts", count_if(report, is_timeout));
  samples.add("faas.errors", count_if(report, is_error));
  return samples.end();
}

/// What no sample can say. The dots of a name would become `_` at the server.
void append_tags(json_object& metricset, std::string& out,
                 const report_metrics& report) {
  if (report.status.empty() && report.initialization_type.empty())
    return;
  metricset.key("tags");
  json_object tags{out};
  append_cut(tags, "faas_status", report.status);
  append_cut(tags, "faas_error_type", report.error_type);
  append_cut(tags, "faas_initialization_type", report.initialization_type);
  if (is_out_of_memory(report))
    tags.boolean("faas_out_of_memory", true);
  tags.end();
}

/// The first `size` bytes of a text or, rather than half a character, a few
/// less.
std::string_view whole_characters(std::string_view text, size_t size) {
  size_t end = size;
  for (int i = 0; i < 3 && end > 0 && end < text.size(); ++i, --end)
    if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80)
      break;
  return text.substr(0, end);
}

/// Appends a string of `bytes_max` bytes at most, quotes included.
void append_message(std::string& out, std::string_view message,
                    size_t bytes_max) {
  const size_t begin = out.size();
  // JSON is never shorter than the text it stands for.
  if (message.size() <= bytes_max) {
    append_json_string(out, message);
    if (out.size() - begin <= bytes_max)
      return;
  }
  const std::string mark = " [cut by apm-lambda-extension, "
                           + std::to_string(message.size()) + " bytes in all]";
  size_t fits = 0;
  size_t most = std::min(message.size(), bytes_max);
  while (fits < most) {
    const size_t half = (fits + most + 1) / 2;
    out.resize(begin);
    append_json_string(out, whole_characters(message, half));
    if (out.size() - begin + mark.size() <= bytes_max)
      fits = half;
    else
      most = half - 1;
  }
  out.resize(begin);
  append_json_string(out,
                     std::string{whole_characters(message, fits)}.append(mark));
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
  const size_t begin = out.size();
  out += "{\"log\":";
  json_object log{out};
  if (line.timestamp_us != 0)
    log.integer("@timestamp", line.timestamp_us);
  append_unless_too_long(log, "log.level", line.level);
  append_unless_too_long(log, "trace.id", line.trace_id);
  append_unless_too_long(log, "transaction.id", line.transaction_id);
  append_unless_too_long(log, "span.id", line.span_id);
  if (!line.function_arn.empty() || !line.request_id.empty()) {
    log.key("faas");
    json_object faas{out};
    faas.string_if_any("id", line.function_arn);
    faas.string_if_any("execution", line.request_id);
    faas.end();
  }
  if (!line.labels.empty()) {
    log.key("labels");
    out += line.labels;
  }
  log.members(line.ecs);
  // Last, as it gets the room that the others leave.
  constexpr size_t end_bytes = 3; // }}\n
  log.key("message");
  append_message(out, line.message,
                 line_bytes_max - (out.size() - begin) - end_bytes);
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
  if (!report.lone_init_duration_ms)
    faas.boolean("coldstart",
                 report.init_duration_ms.value_or(0) > 0
                     || report.restore_duration_ms.value_or(0) > 0);
  faas.end();
  append_tags(metricset, out, report);
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
