// The built-in function's facts; see facts_reader.hpp.
#include "tools/lambda-sandbox/report/facts_reader.hpp"

#include "tools/lambda-sandbox/lambda/json_text.hpp"

namespace sandbox {

namespace {

std::int64_t number_member(const rapidjson::Value& value, const char* name) {
  const auto member = value.FindMember(name);
  return member != value.MemberEnd() && member->value.IsInt64()
             ? member->value.GetInt64()
             : 0;
}

std::string answer_text(int status) {
  return status == 0 ? "no answer" : std::to_string(status);
}

} // namespace

std::optional<function_fact> read_fact(std::string_view line,
                                       std::size_t generation) {
  const auto parsed = parse_json(line);
  if (!parsed || !parsed->IsObject())
    return std::nullopt;
  function_fact fact;
  fact.generation = generation;
  fact.at_ns = number_member(*parsed, "at_ns");
  fact.metadata =
      static_cast<std::uint64_t>(number_member(*parsed, "metadata"));
  fact.process = number_member(*parsed, "process");
  fact.line = static_cast<std::uint64_t>(number_member(*parsed, "line"));
  fact.status = static_cast<int>(number_member(*parsed, "status"));
  fact.expected = static_cast<int>(number_member(*parsed, "expected"));
  fact.request_id = string_member(*parsed, "request_id").value_or("");
  fact.fact = string_member(*parsed, "fact").value_or("");
  fact.kind = string_member(*parsed, "kind").value_or("");
  fact.text = string_member(*parsed, "text").value_or("");
  fact.target = string_member(*parsed, "target").value_or("");
  if (fact.fact.empty() || fact.at_ns == 0)
    return std::nullopt;
  return fact;
}

std::string sentence_for(const function_fact& fact) {
  if (fact.fact == "registered")
    return "registered its transaction: " + answer_text(fact.status);
  if (fact.fact == "flush_sent")
    return "sends its flush signal";
  if (fact.fact == "flush_answered" && fact.status != 202)
    return "flush signal answered: " + answer_text(fact.status);
  if (fact.fact == "request")
    return fact.target + ": " + answer_text(fact.status)
           + (fact.expected == 0 || fact.expected == fact.status
                  ? ""
                  : ", expected " + std::to_string(fact.expected));
  if (fact.fact == "error")
    return "would log: " + fact.text;
  return {};
}

} // namespace sandbox
