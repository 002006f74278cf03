// Java agent: see the header. Every constant is the agent's own default.
#include "tools/lambda-sandbox/function/java_agent.hpp"

#include <algorithm>
#include <utility>

namespace sandbox::builtin {

namespace {

/// The serializer's buffer and the length of a chunk.
constexpr std::size_t chunk_bytes = 16 * 1024;
/// api_request_time and api_request_size.
constexpr std::int64_t request_time_ns = 10'000 * ns_per_ms;
constexpr std::size_t request_bytes = 768 * 1024;
/// server_timeout.
constexpr std::int64_t server_timeout_ns = 5'000 * ns_per_ms;
/// data_flush_timeout: how long the handler waits at the end.
constexpr std::int64_t flush_timeout_ns = 1'000 * ns_per_ms;
/// The reporter's ring buffer (max_queue_size).
constexpr std::size_t queue_events_max = 512;
/// The back-off is the square of the number of errors, of at most so many.
constexpr std::int64_t errors_max = 6;

} // namespace

java_agent::java_agent(agent_context context) : agent(context, "java") {}

void java_agent::start() {
  http_headers headers;
  if (!environment().authorization.empty())
    headers.emplace_back("Authorization", environment().authorization);
  headers.emplace_back("User-Agent", events().user_agent());
  headers.emplace_back("Host", host());
  headers.emplace_back("Accept",
                       "text/html, image/gif, image/jpeg, */*; q=0.2");
  headers.emplace_back("Connection", "keep-alive");
  ask_info_aside(std::move(headers), server_timeout_ns / ns_per_ms);
}

bool java_agent::is_local() const {
  const auto& name = environment().apm_server.host;
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

http_headers java_agent::data_headers() const {
  http_headers headers;
  if (!environment().authorization.empty())
    headers.emplace_back("Authorization", environment().authorization);
  headers.emplace_back("User-Agent", events().user_agent());
  if (!is_local())
    headers.emplace_back("Content-Encoding", "deflate");
  headers.emplace_back("Content-Type", "application/x-ndjson");
  return headers;
}

http_headers java_agent::request_headers(const char* content_type,
                                         const char* request_id) const {
  auto headers = data_headers();
  headers.back().second = content_type;
  if (request_id != nullptr) {
    // A registration is plain wherever it goes.
    headers.erase(std::remove_if(headers.begin(), headers.end(),
                                 [](const auto& header) {
                                   return header.first == "Content-Encoding";
                                 }),
                  headers.end());
    headers.emplace_back("x-elastic-aws-request-id", request_id);
  }
  // The JDK's own, after those of the agent.
  headers.emplace_back("Cache-Control", "no-cache");
  headers.emplace_back("Pragma", "no-cache");
  headers.emplace_back("Host", host());
  headers.emplace_back("Accept",
                       "text/html, image/gif, image/jpeg, */*; q=0.2");
  headers.emplace_back("Connection", "keep-alive");
  headers.emplace_back("Transfer-Encoding", "chunked");
  return headers;
}

void java_agent::begin(const agent_options& options,
                       const agent_event& registration) {
  options_ = options;
  if (options.register_transaction && is_registering_)
    register_transaction(registration);
  if (monotonic_ns() < back_off_until_ns_)
    return;
  for (auto& event : std::exchange(queue_, {}))
    write(event);
}

void java_agent::register_transaction(const agent_event& registration) {
  const auto deadline_ns = monotonic_ns() + server_timeout_ns;
  const auto head = request_head(
      "POST", target("/register/transaction"),
      request_headers("application/vnd.elastic.apm.transaction+ndjson",
                      events().request_id().c_str()));
  auto body = chunk_of(events().metadata() + "\n" + registration.line + "\n");
  body += last_chunk;
  // `disconnect()` ends this connection after the answer, whatever it is.
  http_connection connection;
  std::optional<http_answer> answer;
  if (ensure_open(connection, deadline_ns))
    answer = exchange(connection, head, body, deadline_ns);
  const auto status = answer ? answer->status : 0;
  facts().registered(status);
  if (status >= 400 && status < 500)
    is_registering_ = false;
  else if (!is_success(status))
    log_error("Request for registering partial transaction failed: "
              + (answer ? std::to_string(status) : connection.error()));
}

void java_agent::add(agent_event event) {
  if (monotonic_ns() < back_off_until_ns_)
    return add_late(std::move(event));
  write(event);
}

void java_agent::add_late(agent_event event) {
  if (queue_.size() < queue_events_max)
    queue_.push_back(std::move(event));
  else
    facts().error("agent's queue is full, an event is dropped");
}

bool java_agent::open_intake() {
  if (intake_)
    return true;
  const auto deadline_ns = monotonic_ns() + server_timeout_ns;
  if (!ensure_open(connection_, deadline_ns)
      || !connection_.send(
          request_head("POST", target("/intake/v2/events"),
                       request_headers("application/x-ndjson", nullptr)),
          deadline_ns)) {
    fail(connection_.error());
    return false;
  }
  intake_.emplace(
      intake_request{body_encoder{is_local() ? body_encoding::identity
                                             : body_encoding::deflate},
                     {},
                     {},
                     monotonic_ns(),
                     0});
  intake_->buffered = intake_->encoder.write(events().metadata() + "\n");
  return send_buffered(1);
}

void java_agent::write(const agent_event& event) {
  if (!open_intake())
    return;
  offer(event, intake_->lines);
  intake_->buffered += intake_->encoder.write(event.line + "\n");
  if (!send_buffered(chunk_bytes))
    return;
  if (intake_->wire_bytes + intake_->buffered.size() >= request_bytes)
    end_intake(monotonic_ns() + server_timeout_ns);
}

/// Sends chunks until less than so many bytes are left.
bool java_agent::send_buffered(std::size_t keep_less_than) {
  const auto deadline_ns = monotonic_ns() + server_timeout_ns;
  auto& buffered = intake_->buffered;
  if (buffered.size() >= keep_less_than)
    facts().write_out();
  while (buffered.size() >= keep_less_than) {
    const auto piece = buffered.substr(0, chunk_bytes);
    buffered.erase(0, piece.size());
    if (!connection_.send(chunk_of(piece), deadline_ns)) {
      fail(connection_.error());
      return false;
    }
    intake_->wire_bytes += piece.size();
  }
  return true;
}

void java_agent::end_intake(std::int64_t deadline_ns) {
  if (!intake_)
    return;
  intake_->buffered += intake_->encoder.finish();
  if (!send_buffered(1))
    return;
  std::optional<http_answer> answer;
  if (connection_.send(last_chunk, deadline_ns))
    answer = connection_.receive(deadline_ns);
  if (!answer)
    return fail(connection_.error());
  if (answer->status >= 400)
    return fail(answer_error_text(*answer));
  errors_ = 0;
  report_taken(intake_->lines);
  intake_.reset();
}

void java_agent::work_until(std::int64_t until_ns) {
  while (monotonic_ns() < until_ns) {
    const auto end_ns =
        intake_ ? intake_->opened_ns + request_time_ns : until_ns;
    sleep_until_ns(std::min(until_ns, end_ns));
    if (intake_ && monotonic_ns() >= end_ns)
      end_intake(monotonic_ns() + server_timeout_ns);
  }
}

void java_agent::finish(std::vector<agent_event> transactions,
                        std::vector<agent_event> errors) {
  if (options_.data_delay_ms > 0)
    sleep_until_ns(monotonic_ns() + options_.data_delay_ms * ns_per_ms);
  for (auto& event : errors)
    add(std::move(event));
  for (auto& event : transactions)
    add(std::move(event));
  // While the reporter's thread backs off, a flush returns false at once.
  if (monotonic_ns() < back_off_until_ns_)
    return;
  auto deadline_ns = monotonic_ns() + flush_timeout_ns;
  end_intake(deadline_ns);
  if (!options_.flush || monotonic_ns() < back_off_until_ns_)
    return;
  if (options_.flush_delay_ms > 0)
    deadline_ns += options_.flush_delay_ms * ns_per_ms;
  sleep_until_ns(monotonic_ns() + options_.flush_delay_ms * ns_per_ms);
  send_flush(deadline_ns);
}

void java_agent::send_flush(std::int64_t deadline_ns) {
  const auto head =
      request_head("POST", target("/intake/v2/events?flushed=true"),
                   request_headers("application/x-ndjson", nullptr));
  auto body = chunk_of(
      encode_body(is_local() ? body_encoding::identity : body_encoding::deflate,
                  events().metadata() + "\n"));
  body += last_chunk;
  if (!ensure_open(connection_, deadline_ns))
    return fail(connection_.error());
  facts().flush_sent();
  const auto answer = exchange(connection_, head, body, deadline_ns);
  facts().flush_answered(answer ? answer->status : 0);
  if (!answer)
    fail(connection_.error());
  else if (answer->status >= 400)
    fail(answer_error_text(*answer));
}

void java_agent::fail(const std::string& reason) {
  log_error("Error sending data to APM server: " + reason);
  intake_.reset();
  connection_.close();
  // 0, 1, 4, 9 … 36 s.
  const auto step = std::min(errors_++, errors_max);
  back_off_until_ns_ = monotonic_ns() + step * step * 1000 * ns_per_ms;
}

} // namespace sandbox::builtin
