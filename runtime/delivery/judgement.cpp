#include "runtime/delivery/judgement.hpp"

#include "runtime/formats/apm_response.hpp"

#include <algorithm>

namespace apm {

namespace {

/// Messages of the server that are repeated in a log line.
constexpr size_t messages_max = 3;

bool has_judged_lines(uint16_t status) {
  return status == 400 || status == 413 || status == 422;
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
  d.is_server_failing = !has_judged_lines(answer.status);
  d.outcome = d.is_server_failing ? delivery_outcome::not_taken
                                  : delivery_outcome::settled;
  return d;
}

} // namespace apm
