// Function log: what the function prints. One line is one write(2) to stdout,
// and one fact.
#pragma once

#include "tools/lambda-sandbox/function/facts.hpp"

#include <string>
#include <string_view>

namespace sandbox::builtin {

class function_log {
public:
  explicit function_log(fact_writer& facts) : facts_(facts) {}

  /// "text", "json" or "raw".
  void set_format(std::string format);
  void set_request_id(std::string request_id);
  const std::string& request_id() const { return request_id_; }

  /// Logs as console.log does under AWS's Node.js runtime client: text lines
  /// are `time TAB request id TAB INFO TAB message`, JSON ones have the members
  /// timestamp, level, requestId and message.
  void info(std::string_view message);
  /// Prints the line as it is, as an agent's own logger does.
  void raw(std::string_view line);

private:
  fact_writer& facts_;
  std::string format_ = "text";
  std::string request_id_;
};

/// Returns the time now as RFC 3339 in UTC with ms.
std::string rfc3339_now();

} // namespace sandbox::builtin
