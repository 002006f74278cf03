// Reading a scenario's invocations; see invocation_parser.hpp. The script of
// the built-in function is checked by the function's own parser, so that its
// mistakes are told before anything is started.
#include "tools/lambda-sandbox/scenario/invocation_parser.hpp"

#include "tools/lambda-sandbox/function/script.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"

#include <filesystem>
#include <utility>

namespace sandbox {

namespace {

constexpr std::int64_t repeat_max = 1'000'000;

const std::vector<std::string> line_kinds = {"transaction", "span", "error",
                                             "log", "metricset"};

/// Accepts a number of ms with its fraction.
void read_ms(json_members& members, const char* name, double& target) {
  const auto* found = members.get_any(name);
  if (found == nullptr)
    return;
  if (found->IsNumber() && found->GetDouble() >= 0)
    target = found->GetDouble();
  else
    members.complain(name, "must be a number of at least 0");
}

void read_ms(json_members& members, const char* name,
             std::optional<double>& target) {
  const auto* found = members.get_any(name);
  if (found == nullptr || found->IsNull())
    return;
  if (found->IsNumber() && found->GetDouble() >= 0)
    target = found->GetDouble();
  else
    members.complain(name, "must be a number of at least 0");
}

void read_counts(json_members& members, const char* name,
                 std::map<std::string, std::int64_t>& counts,
                 json_problems& problems) {
  const auto* lines = members.get_any(name);
  if (lines == nullptr)
    return;
  json_members kinds{*lines, members.pointer_to(name), problems};
  for (const auto& kind : line_kinds) {
    std::int64_t count = 0;
    if (kinds.get(kind.c_str(), count))
      counts[kind] = count;
  }
  kinds.finish();
}

invocation_expectation read_expectation(const rapidjson::Value& value,
                                        const std::string& pointer,
                                        json_problems& problems) {
  invocation_expectation expect;
  json_members members{value, pointer, problems};
  members.get_choice("status", expect.status,
                     {"success", "error", "timeout", "failure"});
  members.get_choice("ended_by", expect.ended_by,
                     {"agent", "runtime_done", "deadline"});
  read_counts(members, "lines", expect.lines, problems);
  read_counts(members, "lines_made", expect.lines_made, problems);
  read_ms(members, "held_ms_max", expect.held_ms_max);
  read_ms(members, "before_deadline_ms_min", expect.before_deadline_ms_min);
  read_ms(members, "before_deadline_ms_max", expect.before_deadline_ms_max);
  read_ms(members, "held_ms_median_max", expect.held_ms_median_max);
  members.finish();
  return expect;
}

/// The function looks in its own directory first, then in the scenario's.
std::string capture_folder(const scenario& result, const std::string& capture) {
  auto folder = path_from(result.function.directory, capture);
  return std::filesystem::exists(folder) ? folder
                                         : path_from(result.directory, capture);
}

/// Merges the built-in function's script into the event.
void read_payload(json_members& members, scenario& result,
                  scenario_invocation& invocation, json_problems& problems) {
  rapidjson::Document payload{rapidjson::kObjectType};
  if (const auto* given = members.get_any("payload"))
    payload.CopyFrom(*given, payload.GetAllocator());
  const auto* script = members.get_any("function");
  if (script == nullptr) {
    invocation.payload = json_of(payload);
    return;
  }
  if (!result.function.is_builtin())
    return members.complain(
        "function", "is a script for the built-in function, but this scenario "
                    "runs a function of its own: use `payload`");
  if (!payload.IsObject())
    return members.complain("payload",
                            "must be an object for the built-in "
                            "function, which finds its script in it");
  const auto parsed =
      parse_function_script(*script, members.pointer_to("function"), problems);
  if (result.builtin_agent.empty() || result.builtin_agent == "none")
    if (!parsed.agent.empty())
      result.builtin_agent = parsed.agent;
  if (!parsed.capture.empty() && invocation.request_id.empty()) {
    std::string message;
    if (auto id =
            capture_request_id(capture_folder(result, parsed.capture), message))
      invocation.request_id = std::move(*id);
    else if (!message.empty())
      problems.push_back(
          {members.pointer_to("function") + "/capture", message});
  }
  rapidjson::Value copy;
  copy.CopyFrom(*script, payload.GetAllocator());
  payload.RemoveMember("sandbox");
  payload.AddMember("sandbox", copy, payload.GetAllocator());
  invocation.payload = json_of(payload);
}

void read_records(json_members& members, scenario_invocation& invocation,
                  json_problems& problems) {
  const auto* found = members.get_any("records");
  if (found == nullptr)
    return;
  if (!found->IsArray())
    return members.complain("records", "must be an array");
  const auto pointer = members.pointer_to("records");
  for (rapidjson::SizeType i = 0; i < found->Size(); ++i) {
    scenario_record each;
    json_members parts{(*found)[i],
                       json_pointer_step(pointer, std::to_string(i)), problems};
    parts.get("type", each.type);
    const auto* record = parts.get_any("record");
    each.record = record == nullptr ? "null" : json_of(*record);
    parts.finish();
    invocation.records.push_back(std::move(each));
  }
}

void read_kill(json_members& parent, scenario_invocation& invocation,
               json_problems& problems) {
  const auto* found = parent.get_any("kill_extension");
  if (found == nullptr)
    return;
  extension_kill kill;
  json_members members{*found, parent.pointer_to("kill_extension"), problems};
  members.get_choice("phase", kill.phase,
                     {"pause", "init", "invoke", "shutdown"});
  read_ms(members, "after_ms", kill.after_ms);
  members.get("at_file", kill.is_at_file);
  members.finish();
  invocation.kill_extension = kill;
}

scenario_invocation read_invocation(const rapidjson::Value& value,
                                    const std::string& pointer,
                                    scenario& result, json_problems& problems) {
  scenario_invocation invocation;
  json_members members{value, pointer, problems};
  members.get("repeat", invocation.repeat, 1, repeat_max);
  members.get("request_id", invocation.request_id);
  std::int64_t after_ms = 0;
  if (members.get("after_ms", after_ms))
    invocation.after_ms = after_ms;
  members.get("frozen", invocation.is_frozen);
  members.get("timeout_ms", invocation.timeout_ms, 1, function_timeout_ms_max);
  read_payload(members, result, invocation, problems);
  read_records(members, invocation, problems);
  read_kill(members, invocation, problems);
  if (const auto* expect = members.get_any("expect"))
    invocation.expect =
        read_expectation(*expect, members.pointer_to("expect"), problems);
  members.finish();
  return invocation;
}

} // namespace

void read_invocations(json_members& parent, scenario& result,
                      json_problems& problems) {
  const auto* found = parent.get_any("invocations");
  if (found == nullptr) {
    result.invocations.emplace_back();
    return;
  }
  if (!found->IsArray())
    return parent.complain("invocations", "must be an array");
  const auto pointer = parent.pointer_to("invocations");
  for (rapidjson::SizeType i = 0; i < found->Size(); ++i)
    result.invocations.push_back(read_invocation(
        (*found)[i], json_pointer_step(pointer, std::to_string(i)), result,
        problems));
}

} // namespace sandbox
