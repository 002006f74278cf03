// Keys from a "container endpoint": where the environment holds none, as under
// SnapStart, it names a URL that gives them out for a token. They live for
// hours at most, and a snapshot for weeks.
// Source: AWS SDKs and Tools reference guide, "Container credential provider";
// AWS Lambda developer guide, "Lambda SnapStart".
#pragma once

#include "messages/credentials.hpp"
#include "messages/http.hpp"
#include "runtime/aws/aws_request.hpp"
#include "runtime/config/settings.hpp"
#include "runtime/result.hpp"

#include <string>
#include <string_view>

namespace apm {

/// Whether keys must be fetched before anything can be signed: the endpoint is
/// named, and the environment's own keys are not whole. These win, as with
/// AWS's SDKs.
bool needs_container_keys(const settings& config);

/// The request for the keys, which is not signed.
/// `token`: as the environment or its file has it; may be empty.
/// *Errors:* `bad_value` for a token that no header can carry.
result<aws_call> make_keys_call(const settings& config, std::string_view token);

/// What came of it.
struct keys_answer {
  fetch_outcome outcome = fetch_outcome::failed;
  aws_keys keys;       ///< if `got`
  std::string problem; ///< if not: clauses for people, without any secret
};

/// Reads the answer to `make_keys_call(…)`: no answer, 429 and 5xx are worth
/// another try. `Expiration` is not looked at: keys are fetched each time.
keys_answer read_keys_answer(const http_response& answer);

} // namespace apm
