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

namespace apm {

/// A request that is still to be signed. It holds secrets: it goes into no
/// message.
struct aws_call {
  http_request request;
  aws_signing signing;
};

/// The request for one secret or certificate.
/// *Errors:* `bad_value` where the environment lacks what a signature needs.
result<aws_call> make_aws_call(const aws_source& source,
                               const settings& config);

} // namespace apm
