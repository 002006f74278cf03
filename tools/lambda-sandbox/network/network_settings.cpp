// The network's settings from JSON; see network_settings.hpp.
#include "tools/lambda-sandbox/network/network_settings.hpp"

namespace sandbox {

namespace {

/// `true` stands for {}, `false` and null for nothing.
bool is_off(const rapidjson::Value& value) {
  return value.IsFalse() || value.IsNull();
}

} // namespace

std::optional<tls_settings> parse_tls_settings(const rapidjson::Value& value,
                                               const std::string& pointer,
                                               json_problems& problems) {
  if (is_off(value))
    return std::nullopt;
  tls_settings tls;
  if (value.IsTrue())
    return tls;
  json_members members{value, pointer, problems};
  members.get_choice("certificate", tls.certificate,
                     {"good", "wrong_host", "expired", "unknown_ca"});
  members.get_choice("ca", tls.ca, {"file", "pem", "acm", "system", "none"});
  members.get_choice("version_max", tls.version_max, {"1.3", "1.2", "1.1"});
  members.finish();
  return tls;
}

std::optional<proxy_settings>
parse_proxy_settings(const rapidjson::Value& value, const std::string& pointer,
                     json_problems& problems) {
  if (is_off(value))
    return std::nullopt;
  proxy_settings proxy;
  if (value.IsTrue())
    return proxy;
  json_members members{value, pointer, problems};
  members.get("credentials", proxy.credentials);
  members.finish();
  return proxy;
}

} // namespace sandbox
