#include "runtime/ports/agent_listener.hpp"

#include "runtime/formats/compression.hpp"
#include "runtime/formats/intake_scan.hpp"

#include "caf/send.hpp"

namespace apm {

namespace {

constexpr std::string_view intake_path = "/intake/v2/events";

/// Whether `name=value` is one of the parameters of a query.
bool has_parameter(std::string_view query, std::string_view wanted) {
  while (!query.empty()) {
    const auto end = query.find('&');
    if (query.substr(0, end) == wanted)
      return true;
    if (end == std::string_view::npos)
      break;
    query.remove_prefix(end + 1);
  }
  return false;
}

uint16_t status_of(errc code) {
  switch (code) {
  case errc::unsupported_encoding:
    return 415;
  case errc::too_large:
    return 413;
  default:
    return 400;
  }
}

/// Undoes the encoding and looks the body through.
result<intake_body> read_intake(std::string_view encoding_header,
                                std::string body, uint64_t bytes_max) {
  auto encoding = parse_content_encoding(encoding_header);
  if (!encoding)
    return encoding.error();
  if (encoding.value() != content_encoding::identity) {
    auto plain = decompress(encoding.value(), body, bytes_max);
    if (!plain)
      return plain.error();
    body = std::move(plain.value());
  }
  if (body.empty())
    return intake_body{}; // a flush signal alone, whatever its headers say
  return scan_intake(bytes{std::move(body)});
}

} // namespace

agent_listener::agent_listener(loop& owner, const http_server_options& options)
    : server_(
        owner, options,
        [this](server_request request) { on_request(std::move(request)); },
        [this](const server_refusal& x) {
          report(x.status, x.reason, x.body_bytes);
        }),
      body_bytes_max_(options.body_bytes_max) {
  // nop
}

void agent_listener::on_request(server_request request) {
  if (request.method == "POST" && request.path() == intake_path)
    return on_intake(std::move(request));
  agent_relay relay;
  relay.id = request.id;
  relay.method = std::move(request.method);
  relay.target = std::move(request.target);
  relay.headers = std::move(request.headers);
  relay.body = bytes{std::move(request.body)};
  caf::anon_send(coordinator_, std::move(relay));
}

void agent_listener::on_intake(server_request request) {
  const uint64_t body_bytes = request.body.size();
  auto read = read_intake(request.header("Content-Encoding"),
                          std::move(request.body), body_bytes_max_);
  if (!read)
    return refuse(request.id, status_of(read.error().code), read.error().detail,
                  body_bytes);
  agent_intake intake;
  intake.id = request.id;
  intake.is_flushed = has_parameter(request.query(), "flushed=true");
  intake.user_agent = request.header("User-Agent");
  intake.metadata = std::move(read.value().metadata);
  intake.events = std::move(read.value().events);
  intake.lines = read.value().lines;
  intake.transactions = std::move(read.value().transactions);
  caf::anon_send(coordinator_, std::move(intake));
}

void agent_listener::refuse(uint64_t id, uint16_t status,
                            const std::string& reason, uint64_t body_bytes) {
  report(status, reason, body_bytes);
  server_.answer(id, status, {{"Content-Type", "text/plain; charset=utf-8"}},
                 bytes{reason + '\n'});
}

void agent_listener::report(uint16_t status, const std::string& reason,
                            uint64_t body_bytes) {
  caf::anon_send(coordinator_,
                 input_refused{"agent", status, reason, body_bytes});
}

} // namespace apm
