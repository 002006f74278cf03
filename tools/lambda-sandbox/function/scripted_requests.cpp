// Scripted requests: see the header.
#include "tools/lambda-sandbox/function/scripted_requests.hpp"

#include "tools/lambda-sandbox/function/body_encoder.hpp"
#include "tools/lambda-sandbox/function/capture.hpp"
#include "tools/lambda-sandbox/function/capture_replay.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <thread>
#include <utility>

namespace sandbox::builtin {

namespace {

/// Above all that a function has open when it is told to detach a sender.
constexpr int detached_descriptor = 1'000;

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

/// Sends the pieces, with the stall in their middle; `at_middle` is called
/// there. *Errors*: false if the connection is gone.
bool send_pieces(const scripted_request& request, const wire_request& wire,
                 http_connection& connection, std::int64_t deadline_ns,
                 const std::function<void()>& at_middle = nullptr) {
  bool is_sent = true;
  for (std::size_t i = 0; is_sent && i < wire.pieces.size(); ++i) {
    if (i == wire.pieces.size() / 2) {
      if (at_middle)
        at_middle();
      if (request.stall_ms > 0)
        sleep_until_ns(monotonic_ns() + request.stall_ms * ns_per_ms);
    }
    is_sent = connection.send(wire.pieces[i], deadline_ns);
  }
  return is_sent;
}

void send_one(const scripted_request& request, const wire_request& wire,
              http_connection& connection, agent_context context) {
  auto& facts = context.facts;
  std::vector<std::uint64_t> lines;
  if (request.count_lines && !wire.plain_body.empty()
      && request.target.find("/register/") == std::string::npos)
    lines = offer_lines(facts, wire.plain_body);
  const bool is_flush =
      request.target.find("flushed=true") != std::string::npos;
  auto deadline_ns =
      monotonic_ns() + (request.timeout_ms + request.stall_ms) * ns_per_ms;
  // Input on an idle connection is its end, or nonsense.
  const bool is_usable =
      request.keep_alive && connection.is_open() && !connection.has_input();
  if (is_usable
      || connection.connect(context.environment.apm_server, deadline_ns)) {
    if (is_flush)
      facts.flush_sent();
    send_pieces(request, wire, connection, deadline_ns);
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

/// In a process of its own, which no signal to the function's group reaches and
/// which keeps nothing of the function's open but what it sends.
[[noreturn]] void be_detached(const scripted_request& request,
                              const wire_request& wire,
                              const http_address& address, int told) {
  setsid();
  const int ready = fcntl(told, F_DUPFD, detached_descriptor);
  close_range(0, detached_descriptor - 1, 0);
  close_range(static_cast<unsigned>(ready) + 1, ~0U, 0);
  const auto deadline_ns =
      monotonic_ns() + (request.timeout_ms + request.stall_ms) * ns_per_ms;
  http_connection connection;
  const auto tell = [ready] { (void)!write(ready, "x", 1); };
  if (connection.connect(address, deadline_ns)
      && send_pieces(request, wire, connection, deadline_ns, tell))
    connection.receive(deadline_ns);
  std::_Exit(0);
}

/// Waits until each has come to the middle of its request.
void send_detached(const scripted_request& request,
                   const std::vector<wire_request>& wires,
                   agent_context context) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return context.facts.request("detached " + request.target, 0, 1);
  for (const auto& wire : wires)
    if (fork() == 0)
      be_detached(request, wire, context.environment.apm_server, ends[1]);
  close(ends[1]);
  std::array<char, 64> told{};
  std::size_t ready = 0;
  ssize_t size = 0;
  while (ready < wires.size()
         && (size = read(ends[0], told.data(), told.size())) > 0)
    ready += static_cast<std::size_t>(size);
  close(ends[0]);
  if (ready < wires.size())
    context.facts.request("detached " + request.target, 0, 1);
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
  for (std::int64_t number = 1; number <= request.parallel * request.each;
       ++number) {
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
  if (request.detached)
    return send_detached(request, wires, context);
  const auto each = static_cast<std::size_t>(request.each);
  const auto send_chain = [&](std::size_t first) {
    http_connection connection;
    for (std::size_t i = first; i < first + each; ++i)
      send_one(request, wires[i], connection, context);
  };
  if (request.parallel == 1)
    return send_chain(0);
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(request.parallel));
  for (std::size_t first = 0; first < wires.size(); first += each)
    threads.emplace_back(send_chain, first);
  for (auto& thread : threads)
    thread.join();
}

} // namespace sandbox::builtin
