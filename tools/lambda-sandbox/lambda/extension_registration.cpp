// POST /2020-01-01/extension/register; see extensions_api.hpp. Extensions are
// external (Lambda started their process, and knows its name) or internal (part
// of the runtime's process: any other name, INVOKE only).
#include "tools/lambda-sandbox/lambda/api_answers.hpp"
#include "tools/lambda-sandbox/lambda/extensions_api.hpp"
#include "tools/lambda-sandbox/lambda/identifiers.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"

namespace sandbox {

namespace {

using state = registered_extension::state;

} // namespace

void extensions_api::enroll(const http_exchange_ptr& exchange) {
  const std::string name{exchange->request().header("Lambda-Extension-Name")};
  if (name.empty())
    return refuse(exchange, "extension", "Extension.InvalidExtensionName",
                  "Empty extension name");
  std::set<std::string> events;
  if (!read_events(exchange, name, events))
    return;
  auto* extension = place_for(exchange, name, events);
  if (extension == nullptr)
    return;
  extension->identifier = make_uuid();
  extension->events = std::move(events);
  extension->current = state::registered;
  json_object body;
  const auto wanted =
      exchange->request().header("Lambda-Extension-Accept-Feature");
  if (wanted.find("accountId") != std::string_view::npos)
    body.add("accountId", function_.account_id);
  body.add("functionName", function_.name)
      .add("functionVersion", function_.version)
      .add("handler", function_.handler);
  exchange->answer(200, body.text(),
                   {{"Content-Type", "application/json"},
                    {"Lambda-Extension-Identifier", extension->identifier}});
  handlers_.on_registered(*extension, exchange->request().arrived_ns);
}

bool extensions_api::read_events(const http_exchange_ptr& exchange,
                                 std::string_view name,
                                 std::set<std::string>& events) {
  std::string problem;
  const auto body = parse_json(exchange->request().body, &problem);
  if (!body || !body->IsObject()) {
    refuse(exchange, name, "InvalidRequestFormat",
           body ? "the body is no JSON object" : problem);
    return false;
  }
  const auto keys = body->FindMember("configurationKeys");
  if (keys != body->MemberEnd()
      && !(keys->value.IsArray() && keys->value.Empty())
      && !keys->value.IsNull()) {
    refuse(exchange, name, "InvalidRequestFormat",
           "configurationKeys are not supported");
    return false;
  }
  const auto list = body->FindMember("events");
  if (list == body->MemberEnd() || list->value.IsNull())
    return true;
  if (!list->value.IsArray()) {
    refuse(exchange, name, "InvalidRequestFormat", "events is no array");
    return false;
  }
  for (const auto& each : list->value.GetArray()) {
    const std::string event =
        each.IsString() ? each.GetString() : json_of(each);
    const bool is_known = event == "SHUTDOWN"
                          || (event == "INVOKE" && function_.has_invoke_events);
    if (!is_known) {
      refuse(exchange, name, "Extension.InvalidEventType",
             event + ": ErrorInvalidEventType");
      return false;
    }
    events.insert(event);
  }
  return true;
}

void extensions_api::refuse_internal_shutdown(const http_exchange_ptr& exchange,
                                              std::string_view name) {
  refuse(exchange, name, "Extension.InvalidEventType",
         "SHUTDOWN: ErrorInvalidEventType");
  // The usual reason, which Lambda's own answer does not tell.
  std::string names;
  for (const auto& each : extensions_)
    names += (names.empty() ? "" : ", ") + each.name;
  observer_.note(exchange->request().arrived_ns, "lambda",
                 "no extension is named " + std::string{name}
                     + ", so this is an internal one; extensions are named "
                       "after their program's file: "
                     + (names.empty() ? "there is none" : names));
}

registered_extension*
extensions_api::place_for(const http_exchange_ptr& exchange,
                          std::string_view name,
                          const std::set<std::string>& events) {
  if (auto* known = find(name)) {
    if (known->current == state::started)
      return known;
    refuse(exchange, name, "Extension.InvalidExtensionState",
           transition_refused("Registered", "Registered",
                              "extension " + std::string{name}));
    return nullptr;
  }
  if (!is_registration_open_)
    refuse(exchange, name, "Extension.RegistrationClosed",
           "Extension registration closed already");
  else if (events.count("SHUTDOWN") != 0)
    refuse_internal_shutdown(exchange, name);
  else if (extensions_.size() >= extensions_max)
    refuse(exchange, name, "Extension.TooManyExtensions",
           "Extension limit (10) reached");
  else {
    extensions_.emplace_back();
    extensions_.back().name = name;
    return &extensions_.back();
  }
  return nullptr;
}

} // namespace sandbox
