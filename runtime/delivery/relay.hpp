// Requests that an agent makes of the APM Server through us: the info request
// `GET /`, and any path that is not ours. What goes on and what stays behind.
#pragma once

#include "messages/agent.hpp"
#include "messages/http.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace apm {

/// What a relayed request needs of the configuration.
struct relay_target {
  std::string_view server_url; ///< without trailing slash
  std::string_view user_agent; ///< ours; the agent's follows it
  std::chrono::milliseconds timeout;
};

/// The request to the APM Server. Hop-by-hop headers, `Host` and
/// `X-Forwarded-For` stay behind; the agent's `Authorization` is replaced by
/// the HTTP CLIENT where we have one. *Source:* RFC 9110, 7.6.1 (hop-by-hop
/// headers).
http_request make_relay_request(const agent_relay& asked, uint64_t id,
                                const relay_target& target);

/// The answer to the agent: the server's, or 502 with the reason.
listener_answer make_relay_answer(const http_response& answer,
                                  uint64_t agent_request);

} // namespace apm
