// What Lambda's runtimes write in front of a line of text log.
//
//   Node.js, .NET  2026-11-22T11:58:28.123Z\t<request id>\tINFO\tmessage
//   Python         [INFO]\t2026-11-22T11:58:28.123Z\t<request id>\tmessage
//   Java           [INFO] message
//   Log4j          2026-11-22 11:58:28 <request id> INFO  Handler:30 - message
//
// Source: AWS Lambda developer guide, "Logging" of each runtime; the last is
// the pattern that aws-lambda-java-log4j2 proposes.
#pragma once

#include <string>
#include <string_view>

namespace apm {

/// What the front of a line says. What it does not say is empty.
struct text_log {
  std::string level; ///< in lower case, .NET's short forms spelled out
  std::string_view request_id;
  /// The line has one of the forms above and its request id is a UUID. If not,
  /// it is a guess, and right only if there is such a request.
  bool is_request_certain = false;
};

/// Looks at the front of a line alone, so it costs the same for all lengths.
[[nodiscard]] text_log read_text_log(std::string_view message);

/// The level as it is sent: in lower case; empty where `name` is no level that
/// a runtime or logger knows.
[[nodiscard]] std::string level_of(std::string_view name);

} // namespace apm
