// Requests and responses of the HTTP CLIENT port, and answers to requests that
// the two listeners took.
#pragma once

#include "messages/bytes.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace apm {

struct http_header {
  std::string name;
  std::string value;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, http_header& x) {
  return f(caf::meta::type_name("http_header"), x.name, x.value);
}

/// Why a request got no answer.
enum class http_failure : uint8_t {
  none,      ///< there is an answer: see `http_response::status`
  resolve,   ///< the host name has no address
  connect,   ///< no connection came about
  tls,       ///< handshake or certificate failed
  timeout,   ///< no complete answer within `http_request::timeout_ms`
  closed,    ///< the peer ended the connection before a complete answer
  too_large, ///< the answer was longer than `response_bytes_max`
  cancelled, ///< by `http_cancel`, or the client is shutting down
  other,     ///< see `detail`
};

/// Asks the HTTP CLIENT for one request; the answer goes to the sender.
struct http_request {
  uint64_t id = 0; ///< chosen by the sender, unique among its open requests
  std::string method;
  std::string url;
  std::vector<http_header> headers;
  bytes body;
  int64_t timeout_ms = 0;          ///< 0: none, for `event/next` alone
  uint64_t response_bytes_max = 0; ///< longer answers fail as `too_large`
  /// It is for the APM Server: the HTTP CLIENT puts our `Authorization` in,
  /// which no message carries, since messages are recorded.
  bool with_credentials = false;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, http_request& x) {
  return f(caf::meta::type_name("http_request"), x.id, x.method, x.url,
           x.headers, x.body, x.timeout_ms, x.response_bytes_max,
           x.with_credentials);
}

/// Ends the sender's request `id`; no answer follows.
struct http_cancel {
  uint64_t id = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, http_cancel& x) {
  return f(caf::meta::type_name("http_cancel"), x.id);
}

/// The process goes on from a snapshot (SnapStart): no connection from before
/// is worth anything.
struct sandbox_restored {
  uint64_t sequence = 0; ///< of the first event after it
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, sandbox_restored& x) {
  return f(caf::meta::type_name("sandbox_restored"), x.sequence);
}

/// What became of one request.
struct http_response {
  uint64_t id = 0;
  http_failure failure = http_failure::none;
  /// Whether the peer may have acted on the request although no answer came.
  bool may_have_arrived = false;
  uint16_t status = 0;
  std::vector<http_header> headers; ///< names in lower case
  bytes body;
  int64_t retry_after_ms = 0; ///< Retry-After, seconds or date; 0: none
  std::string detail;         ///< one clause for people, empty on success
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, http_response& x) {
  return f(caf::meta::type_name("http_response"), x.id, x.failure,
           x.may_have_arrived, x.status, x.headers, x.body, x.retry_after_ms,
           x.detail);
}

/// Answers the request `id` that a listener took.
struct listener_answer {
  uint64_t id = 0;
  uint16_t status = 0;
  std::vector<http_header> headers;
  bytes body;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, listener_answer& x) {
  return f(caf::meta::type_name("listener_answer"), x.id, x.status, x.headers,
           x.body);
}

} // namespace apm
