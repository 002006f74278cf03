// Requests to AWS's APIs: all three services speak "JSON 1.1", a POST whose
// header says what is asked for.
// Source: AWS Secrets Manager API reference, GetSecretValue; AWS Systems
// Manager API reference, GetParameter; AWS Certificate Manager API reference,
// GetCertificate.
#pragma once

#include "messages/http.hpp"
#include "runtime/aws/aws_signing.hpp"
#include "runtime/aws/aws_source.hpp"
#include "runtime/result.hpp"

#include <optional>
#include <string>

namespace apm {

/// Who signs: of the environment, or fetched.
struct aws_keys {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token; ///< may be empty
};

/// The keys that the environment holds, whole or not.
aws_keys keys_of(const settings& config);

/// A request that is still to be signed, where it is to be. It holds secrets:
/// it goes into no message.
struct aws_call {
  http_request request;
  std::optional<aws_signing> signing;
};

/// The request for one secret or certificate.
/// *Errors:* `bad_value` where a signature lacks what it needs.
result<aws_call> make_aws_call(const aws_source& source, const settings& config,
                               const aws_keys& keys);

} // namespace apm
