// Making telemetry records; see telemetry_event.hpp.
#include "tools/lambda-sandbox/lambda/telemetry_event.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"

namespace sandbox {

const char* name_of(telemetry_category category) {
  switch (category) {
  case telemetry_category::platform:
    return "platform";
  case telemetry_category::function:
    return "function";
  case telemetry_category::extension:
    return "extension";
  }
  return "";
}

telemetry_event platform_event(std::string_view name, const json_object& record,
                               std::optional<json_object> logs_record) {
  telemetry_event event;
  event.made_ns = now_ns();
  event.type = "platform." + std::string{name};
  event.record = record.text();
  if (logs_record) {
    event.logs_type = event.type;
    event.logs_record = logs_record->text();
  }
  return event;
}

telemetry_event log_event(telemetry_category category, std::string_view line,
                          bool is_json) {
  telemetry_event event;
  event.category = category;
  event.made_ns = now_ns();
  event.type = name_of(category);
  event.logs_type = event.type;
  event.text_record = quoted_json(line);
  event.logs_record = event.text_record;
  event.record = event.text_record;
  if (!is_json)
    return event;
  const auto parsed = parse_json(line);
  if (parsed && parsed->IsObject())
    event.record = std::string{line};
  return event;
}

std::vector<std::string> log_messages(std::string_view line, bool is_json) {
  std::vector<std::string> messages = {std::string{line}};
  const auto parsed = is_json ? parse_json(line) : std::nullopt;
  if (!parsed || !parsed->IsObject())
    return messages;
  messages.push_back(json_of(*parsed));
  const auto message = parsed->FindMember("message");
  const auto brief = string_member(*parsed, "msg"); // as pino and slog call it
  if (message == parsed->MemberEnd() && brief)
    messages.push_back(*brief);
  if (message != parsed->MemberEnd())
    messages.push_back(message->value.IsString() ? message->value.GetString()
                                                 : json_of(message->value));
  return messages;
}

std::string spans_json(const std::vector<telemetry_span>& spans) {
  std::vector<std::string> elements;
  elements.reserve(spans.size());
  for (const auto& span : spans)
    elements.push_back(
        json_object{}
            .add("name", span.name)
            .add("start", rfc3339_ms(unix_ns_at(span.begin_ns)))
            .add("durationMs", to_ms(span.end_ns - span.begin_ns))
            .text());
  return json_array(elements);
}

} // namespace sandbox
