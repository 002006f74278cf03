// Answers of AWS's APIs: the secret in them, or what is wrong and what to do.
#pragma once

#include "messages/credentials.hpp"
#include "messages/http.hpp"
#include "runtime/aws/aws_source.hpp"
#include "runtime/result.hpp"

#include <string>
#include <string_view>

namespace apm {

/// What came of one request.
struct aws_answer {
  fetch_outcome outcome = fetch_outcome::failed;
  std::string value;   ///< if `got`: the credential, or PEM text
  std::string problem; ///< if not: clauses for people, without any secret
};

/// Reads an answer to `make_aws_call(source, …)`.
///
/// - no answer, 429, 5xx, throttling: worth another try;
/// - a signature that is refused for its time: likewise, since a freeze may
/// have
///   come between signing and sending;
/// - other refusals, and values that cannot be used: not.
aws_answer read_aws_answer(const aws_source& source,
                           const http_response& answer);

} // namespace apm
