// What the extension tells the APM Server of itself: noted at the end of each
// event, sent with the next batch that goes out anyway.
#include "runtime/formats/self_metrics.hpp"

#include "actors/coordinator/coordinator_state.hpp"

namespace apm {

namespace {

/// Notes that wait for a batch. What an older one says in sums is in the newer
/// ones, too.
constexpr size_t notes_max = 64;

/// A session of Managed Instances has no end: once a minute will do.
constexpr std::chrono::minutes session_interval{1};

} // namespace

void coordinator_state::note_self_metrics() {
  if (!setup_.config->sends_self_metrics || is_idling())
    return;
  self_metrics x;
  x.timestamp_us = world_.time->wall() * 1000;
  x.function_arn = event_.function_arn;
  x.request_id = event_.request_id;
  if (event_.kind == event_kind::invoke) {
    x.ended_by = to_string(winner_);
    add_event_samples(x);
  }
  add_process_samples(x);
  noted_dropped_ = ledger_.total().dropped_total();
  noted_at_ = world_.time->now();
  notes_.push_back(make_self_metrics_line(x));
  if (notes_.size() > notes_max)
    notes_.pop_front();
}

void coordinator_state::add_event_samples(self_metrics& to) const {
  const auto books = ledger_.of(event_.sequence);
  to.samples.emplace_back("invocation.held_ms", held_ms());
  to.samples.emplace_back("invocation.lines.received", books.received);
  to.samples.emplace_back("invocation.lines.accepted", books.accepted);
  to.samples.emplace_back("invocation.lines.dropped", books.dropped_total());
}

void coordinator_state::add_process_samples(self_metrics& to) const {
  const auto& total = ledger_.total();
  auto& samples = to.samples;
  samples.emplace_back("lines.received", total.received);
  samples.emplace_back("lines.accepted", total.accepted);
  samples.emplace_back("lines.held", held_lines());
  samples.emplace_back("lines.spilled", spilled_.held_lines());
  samples.emplace_back("lines.dropped.total", total.dropped_total());
  for (size_t i = 0; i < drop_reasons; ++i)
    if (total.dropped[i] > 0)
      samples.emplace_back("lines.dropped."
                               + std::string{to_string(drop_reason(i))},
                           total.dropped[i]);
  samples.emplace_back("platform.dropped_records", ledger_.platform().records);
  samples.emplace_back("requests.total", posts_);
  samples.emplace_back("requests.failed", failed_posts_);
  samples.emplace_back("outbox.bytes", outbox_.held_bytes());
  samples.emplace_back("outbox.bytes_max", setup_.config->buffer_bytes);
  samples.emplace_back("breaker.open", breaker_.is_open() ? 1 : 0);
}

void coordinator_state::add_self_metrics() {
  const bool is_due = event_.kind == event_kind::session
                      && world_.time->now() - noted_at_ >= session_interval;
  if (is_due)
    note_self_metrics();
  if (notes_.empty())
    return;
  std::string lines;
  for (const auto& note : notes_)
    lines += note;
  const auto count = static_cast<uint32_t>(notes_.size());
  notes_.clear();
  told_dropped_ = noted_dropped_;
  add_own(line_value::metric, bytes{std::move(lines)}, count);
}

void coordinator_state::tell_loss() {
  if (ledger_.total().dropped_total() == told_dropped_)
    return;
  if (noted_dropped_ != ledger_.total().dropped_total())
    note_self_metrics();
  add_self_metrics();
}

} // namespace apm
