// Rules: how the APM Server stand-in answers, as data from the scenario's
// member `apm_server`. Request k to /intake/v2/events takes rule k (a rule with
// `times` or `for_ms` serves several requests); after the last rule all is
// accepted. `GET /` and unknown paths take no rule. The rule's members:
//   accept, accepted, status, body, headers, delay_ms, hang, close, refuse_ms,
//   times, for_ms, record          (see apm_server_rule and README.md)
#pragma once

#include "tools/lambda-sandbox/apm_server/json_members.hpp"
#include "tools/lambda-sandbox/network/network_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sandbox {

/// When a rule closes the connection, and no whole answer comes.
enum class server_close {
  never,         ///< the request is answered
  before_body,   ///< as soon as the request's header is there
  after_body,    ///< when the whole body is there
  within_answer, ///< after the answer's header
};

/// What happens to the requests that take this rule.
/// *Units*: milliseconds.
struct apm_server_rule {
  /// `times` of a rule that never ends.
  static constexpr std::uint64_t forever = UINT64_MAX;

  int status = 202;
  /// JSON text of the answer; empty means none.
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Waits so long between the end of the body and the answer (or the close).
  std::int64_t delay_ms = 0;
  /// Never answers; the connection stays open until the client closes it.
  bool hang = false;
  server_close close = server_close::never;
  /// > 0: this rule is no answer but a time in which the port is closed,
  /// counted from the moment the rule before it is used up.
  std::int64_t refuse_ms = 0;
  /// Number of requests that take this rule. Not used when `for_ms` > 0.
  std::uint64_t times = 1;
  /// > 0: all requests take this rule until that long after the first of them.
  std::int64_t for_ms = 0;
  /// False: the lines of these requests are not kept in `lines()`.
  bool record = true;
  /// How many of the request's event lines, counted from its first, enter the
  /// server. Absent: all with a 2xx answer, none otherwise.
  std::optional<std::size_t> accepted;
};

/// The scenario's member `apm_server`.
struct apm_server_settings {
  std::vector<apm_server_rule> rules;
  std::string version = "8.15.0";
  /// True: the port stays closed for the whole run.
  bool refuse = false;
  /// TLS before it; absent: plain HTTP. Not this folder's work.
  std::optional<tls_settings> tls;
  /// Name or address that the extension is told; empty: 127.0.0.1.
  std::string host;
  /// What `Authorization` must be at the intake, else 401; empty: anything.
  std::string authorization;
};

/// Reads the member `apm_server`: `{"behaviour": […], "version", "refuse",
/// "tls", "host", "authorization"}`.
/// *Errors*: what is wrong goes to `problems`; what is right is in the result.
apm_server_settings parse_apm_server_settings(const rapidjson::Value& value,
                                              const std::string& pointer,
                                              json_problems& problems);

/// Reads the array `behaviour` alone.
std::vector<apm_server_rule> parse_rules(const rapidjson::Value& value,
                                         const std::string& pointer,
                                         json_problems& problems);

} // namespace sandbox
