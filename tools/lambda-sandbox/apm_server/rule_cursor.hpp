// Rule cursor: which rule the next request takes. Pure: time comes in as a
// number, so that tests need no clock and no network.
#pragma once

#include "tools/lambda-sandbox/apm_server/rules.hpp"

#include <cstdint>
#include <vector>

namespace sandbox {

class rule_cursor {
public:
  explicit rule_cursor(std::vector<apm_server_rule> rules);

  /// Returns the rule for a request that comes at `now_ns`, by value, and
  /// counts it as used.
  /// *Shape*: past the last rule, one that accepts. While a refusal is due, one
  /// that hangs: such a request came between the end of the rule before it and
  /// the closing of the port, and is cut by that.
  apm_server_rule take(std::int64_t now_ns);

  /// Returns for how many ms the port must be closed now; 0: not at all.
  std::int64_t refusal_ms() const;
  /// Ends the refusal that is due; the next rule is on.
  void end_refusal();

private:
  void advance();

  std::vector<apm_server_rule> rules_;
  std::size_t current_ = 0;
  std::uint64_t used_ = 0;
  /// When the current rule took its first request; 0: it took none yet.
  std::int64_t first_use_ns_ = 0;
};

} // namespace sandbox
