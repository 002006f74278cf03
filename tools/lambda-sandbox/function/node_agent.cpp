// Node agent: see the header. Every constant is the agent's own default.
#include "tools/lambda-sandbox/function/node_agent.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

namespace sandbox::builtin {

namespace {

/// An intake request begins that long after the first event (bufferWindowTime)…
constexpr std::int64_t buffer_window_ns = 20 * ns_per_ms;
/// …or when so many are queued (bufferWindowSize).
constexpr std::size_t buffer_window_events = 50;
/// More queued events than that are dropped (maxQueueSize).
constexpr std::size_t queue_events_max = 1024;
/// A request ends after that time (apiRequestTime)…
constexpr std::int64_t request_time_ns = 10'000 * ns_per_ms;
/// …or with so many compressed bytes (apiRequestSize, 768 KB less a margin)…
constexpr std::size_t request_bytes = 750 * 1024;
/// …which is looked at between batches of so many events.
constexpr std::size_t batch_events = 32;
/// How long the handler waits for each answer (measured).
constexpr std::int64_t register_timeout_ns = 5'000 * ns_per_ms;
constexpr std::int64_t intake_timeout_ns = 10'000 * ns_per_ms;
constexpr std::int64_t flush_timeout_ns = 5'000 * ns_per_ms;
/// agentkeepalive closes a connection that is idle for that long.
constexpr std::int64_t idle_ns = 4'000 * ns_per_ms;
/// The socket of the info request is given up after that.
constexpr std::int64_t info_timeout_ms = 30'000;
/// What a zlib stream of Node emits at most at once.
constexpr std::size_t piece_bytes = 16 * 1024;

} // namespace

node_agent::node_agent(agent_context context) : agent(context, "node") {}

void node_agent::start() {
  auto headers = common_headers();
  headers.emplace_back("Host", host());
  headers.emplace_back("Connection", "keep-alive");
  ask_info_aside(std::move(headers), info_timeout_ms);
}

http_headers node_agent::common_headers() const {
  http_headers headers;
  if (!environment().authorization.empty())
    headers.emplace_back("Authorization", environment().authorization);
  headers.emplace_back("Accept", "application/json");
  headers.emplace_back("User-Agent", events().user_agent());
  return headers;
}

http_headers node_agent::data_headers() const {
  auto headers = common_headers();
  headers.emplace_back("Content-Type", "application/x-ndjson");
  headers.emplace_back("Content-Encoding", "gzip");
  return headers;
}

void node_agent::begin(const agent_options& options,
                       const agent_event& registration) {
  options_ = options;
  close_idle();
  late_events_ = queue_.size();
  if (!queue_.empty())
    first_event_ns_ = monotonic_ns();
  if (options.register_transaction && is_registering_)
    register_transaction(registration);
}

void node_agent::register_transaction(const agent_event& registration) {
  const auto deadline_ns = monotonic_ns() + register_timeout_ns;
  auto headers = common_headers();
  headers.emplace_back("Content-Type",
                       "application/vnd.elastic.apm.transaction+ndjson");
  headers.emplace_back("x-elastic-aws-request-id", events().request_id());
  headers.emplace_back("Host", host());
  headers.emplace_back("Connection", "keep-alive");
  headers.emplace_back("Transfer-Encoding", "chunked");
  auto& connection = data_connection();
  int status = 0;
  if (ensure_open(connection, deadline_ns)
      && connection.send(
          request_head("POST", target("/register/transaction"), headers),
          deadline_ns)
      && connection.send(chunk_of(events().metadata() + "\n"), deadline_ns)) {
    auto rest = chunk_of(registration.line + "\n");
    rest += last_chunk;
    const auto answer = exchange(connection, rest, {}, deadline_ns);
    status = answer ? answer->status : 0;
  }
  facts().registered(status);
  // Anything else ends registrations for the life of the process.
  is_registering_ = status == 200;
  if (!is_registering_)
    connection.close();
}

void node_agent::add(agent_event event) {
  if (queue_.size() >= queue_events_max)
    return facts().error("agent's queue is full, an event is dropped");
  if (queue_.empty())
    first_event_ns_ = monotonic_ns();
  queue_.push_back(std::move(event));
  if (intake_ && !intake_->is_ended())
    send_queue();
  else if (!intake_ && queue_.size() >= buffer_window_events)
    open_intake();
}

void node_agent::add_late(agent_event event) {
  queue_.push_back(std::move(event));
}

void node_agent::work_until(std::int64_t until_ns) {
  while (monotonic_ns() < until_ns) {
    const auto wake_ns = std::min(until_ns, do_due(until_ns));
    if (!intake_) {
      sleep_until_ns(wake_ns);
      continue;
    }
    pollfd descriptor{data_connection().descriptor(), POLLIN, 0};
    if (poll(&descriptor, 1, poll_timeout_ms(wake_ns)) > 0)
      read_answer();
  }
}

std::int64_t node_agent::do_due(std::int64_t until_ns) {
  const auto now_ns = monotonic_ns();
  close_idle();
  if (!intake_ && !queue_.empty()) {
    const auto open_ns = first_event_ns_ + buffer_window_ns;
    if (now_ns < open_ns)
      return open_ns;
    open_intake();
  }
  if (intake_ && !intake_->is_ended()) {
    const auto end_ns = intake_->opened_ns + request_time_ns;
    if (now_ns < end_ns)
      return end_ns;
    end_intake();
  }
  if (intake_ && now_ns >= intake_->answer_deadline_ns)
    fail_intake("timeout");
  if (intake_)
    return intake_->answer_deadline_ns;
  // Idle connections are looked at again when the first of them is due.
  auto wake_ns = until_ns;
  for (const auto& connection : pool_)
    if (connection.is_open())
      wake_ns = std::min(wake_ns, connection.idle_since_ns() + idle_ns);
  return std::max(wake_ns, now_ns + ns_per_ms);
}

void node_agent::close_idle() {
  const auto now_ns = monotonic_ns();
  for (std::size_t i = 0; i < pool_.size(); ++i) {
    const bool is_busy = intake_ && i == active_;
    if (pool_[i].is_open() && !is_busy
        && now_ns - pool_[i].idle_since_ns() >= idle_ns)
      pool_[i].close();
  }
}

node_agent::intake_request::intake_request() = default;

void node_agent::open_intake() {
  late_events_ = 0;
  intake_.emplace();
  intake_->opened_ns = monotonic_ns();
  const auto deadline_ns = intake_->opened_ns + intake_timeout_ns;
  auto headers = data_headers();
  headers.emplace_back("Host", host());
  headers.emplace_back("Connection", "keep-alive");
  headers.emplace_back("Transfer-Encoding", "chunked");
  auto& connection = data_connection();
  if (!ensure_open(connection, deadline_ns)
      || !connection.send(
          request_head("POST", target("/intake/v2/events"), headers),
          deadline_ns)) {
    // What was to go with this request is lost with it.
    queue_.clear();
    return fail_intake(connection.error());
  }
  // The first thing that zlib lets go of is the bare gzip header.
  if (send_encoded(intake_->encoder.write(events().metadata() + "\n")))
    send_queue();
}

void node_agent::send_queue() {
  while (intake_ && !intake_->is_ended() && !queue_.empty()) {
    const auto event = std::move(queue_.front());
    queue_.pop_front();
    offer(event, intake_->lines);
    if (!send_encoded(intake_->encoder.write(event.line + "\n")))
      return;
    if (intake_->lines.size() % batch_events == 0
        && intake_->wire_bytes >= request_bytes)
      end_intake();
  }
}

bool node_agent::send_encoded(const std::string& bytes) {
  auto& connection = data_connection();
  if (connection.has_input()) {
    // Even a 2xx is an error before the body's end.
    fail_intake("premature apm-server response");
    return false;
  }
  if (!bytes.empty())
    facts().write_out();
  const auto deadline_ns = monotonic_ns() + intake_timeout_ns;
  std::string_view left = bytes;
  while (!left.empty()) {
    const auto piece = left.substr(0, piece_bytes);
    left.remove_prefix(piece.size());
    if (!connection.send(chunk_of(piece), deadline_ns)) {
      fail_intake(connection.error());
      return false;
    }
  }
  intake_->wire_bytes += bytes.size();
  return true;
}

void node_agent::end_intake() {
  if (!send_encoded(intake_->encoder.finish()))
    return;
  intake_->answer_deadline_ns = monotonic_ns() + intake_timeout_ns;
  auto& connection = data_connection();
  if (!connection.send(last_chunk, intake_->answer_deadline_ns))
    fail_intake(connection.error());
}

void node_agent::read_answer() {
  if (!intake_->is_ended())
    return fail_intake("premature apm-server response");
  auto& connection = data_connection();
  const auto answer = connection.receive(intake_->answer_deadline_ns);
  if (!answer)
    return fail_intake(connection.error());
  if (is_success(answer->status))
    report_taken(intake_->lines);
  else
    log_error("APM Server transport error " + answer_error_text(*answer));
  intake_.reset();
}

void node_agent::fail_intake(const std::string& reason) {
  log_error("APM Server transport error (" + reason + ")");
  data_connection().close();
  intake_.reset();
}

void node_agent::finish(std::vector<agent_event> transactions,
                        std::vector<agent_event> errors) {
  if (options_.data_delay_ms > 0)
    sleep_until_ns(monotonic_ns() + options_.data_delay_ms * ns_per_ms);
  // In a short handler the transaction overtakes its spans, which still wait
  // for their stack traces; once a request is open it comes last.
  auto place = queue_.end();
  if (!intake_)
    place =
        queue_.begin()
        + static_cast<std::ptrdiff_t>(std::min(late_events_, queue_.size()));
  queue_.insert(place, transactions.begin(), transactions.end());
  // Errors wait even longer: their stack frames are read from the sources.
  queue_.insert(queue_.end(), errors.begin(), errors.end());
  send_everything();
  if (!options_.flush)
    return;
  if (options_.flush_delay_ms > 0)
    sleep_until_ns(monotonic_ns() + options_.flush_delay_ms * ns_per_ms);
  send_flush();
}

void node_agent::send_everything() {
  while (intake_ || !queue_.empty()) {
    if (!intake_)
      open_intake();
    else if (!intake_->is_ended())
      send_queue();
    if (intake_ && !intake_->is_ended())
      end_intake();
    if (intake_ && intake_->is_ended())
      read_answer();
  }
}

void node_agent::send_flush() {
  const auto deadline_ns = monotonic_ns() + flush_timeout_ns;
  auto headers = common_headers();
  headers.emplace_back("Content-Length", "0");
  headers.emplace_back("Host", host());
  headers.emplace_back("Connection", "keep-alive");
  auto& connection = pool_[1 - active_];
  std::optional<http_answer> answer;
  if (ensure_open(connection, deadline_ns)) {
    facts().flush_sent();
    answer = exchange(
        connection,
        request_head("POST", target("/intake/v2/events?flushed=true"), headers),
        {}, deadline_ns);
    facts().flush_answered(answer ? answer->status : 0);
  }
  if (!answer) {
    log_error("_signalLambdaEnd error: " + connection.error());
    connection.close();
  } else if (answer->status != 202) {
    log_error("_signalLambdaEnd error: unexpected response status code "
              + std::to_string(answer->status));
  }
  active_ = 1 - active_;
}

} // namespace sandbox::builtin
