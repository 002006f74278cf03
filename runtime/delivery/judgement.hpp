// What the APM Server's answer, or its absence, means for the lines of a batch.
#pragma once

#include "messages/delivery.hpp"
#include "messages/http.hpp"

namespace apm {

/// Judges one POST of `lines` lines.
///
/// - 2xx: all are in.
/// - 400, 413, 422: the server has looked at the lines; as many as it says are
///   in, the others would fare no better another time.
/// - other statuses: what it says it accepted is in, the rest was not taken and
///   the server is unwell. That goes for 404 too: Elastic Cloud's proxies
///   answer so while a deployment is away.
/// - no answer: nobody knows, unless the request cannot have arrived.
///
/// *Source:* elastic/apm-data, `input/elasticapm` (statuses and `accepted`).
delivery judge(const http_response& answer, uint64_t lease, uint32_t lines);

} // namespace apm
