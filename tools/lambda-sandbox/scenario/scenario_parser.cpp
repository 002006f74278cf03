// Reading a scenario, with everything that is wrong in it; see scenario.hpp.
#include "tools/lambda-sandbox/lambda/json_text.hpp"
#include "tools/lambda-sandbox/scenario/invocation_parser.hpp"
#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <filesystem>
#include <utility>

namespace sandbox {

namespace {

constexpr std::int64_t port_max = 65'535;

/// Processes of this machine; Lambda lets 1,600 invocations run in one sandbox.
constexpr std::int64_t concurrency_max = 64;

/// Lambda repeats what was not answered 200 twice or thrice.
constexpr std::int64_t copies_max = 10;

/// Accepts an array of words, or one text that is split as a shell would.
bool read_command(json_members& members, std::vector<std::string>& command) {
  const auto* found = members.get_any("command");
  if (found == nullptr)
    return false;
  if (!found->IsString())
    return members.get("command", command);
  if (auto words = split_command(found->GetString())) {
    command = std::move(*words);
    return true;
  }
  members.complain("command", "has a quote that is not closed");
  return false;
}

extension_settings read_extension(const rapidjson::Value& value,
                                  const std::string& pointer,
                                  const std::string& directory,
                                  json_problems& problems) {
  extension_settings extension;
  json_members members{value, pointer, problems};
  read_command(members, extension.command);
  read_environment_map(members, "environment", extension.environment);
  if (!extension.command.empty()) {
    auto& file = extension.command.front();
    extension.name = std::filesystem::path{file}.filename();
    if (file.find('/') != std::string::npos)
      file = path_from(directory, file);
  }
  members.get("name", extension.name);
  members.finish();
  return extension;
}

void read_extensions(json_members& members, scenario& result,
                     json_problems& problems) {
  const auto* found = members.get_any("extension");
  if (found == nullptr || found->IsNull())
    return;
  const auto pointer = members.pointer_to("extension");
  if (!found->IsArray()) {
    result.extensions.push_back(
        read_extension(*found, pointer, result.directory, problems));
    return;
  }
  for (rapidjson::SizeType i = 0; i < found->Size(); ++i)
    result.extensions.push_back(read_extension(
        (*found)[i], json_pointer_step(pointer, std::to_string(i)),
        result.directory, problems));
}

void read_function(json_members& parent, scenario& result,
                   json_problems& problems) {
  auto& function = result.function;
  function.directory = result.directory;
  const auto* found = parent.get_any("function");
  if (found == nullptr)
    return;
  json_members members{*found, parent.pointer_to("function"), problems};
  read_command(members, function.command);
  if (function.command == std::vector<std::string>{"builtin"})
    function.command.clear();
  const auto* directory = members.get_any("directory");
  if (directory != nullptr && !directory->IsNull()) {
    std::string path;
    if (members.get("directory", path))
      function.directory = path_from(result.directory, path);
  }
  read_environment_map(members, "environment", function.environment);
  members.get("name", function.name);
  members.get("version", function.version);
  members.get("handler", function.handler);
  members.get("runtime", function.runtime);
  members.get("memory_mb", function.memory_mb, 128, 10'240);
  members.get("timeout_ms", function.timeout_ms, 1, function_timeout_ms_max);
  members.get("init_timeout_ms", function.init_timeout_ms, 1,
              function_timeout_ms_max);
  members.get("account_id", function.account_id);
  members.get("region", function.region);
  std::string log_format = "text";
  members.get_choice("log_format", log_format, {"text", "json"});
  function.has_json_logs = log_format == "json";
  members.finish();
}

void read_telemetry(json_members& parent, scenario& result,
                    json_problems& problems) {
  const auto* found = parent.get_any("telemetry");
  if (found == nullptr)
    return;
  auto& telemetry = result.telemetry;
  json_members members{*found, parent.pointer_to("telemetry"), problems};
  members.get_choice("api", telemetry.api, {"telemetry", "logs", "none"});
  members.get("delivery_delay_ms", telemetry.delivery_delay_ms);
  members.get("report_delay_ms", telemetry.report_delay_ms);
  members.get("copies", telemetry.copies, 1, copies_max);
  members.get("report_after_reset", telemetry.report_after_reset);
  members.get_choice("function_error_status", telemetry.function_error_status,
                     {"success", "error", "failure"});
  members.get_choice("schema", telemetry.schema, {"2025-01-29", "2022-12-13"});
  std::string order;
  members.get_choice("batch_order", order, {"made", "reversed"});
  telemetry.is_reversed = order == "reversed";
  members.get("report_in_shutdown", telemetry.report_in_shutdown);
  members.get("crash_error_type", telemetry.crash_error_type);
  if (const auto* metrics = members.get_any("report_metrics")) {
    if (metrics->IsObject())
      for (const auto& [name, value] : metrics->GetObject())
        telemetry.report_metrics.emplace_back(name.GetString(), json_of(value));
    else
      members.complain("report_metrics", "must be an object");
  }
  members.finish();
}

void read_managed(json_members& parent, scenario& result,
                  json_problems& problems) {
  const auto* found = parent.get_any("managed_instances");
  if (found == nullptr || found->IsNull())
    return;
  managed_settings managed;
  json_members members{*found, parent.pointer_to("managed_instances"),
                       problems};
  members.get("concurrency", managed.concurrency, 1, concurrency_max);
  members.get("runtime_done", managed.has_runtime_done);
  members.finish();
  result.managed = managed;
}

void read_shutdown(json_members& parent, scenario& result,
                   json_problems& problems) {
  const auto* found = parent.get_any("shutdown");
  if (found == nullptr)
    return;
  json_members members{*found, parent.pointer_to("shutdown"), problems};
  members.get_choice("reason", result.shutdown_reason,
                     {"spindown", "timeout", "failure"});
  members.get("after_ms", result.shutdown_after_ms);
  members.get("frozen", result.is_shutdown_frozen);
  members.get("waits", result.shutdown_waits);
  members.finish();
}

void read_optional(json_members& members, const char* name,
                   std::optional<std::int64_t>& target) {
  const auto* found = members.get_any(name);
  if (found == nullptr)
    return;
  if (found->IsNull()) {
    target.reset();
    return;
  }
  std::int64_t number = 0;
  if (members.get(name, number))
    target = number;
}

void read_output_expectation(json_members& parent, scenario& result,
                             json_problems& problems) {
  const auto* found = parent.get_any("extension_output");
  if (found == nullptr)
    return;
  const auto pointer = parent.pointer_to("extension_output");
  if (!found->IsArray())
    return parent.complain("extension_output", "must be an array of objects");
  for (rapidjson::SizeType i = 0; i < found->Size(); ++i) {
    output_expectation expected;
    json_members members{
        (*found)[i], json_pointer_step(pointer, std::to_string(i)), problems};
    if (!members.get("text", expected.text))
      members.complain("text", "is missing: a part of a line");
    read_optional(members, "count", expected.count);
    members.finish();
    result.expect.extension_output.push_back(std::move(expected));
  }
}

void read_run_expectation(json_members& parent, scenario& result,
                          json_problems& problems) {
  const auto* found = parent.get_any("expect");
  if (found == nullptr)
    return;
  json_members members{*found, parent.pointer_to("expect"), problems};
  read_optional(members, "lines_missing", result.expect.lines_missing);
  read_optional(members, "lines_twice", result.expect.lines_twice);
  read_optional(members, "extension_exit", result.expect.extension_exit);
  read_optional(members, "protocol_errors", result.expect.protocol_errors);
  read_optional(members, "refused_requests", result.expect.refused_requests);
  read_output_expectation(members, result, problems);
  if (bool via_proxy = false; members.get("via_proxy", via_proxy))
    result.expect.via_proxy = via_proxy;
  read_optional(members, "aws_requests", result.expect.aws_requests);
  read_optional(members, "init_ms_max", result.expect.init_ms_max);
  read_optional(members, "shutdown_ms_max", result.expect.shutdown_ms_max);
  read_optional(members, "lines_misattributed",
                result.expect.lines_misattributed);
  read_optional(members, "lines_misfiled", result.expect.lines_misfiled);
  read_optional(members, "extension_peak_mib_max",
                result.expect.extension_peak_mib_max);
  read_optional(members, "telemetry_records_min",
                result.expect.telemetry_records_min);
  read_optional(members, "telemetry_answer_ms_max",
                result.expect.telemetry_answer_ms_max);
  read_optional(members, "delivery_ms_max", result.expect.delivery_ms_max);
  read_optional(members, "concurrent_min", result.expect.concurrent_min);
  members.get("lines_contain", result.expect.lines_contain);
  read_optional(members, "memory_mb_max", result.expect.memory_mb_max);
  members.finish();
}

} // namespace

void read_environment_map(json_members& members, const char* name,
                          environment_map& target) {
  const auto* found = members.get_any(name);
  if (found == nullptr)
    return;
  if (!found->IsObject())
    return members.complain(name, "must be an object of strings");
  for (const auto& [key, value] : found->GetObject())
    if (value.IsString())
      target[key.GetString()] = value.GetString();
    else
      members.complain(name, std::string{"must be an object of strings, but "}
                                 + key.GetString() + " is none");
}

std::string path_from(const std::string& directory, const std::string& path) {
  return std::filesystem::absolute(std::filesystem::path{directory} / path)
      .lexically_normal();
}

std::optional<scenario> parse_scenario(std::string_view text,
                                       const std::string& directory,
                                       json_problems& problems) {
  scenario result;
  result.directory = path_from(directory, ".");
  std::string error;
  const auto document = parse_json(text, &error);
  if (!document) {
    problems.push_back({"", "is no JSON: " + error});
    return std::nullopt;
  }
  json_members members{*document, "", problems};
  members.get("name", result.name);
  members.get("description", result.description);
  read_extensions(members, result, problems);
  read_function(members, result, problems);
  read_telemetry(members, result, problems);
  read_managed(members, result, problems);
  members.get("agent_port", result.agent_port, 0, port_max);
  members.get("agent_port_taken", result.agent_port_taken);
  if (const auto* server = members.get_any("apm_server"))
    result.apm_server = parse_apm_server_settings(
        *server, members.pointer_to("apm_server"), problems);
  if (const auto* proxy = members.get_any("proxy"))
    result.proxy =
        parse_proxy_settings(*proxy, members.pointer_to("proxy"), problems);
  if (const auto* aws = members.get_any("aws"))
    result.aws = parse_aws_settings(*aws, members.pointer_to("aws"),
                                    result.directory, problems);
  read_invocations(members, result, problems);
  read_shutdown(members, result, problems);
  read_run_expectation(members, result, problems);
  members.finish();
  if (!problems.empty())
    return std::nullopt;
  return result;
}

} // namespace sandbox
