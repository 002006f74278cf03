// Subscriptions and their records; see telemetry_api.hpp.
#include "tools/lambda-sandbox/lambda/telemetry_api.hpp"

#include "tools/lambda-sandbox/lambda/api_answers.hpp"

#include <algorithm>
#include <utility>

namespace sandbox {

namespace {

std::vector<std::string> names_of(const telemetry_subscription& subscription) {
  std::vector<std::string> names;
  for (const auto category : subscription.types)
    names.emplace_back(name_of(category));
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

} // namespace

telemetry_api::telemetry_api(boost::asio::io_context& io, observer& observer,
                             extensions_api& extensions, telemetry_offer offer,
                             delivery_settings settings)
    : io_{io},
      observer_{observer},
      extensions_{extensions},
      offer_{offer},
      settings_{std::move(settings)} {}

void telemetry_api::close_subscriptions() {
  is_open_ = false;
  history_.clear();
}

void telemetry_api::end_generation() {
  subscribers_.clear();
  history_.clear();
  is_open_ = true;
}

void telemetry_api::emit(telemetry_event event) {
  const auto shared = std::make_shared<telemetry_event>(std::move(event));
  if (is_open_)
    history_.push_back(shared);
  for (const auto& subscriber : subscribers_)
    subscriber->offer(shared);
}

void telemetry_api::freeze() {
  for (const auto& subscriber : subscribers_)
    subscriber->freeze();
}

void telemetry_api::thaw() {
  for (const auto& subscriber : subscribers_)
    subscriber->thaw();
}

void telemetry_api::flush() {
  for (const auto& subscriber : subscribers_)
    subscriber->flush();
}

bool telemetry_api::handle(const http_exchange_ptr& exchange) {
  const auto& request = exchange->request();
  const bool is_logs_api = request.target == "/2020-08-15/logs";
  if (request.method != "PUT"
      || (!is_logs_api && request.target != "/2022-07-01/telemetry"))
    return false;
  subscribe(exchange, is_logs_api);
  return true;
}

bool telemetry_api::may_subscribe(const http_exchange_ptr& exchange,
                                  const std::string& extension,
                                  bool is_logs_api) {
  const std::string group = is_logs_api ? "Logs" : "Telemetry";
  if (offer_ == telemetry_offer::none
      || (offer_ == telemetry_offer::logs_only && !is_logs_api)) {
    answer_error(exchange, observer_, extension, 202, group + ".NotSupported",
                 group + " API is not supported");
    return false;
  }
  if (!is_open_) {
    answer_error(exchange, observer_, extension, 403,
                 group + ".SubscriptionClosed",
                 group + " API subscription is closed already");
    return false;
  }
  for (const auto& known : subscribers_)
    if (known->extension() == extension
        && known->subscription().is_logs_api != is_logs_api) {
      answer_error(exchange, observer_, extension, 400, "ValidationError",
                   "this extension has subscribed to the other API already");
      return false;
    }
  return true;
}

void telemetry_api::subscribe(const http_exchange_ptr& exchange,
                              bool is_logs_api) {
  const auto* extension = extensions_.identify(exchange);
  if (extension == nullptr
      || !may_subscribe(exchange, extension->name, is_logs_api))
    return;
  const auto& request = exchange->request();
  std::string problem;
  auto subscription = parse_subscription(request.body, is_logs_api, problem);
  if (!subscription)
    return answer_error(exchange, observer_, extension->name, 400,
                        "ValidationError", problem);
  // Versions are dates: their order is that of their texts.
  if (!is_logs_api && subscription->schema_version > settings_.schema)
    return answer_error(
        exchange, observer_, extension->name, 400, "ValidationError",
        "schemaVersion " + subscription->schema_version
            + " is not known; the newest is " + settings_.schema);
  const auto types = names_of(*subscription);
  observer_.note(request.arrived_ns, extension->name,
                 "subscribed to " + joined(types) + " ("
                     + (is_logs_api ? "Logs" : "Telemetry") + " API, schema "
                     + subscription->schema_version + ", timeoutMs "
                     + std::to_string(subscription->timeout_ms) + ")");
  exchange->answer(200, "\"OK\"", {{"Content-Type", "application/json"}});
  // Whoever subscribes again has changed its mind.
  subscribers_.erase(std::remove_if(subscribers_.begin(), subscribers_.end(),
                                    [&](const auto& known) {
                                      return known->extension()
                                             == extension->name;
                                    }),
                     subscribers_.end());
  subscribers_.push_back(std::make_unique<telemetry_subscriber>(
      io_, observer_, extension->name, std::move(*subscription), settings_));
  for (const auto& event : history_)
    subscribers_.back()->offer(event);
  const auto record = json_object{}
                          .add("name", extension->name)
                          .add("state", "Subscribed")
                          .add("types", types);
  auto event = platform_event("telemetrySubscription", record, record);
  event.logs_type = "platform.logsSubscription";
  emit(std::move(event));
}

} // namespace sandbox
