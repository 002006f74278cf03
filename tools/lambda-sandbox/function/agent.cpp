// Agent: what the agents of all languages share.
#include "tools/lambda-sandbox/function/agent.hpp"

#include "tools/lambda-sandbox/function/java_agent.hpp"
#include "tools/lambda-sandbox/function/node_agent.hpp"
#include "tools/lambda-sandbox/function/python_agent.hpp"

#include <rapidjson/document.h>

#include <thread>
#include <utility>

namespace sandbox::builtin {

std::string agent::host() const {
  return environment().apm_server.host + ":"
         + std::to_string(environment().apm_server.port);
}

std::string agent::target(const char* path) const {
  return environment().apm_path + path;
}

bool agent::ensure_open(http_connection& connection, std::int64_t deadline_ns) {
  // Input on an idle connection is its end (or nonsense): all agents' clients
  // look for that before they use a connection again.
  if (connection.is_open() && !connection.has_input())
    return true;
  return connection.connect(environment().apm_server, deadline_ns);
}

std::optional<http_answer> agent::exchange(http_connection& connection,
                                           const std::string& head,
                                           std::string_view body,
                                           std::int64_t deadline_ns) {
  facts().write_out();
  if (!connection.send(head, deadline_ns)
      || !connection.send(body, deadline_ns))
    return std::nullopt;
  return connection.receive(deadline_ns);
}

void agent::ask_info_aside(http_headers headers, std::int64_t timeout_ms) {
  std::thread{[this, headers = std::move(headers), timeout_ms] {
    const auto deadline_ns = monotonic_ns() + timeout_ms * ns_per_ms;
    http_connection connection;
    std::optional<http_answer> answer;
    if (connection.connect(environment().apm_server, deadline_ns))
      answer = exchange(connection, request_head("GET", target("/"), headers),
                        {}, deadline_ns);
    report_info(answer ? &*answer : nullptr);
  }}.detach();
}

void agent::report_info(const http_answer* answer) {
  if (answer == nullptr)
    return facts().info(0, "");
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(answer->body.data(),
                                                 answer->body.size());
  std::string version;
  if (!document.HasParseError() && document.IsObject()) {
    const auto found = document.FindMember("version");
    if (found != document.MemberEnd() && found->value.IsString())
      version = found->value.GetString();
  }
  facts().info(answer->status, version);
}

void agent::offer(const agent_event& event, std::vector<std::uint64_t>& lines) {
  lines.push_back(
      facts().line_offered(event.kind, event.line, events_.metadata()));
}

void agent::report_taken(const std::vector<std::uint64_t>& lines) {
  for (const auto line : lines)
    facts().line_taken(line);
  facts().write_out();
}

void agent::log_error(const std::string& text) {
  facts().error(text);
  // The form of the Node.js agent's logger; it goes raw to stdout.
  context_.log.raw("{\"log.level\":\"error\",\"@timestamp\":\"" + rfc3339_now()
                   + "\",\"log\":{\"logger\":\"elastic-apm\"},\"ecs\":{"
                     "\"version\":\"1.6.0\"},\"message\":"
                   + json_string(text) + "}");
}

std::unique_ptr<agent> make_agent(const std::string& name,
                                  agent_context context) {
  if (name == "node")
    return std::make_unique<node_agent>(context);
  if (name == "python")
    return std::make_unique<python_agent>(context);
  if (name == "java")
    return std::make_unique<java_agent>(context);
  return nullptr;
}

std::string answer_error_text(const http_answer& answer) {
  auto text = "(" + std::to_string(answer.status) + ")";
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(answer.body.data(),
                                                 answer.body.size());
  if (document.HasParseError() || !document.IsObject())
    return text + ": " + answer.body.substr(0, 200);
  const auto errors = document.FindMember("errors");
  if (errors != document.MemberEnd() && errors->value.IsArray())
    for (const auto& error : errors->value.GetArray())
      if (error.IsObject() && error.HasMember("message")
          && error["message"].IsString())
        text += std::string{": "} + error["message"].GetString();
  const auto accepted = document.FindMember("accepted");
  if (accepted != document.MemberEnd() && accepted->value.IsUint64())
    text += "; accepted " + std::to_string(accepted->value.GetUint64());
  return text;
}

} // namespace sandbox::builtin
