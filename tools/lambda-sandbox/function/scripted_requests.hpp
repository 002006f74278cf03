// Scripted requests: sends the requests that a script spells out, well-formed
// or not, and reports whether their answers were as expected.
#pragma once

#include "tools/lambda-sandbox/function/agent.hpp"
#include "tools/lambda-sandbox/function/script.hpp"

#include <string>

namespace sandbox::builtin {

/// Sends one scripted request `parallel` times at once, `each` times one after
/// the other, and waits for all.
/// *Shape*: `default_headers` are used where the request has none of its own.
/// Host, Connection, and Content-Length or Transfer-Encoding are added where
/// they are missing.
void send_scripted_request(const scripted_request& request,
                           const http_headers& default_headers,
                           const std::string& request_id,
                           agent_context context);

/// Returns `text` with `{{request_id}}` and `{{n}}` replaced.
std::string fill_in(std::string text, const std::string& request_id,
                    std::int64_t number);

/// The bytes of one request on the wire, in the pieces in which they are sent.
struct wire_request {
  std::vector<std::string> pieces;
  /// The body before encoding, for its lines.
  std::string plain_body;
};

/// Builds the bytes.
/// *Errors*: absent if a file can't be read; `message` says which.
std::optional<wire_request> build_request(const scripted_request& request,
                                          const http_headers& default_headers,
                                          const std::string& request_id,
                                          std::int64_t number,
                                          const http_address& address,
                                          std::string& message);

} // namespace sandbox::builtin
