// AWS Signature Version 4, worked out from a request as it came over the wire,
// for checking what a client has signed.
// Source: AWS IAM user guide, "Create a signed AWS API request" (canonical
// request, string to sign, signing key, headers that must be signed); AWS's
// published test suite, of which the unit test holds a part.
#pragma once

#include "tools/lambda-sandbox/aws/aws_settings.hpp"
#include "tools/lambda-sandbox/lambda/http_server.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

/// The header `Authorization`, taken apart.
struct sigv4_authorization {
  std::string access_key_id;
  std::string date; ///< 20150830
  std::string region;
  std::string service;
  std::vector<std::string> signed_headers;
  std::string signature;
};

/// Takes `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` apart.
/// *Errors*: false if it has another form.
bool parse_sigv4(std::string_view header, sigv4_authorization& parsed);

/// Returns the canonical request. Paths are normalized, as for all services but
/// S3.
std::string
sigv4_canonical_request(const http_request& request,
                        const std::vector<std::string>& signed_headers);

/// Returns the signature in hexadecimal digits. *Units*: `timestamp` as in
/// X-Amz-Date, 20150830T123600Z.
std::string sigv4_signature(const sigv4_authorization& scope,
                            std::string_view timestamp,
                            std::string_view canonical_request,
                            std::string_view secret_access_key);

/// Returns what is wrong with a request's signature, one sentence; empty if
/// nothing is. `unix_now_s` is the time that it is judged by.
std::string check_sigv4(const http_request& request,
                        const aws_identity& identity, std::string_view service,
                        std::int64_t unix_now_s);

} // namespace sandbox
