// The body of `POST /register/transaction`, by which an agent says at the begin
// of an invocation what is to be sent if it does not come to send its
// transaction itself; and that transaction, completed when the invocation is
// over.
//
//   auto parsed = parse_registration(bytes{std::move(text)});
//   std::string line = complete_transaction(parsed.value().line.view(),
//                                           {"timeout", "failure", 3000});
#pragma once

#include "messages/bytes.hpp"
#include "runtime/result.hpp"

#include <string>
#include <string_view>

namespace apm {

/// A sound registration, taken apart. *Shape:* lines without newline.
struct registration_body {
  bytes metadata; ///< empty where the body has none
  bytes line;     ///< the transaction line
  std::string transaction_id;
};

/// Takes a registration apart: an optional metadata line, then a transaction
/// line; what follows is not looked at.
/// *Errors:* `bad_shape` where there is no transaction line, or its transaction
/// has no id; `bad_json` where a line is none; `too_large` where a line is
/// longer than APM Server takes; as `scan_intake` for the metadata.
/// *Source:* elastic/apm, `specs/agents/tracing-instrumentation-aws-lambda.md`.
/// @param sound_metadata as `scan_intake` has it
[[nodiscard]] result<registration_body>
parse_registration(bytes body, std::string_view sound_metadata = {});

/// What only the end of an invocation can tell of its transaction.
struct transaction_end {
  std::string_view result;
  std::string_view outcome;
  double duration_ms = 0;
};

/// The line with `result`, `outcome` and `duration` of its transaction set, or
/// added; all else stays byte for byte. *Shape:* in and out without newline;
/// `line` is one that `parse_registration` found sound.
[[nodiscard]] std::string complete_transaction(std::string_view line,
                                               const transaction_end& end);

} // namespace apm
