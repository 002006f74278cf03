// Rules of the APM Server stand-in: from JSON to structs, with complaints that
// tell a user what to write instead.
#include "tools/lambda-sandbox/apm_server/rules.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sandbox {

namespace {

std::string json_text(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

/// Reads `body` (any JSON; a string is sent as it is) and its member
/// `accepted`, which counts as the rule's unless that is given.
void read_body(json_members& members, apm_server_rule& rule) {
  const auto* body = members.get_any("body");
  if (body == nullptr)
    return;
  if (body->IsString()) {
    rule.body.assign(body->GetString(), body->GetStringLength());
    return;
  }
  rule.body = json_text(*body);
  if (!body->IsObject() || rule.accepted)
    return;
  const auto accepted = body->FindMember("accepted");
  if (accepted != body->MemberEnd() && accepted->value.IsUint64())
    rule.accepted = accepted->value.GetUint64();
}

void read_headers(json_members& members, apm_server_rule& rule) {
  const auto* headers = members.get_any("headers");
  if (headers == nullptr)
    return;
  if (!headers->IsObject()) {
    members.complain("headers", "must be an object of strings");
    return;
  }
  for (const auto& header : headers->GetObject()) {
    if (header.value.IsString())
      rule.headers.emplace_back(header.name.GetString(),
                                header.value.GetString());
    else
      members.complain("headers", "must be an object of strings");
  }
}

void read_times(json_members& members, apm_server_rule& rule) {
  const auto* times = members.get_any("times");
  if (times == nullptr)
    return;
  if (times->IsString() && std::string_view{times->GetString()} == "forever")
    rule.times = apm_server_rule::forever;
  else if (times->IsUint64() && times->GetUint64() > 0)
    rule.times = times->GetUint64();
  else
    members.complain("times", "must be a whole number from 1, or \"forever\"");
}

/// Reads `accept` (true: all lines, false: none) and `accepted` (how many).
void read_accepted(json_members& members, apm_server_rule& rule) {
  bool accept = true;
  if (members.get("accept", accept))
    rule.accepted = accept ? SIZE_MAX : 0;
  std::int64_t accepted = 0;
  if (members.get("accepted", accepted))
    rule.accepted = static_cast<std::size_t>(accepted);
}

void check_consistency(json_members& members, const apm_server_rule& rule,
                       bool has_status) {
  const bool closes = rule.close != server_close::never;
  if (rule.hang && (closes || has_status))
    members.complain("hang", "goes with no status and no close: a request that "
                             "hangs gets neither");
  if (closes && has_status)
    members.complain("close", "goes with no status: the connection is closed "
                              "instead of an answer");
  if (rule.refuse_ms > 0 && (rule.hang || closes || has_status))
    members.complain("refuse_ms", "stands alone: no request reaches a closed "
                                  "port, the next rule is for the next one");
  if (rule.for_ms > 0 && rule.times != 1)
    members.complain("for_ms", "goes with no times: use one of the two");
}

apm_server_rule parse_rule(const rapidjson::Value& value,
                           const std::string& pointer,
                           json_problems& problems) {
  apm_server_rule rule;
  json_members members{value, pointer, problems};
  std::int64_t status = rule.status;
  // 100 to 199 are no final answers.
  const bool has_status = members.get("status", status, 200, 599);
  rule.status = static_cast<int>(status);
  read_accepted(members, rule);
  read_body(members, rule);
  read_headers(members, rule);
  members.get("delay_ms", rule.delay_ms);
  members.get("hang", rule.hang);
  std::string close;
  if (members.get_choice("close", close,
                         {"before_body", "after_body", "within_answer"}))
    rule.close = close == "before_body"  ? server_close::before_body
                 : close == "after_body" ? server_close::after_body
                                         : server_close::within_answer;
  members.get("refuse_ms", rule.refuse_ms, 1);
  read_times(members, rule);
  members.get("for_ms", rule.for_ms, 1);
  members.get("record", rule.record);
  check_consistency(members, rule, has_status);
  members.finish();
  return rule;
}

} // namespace

std::vector<apm_server_rule> parse_rules(const rapidjson::Value& value,
                                         const std::string& pointer,
                                         json_problems& problems) {
  std::vector<apm_server_rule> rules;
  if (!value.IsArray()) {
    problems.push_back({pointer, "must be an array of rules"});
    return rules;
  }
  for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
    rules.push_back(parse_rule(
        value[i], json_pointer_step(pointer, std::to_string(i)), problems));
  return rules;
}

apm_server_settings parse_apm_server_settings(const rapidjson::Value& value,
                                              const std::string& pointer,
                                              json_problems& problems) {
  apm_server_settings settings;
  json_members members{value, pointer, problems};
  if (const auto* behaviour = members.get_any("behaviour"))
    settings.rules =
        parse_rules(*behaviour, members.pointer_to("behaviour"), problems);
  members.get("version", settings.version);
  members.get("refuse", settings.refuse);
  members.get("host", settings.host);
  if (const auto* tls = members.get_any("tls"))
    settings.tls =
        parse_tls_settings(*tls, members.pointer_to("tls"), problems);
  members.get("authorization", settings.authorization);
  members.finish();
  return settings;
}

} // namespace sandbox
