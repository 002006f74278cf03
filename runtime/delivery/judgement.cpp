#include "runtime/delivery/judgement.hpp"

#include "runtime/formats/apm_response.hpp"

#include <algorithm>

namespace apm {

namespace {

/// Messages of the server that are repeated in a log line.
constexpr size_t messages_max = 3;

/// The server lists no more errors than that in an answer: with so many there
/// may be more. *Source:* elastic/apm-data, `input/elasticapm`, `errorsLimit`.
constexpr uint32_t errors_listed_max = 5;

/// Whether the request would fare alike another time.
bool is_final(uint16_t status) {
  switch (status) {
  case 400:
  case 405:
  case 411:
  case 413:
  case 414:
  case 415:
  case 422:
  case 431:
    return true;
  default:
    return false;
  }
}

std::string describe(const http_response& answer, const intake_verdict& verdict,
                     uint32_t lines) {
  std::string text = "the APM Server answered " + std::to_string(answer.status)
                     + ", accepted " + std::to_string(verdict.accepted) + " of "
                     + std::to_string(lines) + " lines";
  const auto shown = std::min(verdict.messages.size(), messages_max);
  for (size_t i = 0; i < shown; ++i)
    text += (i == 0 ? ": " : "; ") + verdict.messages[i];
  return text;
}

} // namespace

delivery judge(const http_response& answer, uint64_t lease, uint32_t lines) {
  delivery d;
  d.lease = lease;
  d.status = answer.status;
  if (answer.failure != http_failure::none) {
    d.outcome = answer.may_have_arrived ? delivery_outcome::ambiguous
                                        : delivery_outcome::not_taken;
    d.is_server_failing = true;
    d.detail = "no answer from the APM Server: " + answer.detail;
    return d;
  }
  if (answer.status / 100 == 2) {
    d.accepted = lines;
    return d;
  }
  auto verdict = parse_intake_answer(answer.body.view());
  verdict.accepted = std::min(verdict.accepted, lines);
  d.accepted = verdict.accepted;
  d.detail = describe(answer, verdict, lines);
  d.retry_after_ms = answer.retry_after_ms;
  d.is_server_failing = !is_final(answer.status);
  d.is_too_large = answer.status == 413 && !verdict.has_judged && lines > 1;
  const bool has_named_all =
      verdict.documents.empty() || verdict.errors >= errors_listed_max
      || verdict.accepted + verdict.documents.size() >= lines;
  d.refused_lines = std::move(verdict.documents);
  const bool is_settled =
      !d.is_server_failing && !d.is_too_large && has_named_all;
  d.outcome =
      is_settled ? delivery_outcome::settled : delivery_outcome::not_taken;
  return d;
}

} // namespace apm
