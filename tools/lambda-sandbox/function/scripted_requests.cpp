// Scripted requests: see the header.
#include "tools/lambda-sandbox/function/scripted_requests.hpp"

#include "tools/lambda-sandbox/function/body_encoder.hpp"
#include "tools/lambda-sandbox/function/capture.hpp"
#include "tools/lambda-sandbox/function/capture_replay.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace sandbox::builtin {

namespace {

bool has_header(const http_headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    return is_same_header(header.first, name);
  });
}

/// Reads `file` if there is one, else takes `text`.
std::optional<std::string> content(const std::string& text,
                                   const std::string& file,
                                   std::string& message) {
  if (file.empty())
    return text;
  auto read = read_file(script_path(file));
  if (!read)
    message = "can't read " + script_path(file);
  return read;
}

void complete_headers(const scripted_request& request,
                      const http_address& address, std::size_t body_bytes,
                      http_headers& headers) {
  if (!request.headers) {
    headers.erase(std::remove_if(headers.begin(), headers.end(),
                                 [](const auto& header) {
                                   return is_same_header(header.first,
                                                         "Content-Encoding");
                                 }),
                  headers.end());
    if (request.encoding != "identity")
      headers.emplace_back("Content-Encoding", request.encoding);
  }
  if (!has_header(headers, "Host"))
    headers.emplace_back("Host",
                         address.host + ":" + std::to_string(address.port));
  if (!has_header(headers, "Connection"))
    headers.emplace_back("Connection", "keep-alive");
  if (has_header(headers, "Content-Length")
      || has_header(headers, "Transfer-Encoding"))
    return;
  if (request.chunk_bytes > 0)
    headers.emplace_back("Transfer-Encoding", "chunked");
  else
    headers.emplace_back("Content-Length", std::to_string(body_bytes));
}

/// Cuts the pieces off after so many of their bytes.
void cut_pieces(std::vector<std::string>& pieces, std::size_t bytes) {
  for (auto& piece : pieces) {
    piece.resize(std::min(piece.size(), bytes));
    bytes -= piece.size();
  }
}

void send_one(const scripted_request& request, const wire_request& wire,
              agent_context context) {
  auto& facts = context.facts;
  std::vector<std::uint64_t> lines;
  if (request.count_lines && !wire.plain_body.empty()
      && request.target.find("/register/") == std::string::npos)
    lines = offer_lines(facts, wire.plain_body);
  const bool is_flush =
      request.target.find("flushed=true") != std::string::npos;
  auto deadline_ns =
      monotonic_ns() + (request.timeout_ms + request.stall_ms) * ns_per_ms;
  http_connection connection;
  bool is_sent =
      connection.connect(context.environment.apm_server, deadline_ns);
  if (is_flush && is_sent)
    facts.flush_sent();
  for (std::size_t i = 0; is_sent && i < wire.pieces.size(); ++i) {
    if (request.stall_ms > 0 && i == wire.pieces.size() / 2)
      sleep_until_ns(monotonic_ns() + request.stall_ms * ns_per_ms);
    is_sent = connection.send(wire.pieces[i], deadline_ns);
  }
  std::optional<http_answer> answer;
  if (request.half_close)
    connection.end_sending();
  if (request.cut_after_bytes >= 0 && !request.half_close)
    connection.close();
  // A server that refuses a request may have answered before all was sent.
  else if (connection.is_open())
    answer = connection.receive(deadline_ns);
  const auto status = answer ? answer->status : 0;
  if (is_flush)
    facts.flush_answered(status);
  facts.request(request.target, status,
                static_cast<int>(request.expect_status));
  if (is_success(status))
    for (const auto line : lines)
      facts.line_taken(line);
  facts.write_out();
}

} // namespace

std::string fill_in(std::string text, const std::string& request_id,
                    std::int64_t number) {
  const std::pair<std::string_view, std::string> places[] = {
      {"{{request_id}}", request_id}, {"{{n}}", std::to_string(number)}};
  for (const auto& [place, value] : places)
    for (auto at = text.find(place); at != std::string::npos;
         at = text.find(place, at + value.size()))
      text.replace(at, place.size(), value);
  return text;
}

std::optional<wire_request> build_request(const scripted_request& request,
                                          const http_headers& default_headers,
                                          const std::string& request_id,
                                          std::int64_t number,
                                          const http_address& address,
                                          std::string& message) {
  wire_request wire;
  if (request.raw || !request.raw_file.empty()) {
    const auto raw =
        content(request.raw.value_or(""), request.raw_file, message);
    if (!raw)
      return std::nullopt;
    const auto bytes = request.raw ? fill_in(*raw, request_id, number) : *raw;
    // Two pieces: `stall_ms` is between them.
    wire.pieces = {bytes.substr(0, bytes.size() / 2),
                   bytes.substr(bytes.size() / 2)};
  } else {
    const auto body = content(request.body, request.body_file, message);
    if (!body)
      return std::nullopt;
    wire.plain_body = fill_in(*body, request_id, number);
    if (!request.newline_at_end && !wire.plain_body.empty()
        && wire.plain_body.back() == '\n')
      wire.plain_body.pop_back();
    const auto encoded =
        encode_body(body_encoding_of(request.encoding), wire.plain_body);
    http_headers headers;
    for (const auto& [name, value] : request.headers.value_or(default_headers))
      headers.emplace_back(name, fill_in(value, request_id, number));
    complete_headers(request, address, encoded.size(), headers);
    wire.pieces.push_back(request_head(
        request.method, fill_in(request.target, request_id, number), headers));
    const auto piece_bytes = request.chunk_bytes > 0
                                 ? static_cast<std::size_t>(request.chunk_bytes)
                                 : std::max<std::size_t>(1, encoded.size() / 2);
    for (std::size_t at = 0; at < encoded.size(); at += piece_bytes) {
      const auto piece = encoded.substr(at, piece_bytes);
      wire.pieces.push_back(request.chunk_bytes > 0 ? chunk_of(piece) : piece);
    }
    if (request.chunk_bytes > 0)
      wire.pieces.emplace_back(last_chunk);
  }
  if (request.cut_after_bytes >= 0)
    cut_pieces(wire.pieces, static_cast<std::size_t>(request.cut_after_bytes));
  return wire;
}

void send_scripted_request(const scripted_request& request,
                           const http_headers& default_headers,
                           const std::string& request_id,
                           agent_context context) {
  if (request.delay_ms > 0)
    sleep_until_ns(monotonic_ns() + request.delay_ms * ns_per_ms);
  std::vector<wire_request> wires;
  for (std::int64_t number = 1; number <= request.parallel; ++number) {
    std::string message;
    auto wire = build_request(request, default_headers, request_id, number,
                              context.environment.apm_server, message);
    if (!wire) {
      context.facts.request(request.target + ": " + message, -1,
                            static_cast<int>(request.expect_status));
      return;
    }
    wires.push_back(std::move(*wire));
  }
  if (wires.size() == 1)
    return send_one(request, wires[0], context);
  std::vector<std::thread> threads;
  threads.reserve(wires.size());
  for (const auto& wire : wires)
    threads.emplace_back([&] { send_one(request, wire, context); });
  for (auto& thread : threads)
    thread.join();
}

} // namespace sandbox::builtin
