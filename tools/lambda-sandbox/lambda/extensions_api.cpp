// The extensions' state machines; see extensions_api.hpp.
#include "tools/lambda-sandbox/lambda/extensions_api.hpp"

#include "tools/lambda-sandbox/lambda/api_answers.hpp"
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/identifiers.hpp"
#include "tools/lambda-sandbox/lambda/json_text.hpp"

#include <algorithm>
#include <utility>

namespace sandbox {

namespace {

using state = registered_extension::state;

constexpr std::string_view prefix = "/2020-01-01/extension/";

const char* name_of(state which) {
  switch (which) {
  case state::started:
    return "Started";
  case state::registered:
    return "Registered";
  case state::ready:
    return "Ready";
  case state::running:
    return "Running";
  case state::init_error:
    return "InitError";
  case state::exit_error:
    return "ExitError";
  }
  return "";
}

} // namespace

extensions_api::extensions_api(observer& observer, function_identity function,
                               handlers handle)
    : observer_{observer},
      function_{std::move(function)},
      handlers_{std::move(handle)} {}

void extensions_api::begin(const std::vector<std::string>& names) {
  extensions_.clear();
  // Pointers to them are handed out: they must never move.
  extensions_.reserve(std::max(extensions_max, names.size()) + 1);
  for (const auto& name : names) {
    extensions_.emplace_back();
    extensions_.back().name = name;
  }
  is_registration_open_ = true;
}

bool extensions_api::are_all_registered() const {
  return std::none_of(
      extensions_.begin(), extensions_.end(),
      [](const auto& each) { return each.current == state::started; });
}

bool extensions_api::are_all_waiting() const {
  return std::all_of(
      extensions_.begin(), extensions_.end(),
      [](const auto& each) { return each.current == state::ready; });
}

bool extensions_api::are_invoked_waiting() const {
  return std::all_of(
      extensions_.begin(), extensions_.end(), [](const auto& each) {
        return !each.is_subscribed("INVOKE") || each.current == state::ready;
      });
}

registered_extension* extensions_api::find(std::string_view name) {
  for (auto& each : extensions_)
    if (each.name == name)
      return &each;
  return nullptr;
}

registered_extension*
extensions_api::find_identifier(std::string_view identifier) {
  for (auto& each : extensions_)
    if (!each.identifier.empty() && each.identifier == identifier)
      return &each;
  return nullptr;
}

void extensions_api::send_invoke(const std::string& event) {
  for (auto& each : extensions_) {
    if (!each.is_subscribed("INVOKE") || each.current != state::ready)
      continue;
    each.current = state::running;
    if (each.waiting->is_abandoned())
      observer_.note(now_ns(), each.name,
                     "has closed the connection on which it waited for INVOKE: "
                     "it never learns of this invocation");
    std::exchange(each.waiting, nullptr)
        ->answer(200, event,
                 {{"Content-Type", "application/json"},
                  {"Lambda-Extension-Event-Identifier", make_uuid()}});
  }
}

void extensions_api::send_shutdown(registered_extension& extension,
                                   const std::string& event) {
  extension.pending_shutdown = event;
  if (extension.waiting)
    hand_shutdown(extension);
}

void extensions_api::hand_shutdown(registered_extension& extension) {
  extension.current = state::running;
  extension.told_ns = now_ns();
  observer_.note(extension.told_ns, extension.name, "got SHUTDOWN");
  // No Content-Type and no event identifier: so does Lambda's own core.
  std::exchange(extension.waiting, nullptr)
      ->answer(200, std::exchange(extension.pending_shutdown, {}));
}

bool extensions_api::handle(const http_exchange_ptr& exchange) {
  const auto& request = exchange->request();
  std::string_view path = request.target;
  if (path.substr(0, prefix.size()) != prefix)
    return false;
  path.remove_prefix(prefix.size());
  if (request.method == "POST" && path == "register")
    enroll(exchange);
  else if (request.method == "GET" && path == "event/next")
    next(exchange);
  else if (request.method == "POST"
           && (path == "init/error" || path == "exit/error"))
    error(exchange, path == "init/error");
  else
    return false;
  return true;
}

void extensions_api::refuse(const http_exchange_ptr& exchange,
                            std::string_view who, std::string_view type,
                            std::string_view message) {
  answer_error(exchange, observer_, who, 403, type, message);
}

registered_extension*
extensions_api::identify(const http_exchange_ptr& exchange) {
  const auto identifier =
      exchange->request().header("Lambda-Extension-Identifier");
  if (identifier.empty())
    refuse(exchange, "extension", "Extension.MissingExtensionIdentifier",
           "Missing Lambda-Extension-Identifier header");
  else if (!is_uuid(identifier))
    refuse(exchange, "extension", "Extension.InvalidExtensionIdentifier",
           "Invalid Lambda-Extension-Identifier");
  else if (auto* found = find_identifier(identifier))
    return found;
  else
    refuse(exchange, "extension", "Extension.UnknownExtensionIdentifier",
           "Unknown extension " + std::string{identifier});
  return nullptr;
}

void extensions_api::next(const http_exchange_ptr& exchange) {
  auto* extension = identify(exchange);
  if (extension == nullptr)
    return;
  if (extension->current != state::registered
      && extension->current != state::running)
    return refuse(exchange, extension->name, "Extension.InvalidExtensionState",
                  transition_refused(name_of(extension->current), "Ready",
                                     "extension " + extension->identifier));
  extension->current = state::ready;
  extension->waiting = exchange;
  const auto at_ns = exchange->request().arrived_ns;
  if (!extension->pending_shutdown.empty())
    return hand_shutdown(*extension);
  handlers_.on_next(*extension, at_ns);
}

void extensions_api::error(const http_exchange_ptr& exchange, bool is_init) {
  auto* extension = identify(exchange);
  if (extension == nullptr)
    return;
  const auto type =
      exchange->request().header("Lambda-Extension-Function-Error-Type");
  if (type.empty())
    return refuse(exchange, extension->name, "Extension.MissingHeader",
                  "Lambda-Extension-Function-Error-Type not found");
  const auto wanted = is_init ? state::init_error : state::exit_error;
  const auto now = extension->current;
  const bool may = is_init ? now == state::registered
                           : now == state::registered || now == state::ready
                                 || now == state::running;
  if (now != wanted && !may)
    return refuse(exchange, extension->name, "Extension.InvalidExtensionState",
                  transition_refused(name_of(now), name_of(wanted),
                                     "extension " + extension->identifier));
  answer_accepted(exchange);
  if (now == wanted)
    return;
  extension->current = wanted;
  extension->waiting.reset();
  extension->error_type = type;
  handlers_.on_error(*extension);
}

} // namespace sandbox
