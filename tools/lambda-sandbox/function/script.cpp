// Script: from JSON to structs.
#include "tools/lambda-sandbox/function/script.hpp"

#include "tools/lambda-sandbox/function/capture.hpp"

#include <unistd.h>

#include <cstdlib>

namespace sandbox {

namespace {

/// Limits that keep a mistyped number from filling the machine.
constexpr std::int64_t events_max = 100'000;
constexpr std::int64_t bytes_max = 16 << 20;
constexpr std::int64_t parallel_max = 10'000;

void read_logs(json_members& members, function_script& script,
               json_problems& problems) {
  const auto* logs = members.get_any("logs");
  if (logs == nullptr)
    return;
  if (logs->IsArray()) {
    members.get("logs", script.logs);
    return;
  }
  json_members counted{*logs, members.pointer_to("logs"), problems};
  counted.get("count", script.log_count, 0, events_max);
  counted.get("bytes", script.log_bytes, 1, bytes_max);
  counted.finish();
}

void read_headers(json_members& members, scripted_request& request) {
  const auto* headers = members.get_any("headers");
  if (headers == nullptr)
    return;
  request.headers.emplace();
  // An object is easier to write; an array of pairs can repeat a name.
  if (headers->IsObject()) {
    for (const auto& header : headers->GetObject())
      if (header.value.IsString())
        request.headers->emplace_back(header.name.GetString(),
                                      header.value.GetString());
    if (request.headers->size() == headers->MemberCount())
      return;
  } else if (headers->IsArray()) {
    for (const auto& header : headers->GetArray())
      if (header.IsArray() && header.Size() == 2 && header[0].IsString()
          && header[1].IsString())
        request.headers->emplace_back(header[0].GetString(),
                                      header[1].GetString());
    if (request.headers->size() == headers->Size())
      return;
  }
  members.complain("headers",
                   "must be an object of strings, or an array of pairs of "
                   "strings such as [\"Host\", \"example\"]");
}

scripted_request parse_request(const rapidjson::Value& value,
                               const std::string& pointer,
                               json_problems& problems) {
  scripted_request request;
  json_members members{value, pointer, problems};
  members.get("method", request.method);
  members.get("target", request.target);
  read_headers(members, request);
  members.get("body", request.body);
  members.get("body_file", request.body_file);
  members.get_choice("encoding", request.encoding,
                     {"identity", "gzip", "deflate"});
  members.get("chunk_bytes", request.chunk_bytes, 0, bytes_max);
  members.get("newline_at_end", request.newline_at_end);
  members.get("delay_ms", request.delay_ms);
  members.get("stall_ms", request.stall_ms);
  members.get("expect_status", request.expect_status, 0, 999);
  members.get("parallel", request.parallel, 1, parallel_max);
  members.get("each", request.each, 1, parallel_max);
  members.get("keep_alive", request.keep_alive);
  members.get("after_response", request.after_response);
  members.get("detached", request.detached);
  members.get("cut_after_bytes", request.cut_after_bytes);
  std::string raw;
  if (members.get("raw", raw))
    request.raw = raw;
  members.get("raw_file", request.raw_file);
  members.get("half_close", request.half_close);
  members.get("count_lines", request.count_lines);
  members.get("timeout_ms", request.timeout_ms, 1);
  if (!request.body.empty() && !request.body_file.empty())
    members.complain("body_file", "goes with no body: use one of the two");
  if (request.raw && !request.raw_file.empty())
    members.complain("raw_file", "goes with no raw: use one of the two");
  members.finish();
  return request;
}

void read_requests(json_members& members, function_script& script,
                   json_problems& problems) {
  const auto* requests = members.get_any("requests");
  if (requests == nullptr)
    return;
  const auto pointer = members.pointer_to("requests");
  if (!requests->IsArray()) {
    members.complain("requests", "must be an array of requests");
    return;
  }
  for (rapidjson::SizeType i = 0; i < requests->Size(); ++i)
    script.requests.push_back(
        parse_request((*requests)[i],
                      json_pointer_step(pointer, std::to_string(i)), problems));
}

} // namespace

std::string script_path(const std::string& path) {
  const auto* folder = std::getenv("LAMBDA_SANDBOX_SCENARIO_DIR");
  if (path.empty() || path.front() == '/' || folder == nullptr
      || access(path.c_str(), F_OK) == 0)
    return path;
  return std::string{folder} + "/" + path;
}

function_script parse_function_script(const rapidjson::Value& value,
                                      const std::string& pointer,
                                      json_problems& problems) {
  function_script script;
  json_members members{value, pointer, problems};
  members.get_choice("agent", script.agent, {"node", "python", "java", "none"});
  members.get("transactions", script.transactions, 0, events_max);
  members.get("spans", script.spans, 0, events_max);
  members.get("errors", script.errors, 0, events_max);
  members.get("span_bytes", script.span_bytes, 0, bytes_max);
  members.get("register", script.register_transaction);
  members.get("flush", script.flush);
  members.get("flush_delay_ms", script.flush_delay_ms);
  members.get("data_delay_ms", script.data_delay_ms);
  members.get("work_ms", script.work_ms);
  read_logs(members, script, problems);
  members.get_choice("log_format", script.log_format, {"text", "json", "raw"});
  members.get_choice("outcome", script.outcome,
                     {"success", "failure", "throw", "hang", "exit", "crash"});
  members.get("exit_status", script.exit_status, 0, 255);
  members.get("late_spans", script.late_spans, 0, events_max);
  members.get("late_logs", script.late_logs, 0, events_max);
  members.get("late_logs_delay_ms", script.late_logs_delay_ms);
  members.get("capture", script.capture);
  read_requests(members, script, problems);
  members.finish();
  return script;
}

std::optional<std::string> capture_request_id(const std::string& folder,
                                              std::string& message) {
  const auto loaded = builtin::load_capture(script_path(folder), message);
  if (!loaded || loaded->request_id.empty())
    return std::nullopt;
  return loaded->request_id;
}

} // namespace sandbox
