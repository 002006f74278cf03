// What the APM Server answers to a POST of intake lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// The server's word on a request.
struct intake_verdict {
  uint32_t accepted = 0;   ///< lines, as far as it says
  bool has_judged = false; ///< it says how many: it has looked at the lines
  uint32_t errors = 0;     ///< how many it lists
  /// The lines that it could not use, as it quotes them: from their begin, and
  /// perhaps not to their end. *Shape:* the first ten.
  std::vector<std::string> documents;
  /// *Shape:* one clause for people each, in valid UTF-8 on one line; the first
  /// ten of them.
  std::vector<std::string> messages;
};

/// Reads the answer's body: `{"accepted":N,"errors":[{"message":…}]}`, or
/// `{"error":…}` where the request as a whole was refused. What is neither,
/// such as a proxy's page, becomes a message itself. Never fails: there is
/// always at least the status to go by.
[[nodiscard]] intake_verdict parse_intake_answer(std::string_view body);

} // namespace apm
