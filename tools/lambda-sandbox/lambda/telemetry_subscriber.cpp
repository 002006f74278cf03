// Buffering and delivery; see telemetry_subscriber.hpp. At any time one of
// three things is going on: waiting for records to become due, a POST, or the
// pause before its repetition.
#include "tools/lambda-sandbox/lambda/telemetry_subscriber.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <algorithm>
#include <utility>

namespace sandbox {

namespace {

/// How often a batch is sent before it is dropped, and the pause between.
/// Lambda's own numbers are not documented.
constexpr int attempts_max = 3;
constexpr std::int64_t retry_pause_ms = 100;
/// A POST that is not answered so long, freezes not counted, has failed.
constexpr std::int64_t answer_timeout_ms = 2'000;

} // namespace

telemetry_subscriber::telemetry_subscriber(boost::asio::io_context& io,
                                           observer& observer,
                                           std::string extension,
                                           telemetry_subscription subscription,
                                           delivery_settings settings)
    : observer_{observer},
      extension_{std::move(extension)},
      subscription_{std::move(subscription)},
      settings_{std::move(settings)},
      connection_{io, subscription_.port, subscription_.path,
                  subscription_.is_tcp},
      timer_{io} {}

bool telemetry_subscriber::is_wanted(const telemetry_event& event) const {
  const auto& type = subscription_.is_logs_api ? event.logs_type : event.type;
  return subscription_.types.count(event.category) != 0 && !type.empty();
}

void telemetry_subscriber::offer(const telemetry_event_ptr& event) {
  if (!is_wanted(*event))
    return;
  queue_.push_back(event);
  queue_bytes_ += event->record.size();
  schedule();
}

void telemetry_subscriber::freeze() {
  is_frozen_ = true;
  timer_.cancel();
}

void telemetry_subscriber::thaw() {
  is_frozen_ = false;
  if (is_posting_)
    watch_answer();
  else
    schedule();
}

void telemetry_subscriber::flush() {
  is_flushing_ = true;
  if (!is_posting_)
    schedule();
}

void telemetry_subscriber::schedule() {
  if (is_frozen_ || is_posting_)
    return;
  if (retry_ns_ != 0)
    return timer_.at(retry_ns_, [this] { send(); });
  if (queue_.empty())
    return;
  const bool is_full = queue_.size() >= subscription_.items_max
                       || queue_bytes_ >= subscription_.bytes_max;
  auto due_ns = queue_.front()->made_ns + settings_.delay_ms * ns_per_ms;
  if (!is_full && !is_flushing_)
    due_ns += subscription_.timeout_ms * ns_per_ms;
  timer_.at(due_ns, [this] { collect(); });
}

void telemetry_subscriber::collect() {
  const auto made_until_ns = now_ns() - settings_.delay_ms * ns_per_ms;
  batch_ = {};
  std::vector<std::string> elements;
  std::size_t bytes = 0;
  while (!queue_.empty() && queue_.front()->made_ns <= made_until_ns
         && elements.size() < subscription_.items_max
         && bytes < subscription_.bytes_max) {
    const auto event = std::move(queue_.front());
    queue_.pop_front();
    queue_bytes_ -= event->record.size();
    elements.push_back(render(*event));
    bytes += elements.back().size();
    batch_.events.push_back(event);
  }
  if (elements.empty())
    return schedule();
  if (settings_.is_reversed)
    std::reverse(elements.begin(), elements.end());
  if (subscription_.is_tcp)
    for (const auto& element : elements)
      batch_.body += element + "\n";
  else
    batch_.body = json_array(elements);
  send();
}

std::string telemetry_subscriber::render(const telemetry_event& event) const {
  const bool is_log = event.category != telemetry_category::platform;
  const auto& record = subscription_.is_logs_api ? event.logs_record
                       : is_log && !subscription_.has_object_logs()
                           ? event.text_record
                           : event.record;
  return json_object{}
      .add("time", rfc3339_ms(unix_ns_at(event.made_ns)))
      .add("type", subscription_.is_logs_api ? event.logs_type : event.type)
      .add_json("record", record)
      .text();
}

void telemetry_subscriber::send() {
  retry_ns_ = 0;
  is_posting_ = true;
  watch_answer();
  auto& posts = observer_.record().telemetry_posts;
  post_index_ = posts.size();
  posts.push_back({extension_, now_ns(), 0, 0, batch_.events.size(),
                   batch_.body.size(), batch_.attempt, batch_.is_duplicate()});
  connection_.post(batch_.body,
                   {[this](std::int64_t begin_ns) { begun(begin_ns); },
                    [this](int status, const std::string& reason) {
                      ended(status, reason);
                    }});
}

void telemetry_subscriber::watch_answer() {
  if (is_frozen_)
    return;
  timer_.after_ms(answer_timeout_ms, [this] {
    connection_.abort();
    ended(0, "no answer within " + std::to_string(answer_timeout_ms) + " ms");
  });
}

void telemetry_subscriber::begun(std::int64_t begin_ns) {
  auto& record = observer_.record();
  record.telemetry_posts[post_index_].begin_ns = begin_ns;
  for (const auto& event : batch_.events) {
    if (!event->is_runtime_done)
      continue;
    for (auto& invocation : record.invocations)
      if (invocation.request_id == event->request_id
          && invocation.runtime_done_ns == event->made_ns
          && invocation.runtime_done_post_ns == 0)
        invocation.runtime_done_post_ns = begin_ns;
  }
}

void telemetry_subscriber::ended(int status, const std::string& reason) {
  timer_.cancel();
  is_posting_ = false;
  auto& post = observer_.record().telemetry_posts[post_index_];
  post.status = status;
  post.answered_ns = status == 0 ? 0 : now_ns();
  std::string types;
  for (const auto& event : batch_.events)
    if (batch_.events.size() <= 8)
      types += (types.empty() ? ": " : ", ") + event->type;
  observer_.detail(post.begin_ns, "telemetry",
                   std::to_string(post.records) + " records to " + extension_
                       + types + " -> "
                       + (status == 0 ? reason : std::to_string(status)));
  if (status == 200)
    accepted();
  else if (batch_.attempt == attempts_max)
    drop(status == 0 ? reason : "status " + std::to_string(status));
  else {
    ++batch_.attempt;
    retry_ns_ = now_ns() + retry_pause_ms * ns_per_ms;
  }
  schedule();
}

void telemetry_subscriber::accepted() {
  auto& truths = observer_.record().truths;
  for (const auto& event : batch_.events)
    if (event->truth && truths[*event->truth].delivered_ns == 0)
      truths[*event->truth].delivered_ns = now_ns();
  if (batch_.copy >= settings_.copies)
    return;
  ++batch_.copy;
  retry_ns_ = now_ns();
}

void telemetry_subscriber::drop(const std::string& reason) {
  observer_.note(now_ns(), "telemetry",
                 "gave up a batch of " + std::to_string(batch_.events.size())
                     + " records for " + extension_ + ": " + reason);
  // A notice that was dropped itself gets none: there would be no end to it.
  if (batch_.events.front()->type == "platform.logsDropped")
    return;
  const auto dropped =
      json_object{}
          .add("reason", "Consumer seems to have fallen behind as it has not "
                         "acknowledged receipt of logs.")
          .add("droppedRecords", std::uint64_t{batch_.events.size()})
          .add("droppedBytes", std::uint64_t{batch_.body.size()});
  offer(std::make_shared<telemetry_event>(
      platform_event("logsDropped", dropped, dropped)));
}

} // namespace sandbox
