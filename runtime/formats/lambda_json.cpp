// Answers are judged by RapidJSON as a whole and then read member by member, so
// that each member that is missing or of another type can be named.
#include "runtime/formats/lambda_json.hpp"

#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/json_write.hpp"

#include <optional>
#include <utility>

namespace apm {

namespace {

/// The error that keeps a body from being read as one object, if any.
std::optional<error> check_object(std::string_view what,
                                  std::string_view body) {
  std::string subject = "the answer of " + std::string{what};
  if (auto unsound = check_json(body))
    return error{unsound->code, subject + " is no JSON: " + unsound->detail};
  if (json_kind_of(body) != json_kind::object)
    return error{errc::bad_shape, subject + " is no object"};
  return {};
}

/// Members of `event/next`, as far as they are there and of the right type.
struct event_members {
  std::optional<std::string> type;
  std::optional<std::string> request_id;
  std::optional<std::string> function_arn;
  std::optional<std::string> reason;
  std::optional<int64_t> deadline_ms;
};

event_members read_event(std::string_view body) {
  event_members event;
  for (json_walk member{body}; member.next();) {
    std::string_view key = member.key();
    if (key == "eventType")
      event.type = json_string(member.value());
    else if (key == "requestId")
      event.request_id = json_string(member.value());
    else if (key == "invokedFunctionArn")
      event.function_arn = json_string(member.value());
    else if (key == "shutdownReason")
      event.reason = json_string(member.value());
    else if (key == "deadlineMs")
      event.deadline_ms = json_integer(member.value());
  }
  return event;
}

/// Names what an event lacks, with a comma between.
std::string missing_of(const event_members& event, bool is_invoke) {
  std::string names;
  auto need = [&names](bool is_there, std::string_view name) {
    if (is_there)
      return;
    names += names.empty() ? "" : ", ";
    names += name;
  };
  if (is_invoke) {
    need(event.request_id && !event.request_id->empty(), "requestId");
    need(event.function_arn.has_value(), "invokedFunctionArn");
  }
  need(event.deadline_ms.has_value(), "deadlineMs");
  return names;
}

/// The body of both subscriptions. *Units:* `timeout_ms` is how long the
/// platform may hold back a record.
std::string subscription(std::string_view schema_version,
                         const std::vector<std::string_view>& types,
                         uint16_t port, int64_t timeout_ms) {
  // The largest buffer that both APIs allow: it costs the extension nothing
  // while records trickle in, since the timeout ends the wait, and when they
  // pour in it means fewer deliveries and a later `platform.logsDropped`.
  constexpr int64_t items_max = 10'000;
  constexpr int64_t bytes_max = 1'048'576;
  std::string out;
  json_object body{out};
  body.string("schemaVersion", schema_version);
  body.key("types");
  for (size_t i = 0; i < types.size(); ++i) {
    out += i == 0 ? '[' : ',';
    append_json_string(out, types[i]);
  }
  out += types.empty() ? "[]" : "]";
  body.key("buffering");
  json_object buffering{out};
  buffering.integer("maxItems", items_max);
  buffering.integer("maxBytes", bytes_max);
  buffering.integer("timeoutMs", timeout_ms);
  buffering.end();
  body.key("destination");
  json_object destination{out};
  destination.string("protocol", "HTTP");
  destination.string("URI",
                     "http://sandbox.localdomain:" + std::to_string(port));
  destination.end();
  body.end();
  return out;
}

} // namespace

result<registered> parse_register_answer(std::string_view body) {
  if (auto unsound = check_object("register", body))
    return std::move(*unsound);
  registered facts;
  for (json_walk member{body}; member.next();) {
    std::string_view key = member.key();
    if (key == "functionName")
      facts.function_name = json_string(member.value()).value_or("");
    else if (key == "functionVersion")
      facts.function_version = json_string(member.value()).value_or("");
    else if (key == "handler")
      facts.handler = json_string(member.value()).value_or("");
    else if (key == "accountId")
      facts.account_id = json_string(member.value()).value_or("");
  }
  return facts;
}

result<next_event> parse_next_event(std::string_view body) {
  if (auto unsound = check_object("event/next", body))
    return std::move(*unsound);
  event_members members = read_event(body);
  if (!members.type)
    return error{errc::bad_shape, "the answer of event/next lacks eventType"};
  bool is_invoke = *members.type == "INVOKE";
  if (!is_invoke && *members.type != "SHUTDOWN")
    return error{errc::bad_value, "the event has the type \"" + *members.type
                                      + "\", which is neither INVOKE nor "
                                        "SHUTDOWN"};
  std::string missing = missing_of(members, is_invoke);
  if (!missing.empty())
    return error{errc::bad_shape,
                 "the " + *members.type + " event lacks " + missing};
  next_event event;
  event.kind = is_invoke ? event_kind::invoke : event_kind::shutdown;
  event.deadline_ms = *members.deadline_ms;
  if (is_invoke) {
    event.request_id = std::move(*members.request_id);
    event.function_arn = std::move(*members.function_arn);
  } else {
    event.reason = std::move(members.reason).value_or("");
  }
  return event;
}

std::string register_body(bool with_invoke) {
  return with_invoke ? R"({"events":["INVOKE","SHUTDOWN"]})"
                     : R"({"events":["SHUTDOWN"]})";
}

std::string telemetry_subscription(std::string_view schema_version,
                                   const std::vector<std::string_view>& types,
                                   uint16_t port) {
  // The shortest that the API allows: an invocation without an agent's signal
  // ends when its `platform.runtimeDone` comes.
  constexpr int64_t timeout_ms = 25;
  return subscription(schema_version, types, port, timeout_ms);
}

std::string logs_subscription(const std::vector<std::string_view>& types,
                              uint16_t port) {
  constexpr int64_t timeout_ms = 100; // the shortest here
  return subscription("2021-03-18", types, port, timeout_ms);
}

std::string error_body(std::string_view type, std::string_view message) {
  std::string out;
  json_object body{out};
  body.string("errorMessage", message);
  body.string("errorType", type);
  body.key("stackTrace");
  out += "[]";
  body.end();
  return out;
}

} // namespace apm
