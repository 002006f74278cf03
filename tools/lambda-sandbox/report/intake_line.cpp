// Reading a line's identity; see intake_line.hpp.
#include "tools/lambda-sandbox/report/intake_line.hpp"

#include "tools/lambda-sandbox/lambda/json_text.hpp"

namespace sandbox {

intake_line read_intake_line(std::string_view text) {
  intake_line line;
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->IsObject() || parsed->ObjectEmpty())
    return line;
  const auto& event = parsed->MemberBegin()->value;
  if (!event.IsObject())
    return line;
  line.trace_id = string_member(event, "trace_id").value_or("");
  line.message = string_member(event, "message").value_or("");
  const auto faas = event.FindMember("faas");
  if (faas != event.MemberEnd())
    line.execution = string_member(faas->value, "execution").value_or("");
  const auto samples = event.FindMember("samples");
  if (samples == event.MemberEnd() || !samples->value.IsObject())
    return line;
  line.is_report = samples->value.HasMember("faas.billed_duration")
                   || samples->value.HasMember("faas.duration");
  constexpr std::string_view own = "apm_lambda_extension.";
  line.is_about_extension =
      samples->value.MemberCount() > 0
      && std::string_view{samples->value.MemberBegin()->name.GetString()}
                 .substr(0, own.size())
             == own;
  return line;
}

} // namespace sandbox
