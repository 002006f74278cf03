// Capture replay: see the header.
#include "tools/lambda-sandbox/function/capture_replay.hpp"

#include "tools/lambda-sandbox/function/body_encoder.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <utility>

namespace sandbox::builtin {

namespace {

/// How long the agent waits for the answer to any of its requests, at most.
constexpr std::int64_t answer_timeout_ns = 10'000 * ns_per_ms;

std::int64_t at_ns(std::int64_t zero_ns, double time_ms) {
  return zero_ns
         + static_cast<std::int64_t>(time_ms * static_cast<double>(ns_per_ms));
}

bool is_flush(const captured_request& request) {
  return request.target.find("flushed=true") != std::string::npos;
}

bool is_registration(const captured_request& request) {
  return request.target.find("/register/transaction") != std::string::npos;
}

std::string kind_of(std::string_view line) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(line.data(), line.size());
  if (document.HasParseError() || !document.IsObject()
      || document.MemberCount() == 0)
    return "other";
  return document.MemberBegin()->name.GetString();
}

} // namespace

std::vector<std::uint64_t> offer_lines(fact_writer& facts,
                                       std::string_view body) {
  std::vector<std::uint64_t> lines;
  std::string_view metadata;
  while (!body.empty()) {
    const auto end = std::min(body.find('\n'), body.size());
    const auto line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const auto kind = kind_of(line);
    if (kind == "metadata")
      metadata = line;
    else if (!line.empty())
      lines.push_back(facts.line_offered(kind, line, metadata));
  }
  facts.write_out();
  return lines;
}

capture_replay::capture_replay(agent_context context) : context_(context) {}

void capture_replay::send(const capture& captured, std::int64_t zero_ns) {
  for (const auto& request : captured.requests)
    send_one(request, zero_ns);
}

void capture_replay::send_one(const captured_request& request,
                              std::int64_t zero_ns) {
  sleep_until_ns(at_ns(zero_ns, request.head_ms));
  const auto begin_ns = monotonic_ns();
  // What one answer took longer than it did then moves what comes after.
  const auto late_ns =
      std::max<std::int64_t>(0, begin_ns - at_ns(zero_ns, request.head_ms));
  const auto deadline_ns = begin_ns + answer_timeout_ns;
  const auto encoding = body_encoding_of(request.content_encoding);
  auto encoded = request.body.empty() && !request.is_chunked
                     ? std::string{}
                     : encode_body(encoding, request.body);
  const auto& address = context_.environment.apm_server;
  auto headers = request.headers;
  for (auto& [name, value] : headers) {
    if (is_same_header(name, "Host"))
      value = address.host + ":" + std::to_string(address.port);
    else if (is_same_header(name, "Content-Length"))
      value = std::to_string(encoded.size());
  }
  auto& connection = connections_[request.connection];
  if ((!connection.is_open() || connection.has_input())
      && !connection.connect(address, deadline_ns))
    return context_.facts.error(request.target + ": " + connection.error());
  std::vector<std::uint64_t> lines;
  if (!is_registration(request))
    lines = offer_lines(context_.facts, request.body);
  if (is_flush(request))
    context_.facts.flush_sent();
  std::optional<http_answer> answer;
  const auto target = context_.environment.apm_path + request.target;
  if (connection.send(request_head(request.method, target, headers),
                      deadline_ns)
      && send_body(request, connection, encoded, zero_ns, late_ns)) {
    if (!request.is_complete)
      return; // It stays open until the process dies.
    answer = connection.receive(
        std::max(deadline_ns, monotonic_ns() + answer_timeout_ns));
  }
  if (!answer)
    context_.facts.error(request.target + ": " + connection.error());
  report(request, answer, lines);
}

bool capture_replay::send_body(const captured_request& request,
                               http_connection& connection,
                               const std::string& encoded, std::int64_t zero_ns,
                               std::int64_t late_ns) {
  constexpr std::size_t gzip_header_bytes = 10;
  const auto deadline_ns =
      at_ns(zero_ns, std::max(request.head_ms, request.end_ms)) + late_ns
      + answer_timeout_ns;
  if (!request.is_complete) {
    // All that ever came of such a body was gzip's header.
    return !request.is_chunked
           || connection.send(
               chunk_of(std::string_view{encoded}.substr(0, gzip_header_bytes)),
               deadline_ns);
  }
  const auto sizes = cut_like(request.chunks, encoded.size());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (i < request.chunks.size())
      sleep_until_ns(at_ns(zero_ns, request.chunks[i].second) + late_ns);
    const auto piece = std::string_view{encoded}.substr(begin, sizes[i]);
    begin += sizes[i];
    if (!connection.send(request.is_chunked ? chunk_of(piece)
                                            : std::string{piece},
                         deadline_ns))
      return false;
  }
  sleep_until_ns(at_ns(zero_ns, request.end_ms) + late_ns);
  return !request.is_chunked || connection.send(last_chunk, deadline_ns);
}

void capture_replay::report(const captured_request& request,
                            const std::optional<http_answer>& answer,
                            const std::vector<std::uint64_t>& lines) {
  const auto status = answer ? answer->status : 0;
  auto& facts = context_.facts;
  if (is_registration(request))
    facts.registered(status);
  else if (is_flush(request))
    facts.flush_answered(status);
  else if (request.method == "GET")
    facts.info(status, "");
  if (is_success(status))
    for (const auto line : lines)
      facts.line_taken(line);
  facts.write_out();
}

} // namespace sandbox::builtin
