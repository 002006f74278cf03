// Python agent: see the header. Every constant is the agent's own default.
#include "tools/lambda-sandbox/function/python_agent.hpp"

#include <algorithm>
#include <utility>

namespace sandbox::builtin {

namespace {

/// server_timeout: of every single request.
constexpr std::int64_t server_timeout_ns = 5'000 * ns_per_ms;
/// api_request_size, 768 KB.
constexpr std::size_t request_bytes = 768 * 1024;
/// api_request_time, to which 10 % are added or taken by chance.
constexpr double request_time_ns = 10'000.0 * static_cast<double>(ns_per_ms);
/// The back-off is the square of the number of failures, of at most so many.
constexpr std::int64_t retries_max = 6;

} // namespace

python_agent::python_agent(agent_context context) : agent(context, "python") {}

http_headers python_agent::request_headers(const char* content_type,
                                           bool is_gzip,
                                           std::size_t content_length) const {
  // Python's http.client writes the first three, urllib3 the rest as given.
  http_headers headers{{"Host", host()},
                       {"Accept-Encoding", "identity"},
                       {"Content-Length", std::to_string(content_length)},
                       {"Content-Type", content_type}};
  if (is_gzip)
    headers.emplace_back("Content-Encoding", "gzip");
  headers.emplace_back("User-Agent", events().user_agent());
  if (!environment().authorization.empty())
    headers.emplace_back("Authorization", environment().authorization);
  return headers;
}

http_headers python_agent::data_headers() const {
  http_headers headers{{"Accept-Encoding", "identity"},
                       {"Content-Type", "application/x-ndjson"},
                       {"Content-Encoding", "gzip"},
                       {"User-Agent", events().user_agent()}};
  if (!environment().authorization.empty())
    headers.emplace_back("Authorization", environment().authorization);
  return headers;
}

void python_agent::begin(const agent_options& options,
                         const agent_event& registration) {
  options_ = options;
  if (last_flush_ns_ == 0)
    last_flush_ns_ = monotonic_ns();
  if (options.register_transaction && is_registering_
      && environment().has_lambda_apm_server)
    register_transaction(registration);
}

void python_agent::register_transaction(const agent_event& registration) {
  const auto body = events().metadata() + "\n" + registration.line;
  auto headers = request_headers(
      "application/vnd.elastic.apm.transaction+ndjson", false, body.size());
  headers.emplace_back("x-elastic-aws-request-id", events().request_id());
  const auto deadline_ns = monotonic_ns() + server_timeout_ns;
  std::optional<http_answer> answer;
  if (ensure_open(connection_, deadline_ns))
    answer =
        exchange(connection_,
                 request_head("POST", target("/register/transaction"), headers),
                 body, deadline_ns);
  const auto status = answer ? answer->status : 0;
  facts().registered(status);
  // Time-outs and refusals are tried again in the next invocation.
  if (status >= 400 && status != 429)
    is_registering_ = false;
  if (status == 0)
    log_error("failed to register the transaction: " + connection_.error());
}

python_agent::buffer::buffer() = default;

void python_agent::add(agent_event event) {
  if (!buffer_) {
    buffer_.emplace();
    buffer_->encoded = buffer_->encoder.write(events().metadata() + "\n");
  }
  offer(event, buffer_->lines);
  buffer_->encoded += buffer_->encoder.write(event.line + "\n");
  if (buffer_->encoded.size() > request_bytes)
    send_buffer(false);
}

void python_agent::add_late(agent_event event) {
  add(std::move(event));
}

void python_agent::work_until(std::int64_t until_ns) {
  if (flush_after_ns_ == 0)
    flush_after_ns_ = static_cast<std::int64_t>(
        request_time_ns * std::uniform_real_distribution{0.9, 1.1}(random_));
  while (monotonic_ns() < until_ns) {
    const auto flush_ns = buffer_ ? last_flush_ns_ + flush_after_ns_ : until_ns;
    sleep_until_ns(std::min(until_ns, flush_ns));
    if (buffer_ && monotonic_ns() >= flush_ns)
      send_buffer(false);
  }
}

void python_agent::finish(std::vector<agent_event> transactions,
                          std::vector<agent_event> errors) {
  // An exception is captured before its transaction ends.
  for (auto& event : errors)
    add(std::move(event));
  for (auto& event : transactions)
    add(std::move(event));
  const auto delay_ms = options_.data_delay_ms + options_.flush_delay_ms;
  if (delay_ms > 0)
    sleep_until_ns(monotonic_ns() + delay_ms * ns_per_ms);
  if (buffer_ || options_.flush)
    send_buffer(options_.flush);
}

/// The transport's thread asks for the version before it takes its first event,
/// and the handler waits for that thread at the end.
void python_agent::ask_info() {
  if (std::exchange(has_info_, true))
    return;
  http_headers headers{{"Host", host()},
                       {"Accept-Encoding", "identity"},
                       {"User-Agent", events().user_agent()}};
  if (!environment().authorization.empty())
    headers.emplace_back("Authorization", environment().authorization);
  headers.emplace_back("accept", "text/plain");
  const auto deadline_ns = monotonic_ns() + server_timeout_ns;
  std::optional<http_answer> answer;
  if (ensure_open(connection_, deadline_ns))
    answer = exchange(connection_, request_head("GET", target("/"), headers),
                      {}, deadline_ns);
  report_info(answer ? &*answer : nullptr);
}

bool python_agent::is_backing_off() const {
  if (retry_number_ < 0)
    return false;
  const auto retries = std::min(retry_number_, retries_max);
  return monotonic_ns() - failed_ns_ <= retries * retries * 1000 * ns_per_ms;
}

void python_agent::send_buffer(bool is_flush) {
  ask_info();
  auto sent = std::exchange(buffer_, std::nullopt);
  last_flush_ns_ = monotonic_ns();
  flush_after_ns_ = 0;
  if (is_backing_off())
    return log_error("dropping flushed data due to transport failure back-off");
  std::string body;
  if (sent)
    body = sent->encoded + sent->encoder.finish();
  const auto head = request_head(
      "POST",
      target(is_flush ? "/intake/v2/events?flushed=true" : "/intake/v2/events"),
      request_headers("application/x-ndjson", true, body.size()));
  const auto deadline_ns = monotonic_ns() + server_timeout_ns;
  if (!ensure_open(connection_, deadline_ns))
    return fail("Unable to reach APM Server: " + connection_.error());
  if (is_flush)
    facts().flush_sent();
  const auto answer = exchange(connection_, head, body, deadline_ns);
  if (is_flush)
    facts().flush_answered(answer ? answer->status : 0);
  if (!answer)
    return fail("Unable to reach APM Server: " + connection_.error());
  if (answer->status >= 400)
    return fail("HTTP " + answer_error_text(*answer));
  retry_number_ = -1;
  if (sent && is_success(answer->status))
    report_taken(sent->lines);
}

void python_agent::fail(const std::string& reason) {
  ++retry_number_;
  failed_ns_ = monotonic_ns();
  log_error("Failed to submit message: " + reason);
}

} // namespace sandbox::builtin
