// Event maker: see the header.
#include "tools/lambda-sandbox/function/event_maker.hpp"

#include "tools/lambda-sandbox/function/clock.hpp"
#include "tools/lambda-sandbox/function/facts.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <utility>

namespace sandbox::builtin {

namespace {

struct agent_facts {
  const char* name;
  /// As in `metadata.service.agent`.
  const char* metadata_name;
  const char* version;
  const char* language;
  const char* runtime_version;
};

constexpr std::array<agent_facts, 3> known_agents{{
    {"node", "nodejs", "4.18.0", "javascript", "20.20.2"},
    {"python", "python", "6.26.2", "python", "3.11.7"},
    {"java", "java", "1.56.0", "Java", "17.0.15"},
}};

const agent_facts& facts_of(const std::string& agent) {
  for (const auto& facts : known_agents)
    if (agent == facts.name)
      return facts;
  return known_agents[0];
}

std::string milliseconds(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

/// The fifth part of arn:aws:lambda:REGION:ACCOUNT:function:NAME.
std::string account_of(const std::string& arn) {
  std::size_t begin = 0;
  for (int part = 0; part < 4; ++part) {
    begin = arn.find(':', begin);
    if (begin == std::string::npos)
      return {};
    ++begin;
  }
  return arn.substr(begin, arn.find(':', begin) - begin);
}

/// Agents leave the version or alias, an eighth part, away.
std::string without_qualifier(const std::string& arn) {
  std::size_t end = 0;
  for (int part = 0; part < 7; ++part) {
    end = arn.find(':', end);
    if (end == std::string::npos)
      return arn;
    ++end;
  }
  return arn.substr(0, end - 1);
}

} // namespace

event_maker::event_maker(const function_environment& environment,
                         std::string agent)
    : environment_(environment), agent_(std::move(agent)) {}

void event_maker::begin(const invocation& invoked) {
  invocation_ = invoked;
}

transaction_context event_maker::new_transaction() {
  return {random_hex(16), random_hex(32), wall_us()};
}

std::string event_maker::metadata() const {
  const auto& facts = facts_of(agent_);
  std::string line = "{\"metadata\":{\"service\":{\"name\":"
                     + json_string(environment_.function_name)
                     + ",\"environment\":\"development\",\"runtime\":{\"name\":"
                     + json_string(environment_.execution_env.empty()
                                       ? facts.metadata_name
                                       : environment_.execution_env)
                     + ",\"version\":\"" + facts.runtime_version
                     + "\"},\"language\":{\"name\":\"" + facts.language
                     + "\"},\"agent\":{\"name\":\"" + facts.metadata_name
                     + "\",\"version\":\"" + facts.version
                     + "\"},\"framework\":{\"name\":\"AWS Lambda\"},"
                       "\"version\":"
                     + json_string(environment_.function_version)
                     + ",\"node\":{\"configured_name\":"
                     + json_string(environment_.log_stream_name) + "}}";
  line += ",\"process\":{\"pid\":" + std::to_string(getpid())
          + ",\"ppid\":1,\"title\":\"" + agent_
          + "\"},\"system\":{\"architecture\":\"x64\",\"platform\":\"linux\","
            "\"detected_hostname\":\"169.254.100.5\"},\"cloud\":{\"provider\":"
            "\"aws\",\"region\":"
          + json_string(environment_.region)
          + ",\"service\":{\"name\":\"lambda\"}";
  const auto account = account_of(invocation_.function_arn);
  if (!account.empty())
    line += ",\"account\":{\"id\":" + json_string(account) + "}";
  return line + "}}}";
}

std::string event_maker::transaction_line(const transaction_context& context,
                                          const std::string& result,
                                          const std::string& outcome,
                                          const std::string& duration,
                                          std::int64_t spans) const {
  std::string line =
      "{\"transaction\":{\"name\":" + json_string(environment_.function_name)
      + ",\"type\":\"request\"";
  if (!result.empty())
    line += ",\"result\":\"" + result + "\"";
  line += ",\"id\":\"" + context.id + "\",\"trace_id\":\"" + context.trace_id
          + "\"";
  if (!duration.empty())
    line += ",\"duration\":" + duration;
  line +=
      ",\"timestamp\":" + std::to_string(context.begin_us)
      + ",\"sampled\":true,\"context\":{\"user\":{},\"tags\":{},\"custom\":{},"
        "\"service\":{},\"cloud\":{\"origin\":{\"provider\":\"aws\"}},"
        "\"message\":{}},\"span_count\":{\"started\":"
      + std::to_string(spans) + "},\"outcome\":\"" + outcome
      + "\",\"faas\":{\"id\":"
      + json_string(without_qualifier(invocation_.function_arn))
      + ",\"name\":" + json_string(environment_.function_name)
      + ",\"version\":" + json_string(environment_.function_version)
      + ",\"coldstart\":" + (invocation_.is_cold ? "true" : "false")
      + ",\"execution\":" + json_string(invocation_.request_id)
      + ",\"trigger\":{\"type\":\"other\"}},\"sample_rate\":1}}";
  return line;
}

agent_event
event_maker::registration(const transaction_context& context) const {
  // Only Node's agent writes a result that is not there yet.
  return {"transaction",
          transaction_line(context, agent_ == "node" ? "undefined" : "",
                           "unknown", "", 0)};
}

agent_event event_maker::transaction(const transaction_context& context,
                                     bool is_success,
                                     std::int64_t spans) const {
  const std::string outcome = is_success ? "success" : "failure";
  const auto duration_ms =
      static_cast<double>(wall_us() - context.begin_us) / 1000;
  return {"transaction", transaction_line(context, outcome, outcome,
                                          milliseconds(duration_ms), spans)};
}

agent_event event_maker::span(const transaction_context& context,
                              std::int64_t number, double duration_ms,
                              std::int64_t bytes) {
  const auto begin_us =
      wall_us() - static_cast<std::int64_t>(duration_ms * 1000);
  const std::string front =
      "{\"span\":{\"name\":\"query " + std::to_string(number)
      + "\",\"type\":\"db\",\"id\":\"" + random_hex(16)
      + "\",\"transaction_id\":\"" + context.id + "\",\"parent_id\":\""
      + context.id + "\",\"trace_id\":\"" + context.trace_id
      + "\",\"subtype\":\"postgresql\",\"action\":\"query\",\"timestamp\":"
      + std::to_string(begin_us) + ",\"duration\":" + milliseconds(duration_ms);
  const std::string back =
      ",\"sync\":false,\"outcome\":\"success\",\"sample_rate\":1}}";
  // A statement makes up for the rest: the one member with no maximal length.
  const std::string statement_front =
      ",\"context\":{\"db\":{\"type\":\"sql\",\"statement\":\"";
  const std::string statement_back = "\"}}";
  const auto least = front.size() + back.size() + statement_front.size()
                     + statement_back.size();
  const auto wanted = static_cast<std::size_t>(bytes);
  if (wanted <= least)
    return {"span", front + back};
  return {"span", front + statement_front + random_hex(wanted - least)
                      + statement_back + back};
}

agent_event event_maker::error(const transaction_context& context,
                               std::string_view text) {
  const auto message = json_string(text);
  return {
      "error",
      "{\"error\":{\"id\":\"" + random_hex(32) + "\",\"timestamp\":"
          + std::to_string(wall_us()) + ",\"parent_id\":\"" + context.id
          + "\",\"trace_id\":\"" + context.trace_id + "\",\"transaction_id\":\""
          + context.id + "\",\"transaction\":{\"name\":"
          + json_string(environment_.function_name)
          + ",\"type\":\"request\",\"sampled\":true},\"context\":{\"user\":{},"
            "\"tags\":{},\"custom\":{}},\"exception\":{\"message\":"
          + message
          + ",\"type\":\"Error\",\"handled\":true,\"stacktrace\":[{"
            "\"filename\":"
            "\"app.js\",\"lineno\":23,\"function\":\"handler\",\"library_"
            "frame\":"
            "false,\"abs_path\":\"/var/task/"
            "app.js\",\"pre_context\":[\"exports."
            "handler = async (event) => {\",\"  const order = await "
            "load(event.order);\"],\"context_line\":\"  if (!order) throw new "
            "Error('no such order');\",\"post_context\":[\"  return order;\","
            "\"};\"]}]},\"culprit\":\"handler (app.js)\"}}"};
}

std::string event_maker::user_agent() const {
  const auto& facts = facts_of(agent_);
  return std::string{"apm-agent-"} + facts.metadata_name + "/" + facts.version
         + " (" + environment_.function_name + " "
         + environment_.function_version + ")";
}

std::string event_maker::random_hex(std::size_t digits) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  std::string text;
  text.reserve(digits);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (i % 16 == 0)
      bits = random_();
    text += alphabet[bits & 15u];
    bits >>= 4;
  }
  return text;
}

} // namespace sandbox::builtin
