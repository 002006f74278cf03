// How the extension reaches the APM Server stand-in, as data from the
// scenario's members `apm_server.tls`, `apm_server.host` and `proxy`.
#pragma once

#include "tools/lambda-sandbox/apm_server/json_members.hpp"

#include <optional>
#include <string>

namespace sandbox {

/// TLS in front of the APM Server stand-in.
struct tls_settings {
  /// "good", "wrong_host", "expired" or "unknown_ca".
  std::string certificate = "good";
  /// How the extension is told of the run's CA: "file", "pem", "acm" or
  /// "system"; or "none".
  std::string ca = "file";
  /// "1.3", "1.2" or "1.1": the newest version that the server speaks.
  std::string version_max = "1.3";
};

/// An HTTP proxy between extension and APM Server.
struct proxy_settings {
  /// "user:password" that the proxy wants; empty: none.
  std::string credentials;
};

/// Reads the member `apm_server.tls`: true, false or an object.
/// *Errors*: what is wrong goes to `problems`.
std::optional<tls_settings> parse_tls_settings(const rapidjson::Value& value,
                                               const std::string& pointer,
                                               json_problems& problems);

/// Reads the member `proxy`: true, false or an object.
/// *Errors*: what is wrong goes to `problems`.
std::optional<proxy_settings>
parse_proxy_settings(const rapidjson::Value& value, const std::string& pointer,
                     json_problems& problems);

} // namespace sandbox
