#include "runtime/ports/telemetry_listener.hpp"

#include "runtime/formats/telemetry_json.hpp"

#include "caf/send.hpp"

namespace apm {

namespace {

/// FNV-1a, 64 bits. Source: RFC 9923, section 2.
uint64_t fingerprint_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

} // namespace

telemetry_listener::telemetry_listener(loop& owner,
                                       const http_server_options& options)
    : server_(
        owner, options,
        [this](server_request request) { on_request(std::move(request)); },
        [this](const server_refusal& x) {
          report(x.status, x.reason, x.body_bytes);
        }) {
  // nop
}

void telemetry_listener::on_request(server_request request) {
  const uint64_t body_bytes = request.body.size();
  if (request.method != "POST") {
    server_.answer(request.id, 405, {{"Allow", "POST"}}, bytes{});
    return report(405, "only POST is taken", body_bytes);
  }
  const auto fingerprint = fingerprint_of(request.body);
  auto records = split_telemetry(bytes{std::move(request.body)});
  if (!records) {
    server_.answer(request.id, 400, {}, bytes{records.error().detail + '\n'});
    return report(400, records.error().detail, body_bytes);
  }
  caf::anon_send(coordinator_,
                 telemetry_batch{request.id, std::move(records.value()),
                                 body_bytes, fingerprint});
}

void telemetry_listener::report(uint16_t status, const std::string& reason,
                                uint64_t body_bytes) {
  caf::anon_send(coordinator_,
                 input_refused{"telemetry", status, reason, body_bytes});
}

} // namespace apm
