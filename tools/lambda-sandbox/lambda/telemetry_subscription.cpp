// Validation of subscriptions; see telemetry_subscription.hpp.
#include "tools/lambda-sandbox/lambda/telemetry_subscription.hpp"

#include <charconv>

namespace sandbox {

namespace {

/// Source: AWS Lambda developer guide, "Telemetry API reference" and "Logs
/// API".
const std::set<std::string> telemetry_schemas = {"2022-07-01", "2022-12-13",
                                                 "2025-01-29"};
const std::set<std::string> logs_schemas = {"2020-08-15", "2021-03-18"};

bool fail(std::string& problem, std::string text) {
  problem = std::move(text);
  return false;
}

bool read_schema(const rapidjson::Value& body,
                 telemetry_subscription& subscription, std::string& problem) {
  const auto version = string_member(body, "schemaVersion");
  const auto& known =
      subscription.is_logs_api ? logs_schemas : telemetry_schemas;
  // The first version of the Logs API knew no schemaVersion.
  subscription.schema_version =
      version.value_or(subscription.is_logs_api ? "2020-08-15" : "");
  if (known.count(subscription.schema_version) != 0)
    return true;
  std::string names;
  for (const auto& name : known)
    names += (names.empty() ? "" : ", ") + name;
  return fail(problem, "schemaVersion must be one of " + names);
}

bool read_types(const rapidjson::Value& body,
                telemetry_subscription& subscription, std::string& problem) {
  const auto types = body.FindMember("types");
  if (types == body.MemberEnd() || !types->value.IsArray()
      || types->value.Empty())
    return fail(problem, "types must be an array with at least one of "
                         "platform, function, extension");
  for (const auto& each : types->value.GetArray()) {
    const std::string name = each.IsString() ? each.GetString() : "";
    bool is_known = false;
    for (const auto category :
         {telemetry_category::platform, telemetry_category::function,
          telemetry_category::extension})
      if (name == name_of(category)) {
        subscription.types.insert(category);
        is_known = true;
      }
    if (!is_known)
      return fail(problem, "types has an unknown type: " + json_of(each));
  }
  return true;
}

bool read_number(const rapidjson::Value& buffering, const char* name,
                 std::int64_t least, std::int64_t most, std::int64_t& target,
                 std::string& problem) {
  const auto member = buffering.FindMember(name);
  if (member == buffering.MemberEnd() || member->value.IsNull())
    return true;
  if (!member->value.IsInt64() || member->value.GetInt64() < least
      || member->value.GetInt64() > most)
    return fail(problem, std::string{"buffering."} + name
                             + " must be a whole number from "
                             + std::to_string(least) + " to "
                             + std::to_string(most));
  target = member->value.GetInt64();
  return true;
}

bool read_buffering(const rapidjson::Value& body,
                    telemetry_subscription& subscription,
                    std::string& problem) {
  const auto member = body.FindMember("buffering");
  if (member == body.MemberEnd() || member->value.IsNull())
    return true;
  if (!member->value.IsObject())
    return fail(problem, "buffering must be an object");
  const auto& buffering = member->value;
  auto items = static_cast<std::int64_t>(subscription.items_max);
  auto bytes = static_cast<std::int64_t>(subscription.bytes_max);
  const std::int64_t timeout_least = subscription.is_logs_api ? 100 : 25;
  if (!read_number(buffering, "maxItems", 1'000, 10'000, items, problem)
      || !read_number(buffering, "maxBytes", 262'144, 1'048'576, bytes, problem)
      || !read_number(buffering, "timeoutMs", timeout_least, 30'000,
                      subscription.timeout_ms, problem))
    return false;
  subscription.items_max = static_cast<std::size_t>(items);
  subscription.bytes_max = static_cast<std::size_t>(bytes);
  return true;
}

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, port);
  return result.ec == std::errc{} && result.ptr == end && port != 0;
}

/// Lambda resolves two
/// names, both to the
/// sandbox itself, and no
/// others.
bool read_uri(std::string_view uri, telemetry_subscription& subscription,
              std::string& problem) {
  constexpr std::string_view scheme = "http://";
  if (uri.substr(0, scheme.size()) != scheme)
    return fail(problem, "destination.URI must begin with http://");
  uri.remove_prefix(scheme.size());
  const auto slash = uri.find('/');
  const auto place = uri.substr(0, slash);
  if (slash != std::string_view::npos)
    subscription.path = uri.substr(slash);
  const auto colon = place.rfind(':');
  const auto host = place.substr(0, colon);
  if (host != "sandbox.localdomain" && host != "sandbox")
    return fail(problem,
                "destination.URI must have the host sandbox.localdomain, not "
                    + std::string{host});
  subscription.port = 80;
  if (colon != std::string_view::npos
      && !read_port(place.substr(colon + 1), subscription.port))
    return fail(problem, "destination.URI has no valid port");
  return true;
}

bool read_destination(const rapidjson::Value& body,
                      telemetry_subscription& subscription,
                      std::string& problem) {
  const auto member = body.FindMember("destination");
  if (member == body.MemberEnd() || !member->value.IsObject())
    return fail(problem, "destination must be an object");
  const auto protocol = string_member(member->value, "protocol");
  if (protocol == "TCP") {
    subscription.is_tcp = true;
    const auto port = member->value.FindMember("port");
    if (port == member->value.MemberEnd() || !port->value.IsUint()
        || port->value.GetUint() == 0 || port->value.GetUint() > 65'535)
      return fail(problem, "destination.port must be a port number");
    subscription.port = static_cast<std::uint16_t>(port->value.GetUint());
    return true;
  }
  if (protocol != "HTTP")
    return fail(problem, "destination.protocol must be HTTP or TCP");
  // AWS writes URI; its
  // emulator and many
  // extensions have seen
  // uri accepted.
  auto uri = string_member(member->value, "URI");
  if (!uri)
    uri = string_member(member->value, "uri");
  if (!uri)
    return fail(problem, "destination.URI is missing");
  return read_uri(*uri, subscription, problem);
}

} // namespace

std::optional<telemetry_subscription> parse_subscription(std::string_view body,
                                                         bool is_logs_api,
                                                         std::string& problem) {
  telemetry_subscription subscription;
  subscription.is_logs_api = is_logs_api;
  const auto parsed = parse_json(body, &problem);
  if (!parsed)
    return std::nullopt;
  if (!parsed->IsObject()) {
    problem = "the body must be a JSON object";
    return std::nullopt;
  }
  if (!read_schema(*parsed, subscription, problem)
      || !read_types(*parsed, subscription, problem)
      || !read_buffering(*parsed, subscription, problem)
      || !read_destination(*parsed, subscription, problem))
    return std::nullopt;
  return subscription;
}

} // namespace sandbox
