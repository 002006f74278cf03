// What the APM Server's answer, or its absence, means for the lines of a batch.
#pragma once

#include "messages/delivery.hpp"
#include "messages/http.hpp"

namespace apm {

/// Judges one POST of `lines` lines.
///
/// - 2xx: all are in.
/// - 400, 422 and others of the kind: the server has looked at the lines and
///   would judge them alike another time. As many as it says are in, those that
///   it names are not; if some are neither, they go again.
/// - 413: the same where the server tells how many it took; else the request
///   was too long for it, or for a proxy, and goes again in parts.
/// - other statuses: what it says it accepted is in, the rest was not taken and
///   the server is unwell. That goes for 404 too: Elastic Cloud's proxies
///   answer so while a deployment is away; and for 401 and 403, since
///   credentials can be renewed.
/// - no answer: nobody knows, unless the request cannot have arrived.
///
/// *Source:* elastic/apm-data, `input/elasticapm` (statuses and `accepted`).
delivery judge(const http_response& answer, uint64_t lease, uint32_t lines);

/// Whether the server wants other credentials.
constexpr bool is_credentials_refusal(uint16_t status) noexcept {
  return status == 401 || status == 403;
}

} // namespace apm
