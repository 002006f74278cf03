// The notes of COORDINATOR and HTTP CLIENT, and who lived when.
#include "tools/flushtrace/analysis/fact_reader.hpp"

namespace flushtrace {

namespace {

using apm::trace::schema_book;

int64_t signed_of(const apm::trace::record_content& in, std::string_view name) {
  const auto* found = schema_book::find(in, name);
  return found == nullptr ? 0 : bounded(found->signed_number);
}

} // namespace

void fact_reader::on_winner(const record& x, const content& in) {
  auto& event = named(schema_book::number(in, "event"));
  signal_fact won;
  won.at = moment_of(x);
  won.event = event.event;
  won.signal = static_cast<apm::end_signal>(schema_book::number(in, "signal"));
  // The turn's message is a `done`, which may name another event.
  const auto* turn = find(x.cause);
  const auto* message = turn == nullptr ? nullptr : find(turn->cause);
  won.is_told = false;
  for (const auto& known : event.signals)
    if (message != nullptr && known.at.record == message->sequence) {
      won = known;
      won.at = moment_of(x);
    }
  if (won.source == 0)
    won.source = source_of(x);
  event.winner = won;
  event.slack_ns = signed_of(in, "slack");
}

void fact_reader::on_flush_begin(const record& x, const content& in) {
  auto& flush = named(schema_book::number(in, "event")).flush_begin;
  flush.at = moment_of(x);
  flush.lines = schema_book::number(in, "lines");
  flush.bytes = schema_book::number(in, "bytes");
  flush.lease = schema_book::number(in, "lease");
  flush.is_breaker_open = schema_book::number(in, "is_breaker_open") != 0;
  flush.budget_ns = signed_of(in, "budget");
  flush.breaker_opened = breaker_opened_;
}

void fact_reader::on_flush_end(const record& x, const content& in) {
  auto& flush = named(schema_book::number(in, "event")).flush_end;
  flush.at = moment_of(x);
  flush.lines = schema_book::number(in, "lines");
  flush.bytes = schema_book::number(in, "bytes");
  flush.why = static_cast<flush_end_why>(schema_book::number(in, "why"));
  flush.credentials_wanted = credentials_wanted_;
}

void fact_reader::on_ledger(const record& x, const content& in) {
  auto& books = named(schema_book::number(in, "event")).ledger;
  books.at = moment_of(x);
  books.received = schema_book::number(in, "received");
  books.accepted = schema_book::number(in, "accepted");
  books.held = schema_book::number(in, "held");
  books.all_received = schema_book::number(in, "all_received");
  books.all_accepted = schema_book::number(in, "all_accepted");
  books.all_dropped = schema_book::number(in, "all_dropped");
  books.all_held = schema_book::number(in, "all_held");
  books.platform_records = schema_book::number(in, "platform_records");
  books.platform_bytes = schema_book::number(in, "platform_bytes");
  if (const auto* dropped = schema_book::find(in, "dropped"))
    for (const auto& each : dropped->elements)
      books.dropped.push_back(each.number);
}

void fact_reader::on_dropped(const record& x, const content& in) {
  drop_fact drop;
  drop.at = moment_of(x);
  drop.event = schema_book::number(in, "event");
  drop.reason = schema_book::number(in, "reason");
  drop.lines = schema_book::number(in, "lines");
  now().drops.push_back(drop);
  facts_.is_idling =
      facts_.is_idling
      || drop.reason == static_cast<uint64_t>(apm::drop_reason::no_server);
}

void fact_reader::on_buffer(const record& x, const content& in) {
  level_fact level;
  level.at = moment_of(x);
  level.lines = schema_book::number(in, "lines");
  level.bytes = schema_book::number(in, "bytes");
  level.bytes_max = schema_book::number(in, "bytes_max");
  level.inbox_bytes = schema_book::number(in, "inbox_bytes");
  auto& peak = now().peak;
  if (!peak.at || level.bytes > peak.bytes)
    peak = level;
}

void fact_reader::on_post(const record& x, const content& in) {
  phases_ = {};
  phases_.phases_record = x.sequence;
  phases_.is_reused = schema_book::number(in, "is_reused") != 0;
  phases_.name_us = bounded(signed_of(in, "name_us"), 48);
  phases_.connect_us = bounded(signed_of(in, "connect_us"), 48);
  phases_.tls_us = bounded(signed_of(in, "tls_us"), 48);
  phases_.first_byte_us = bounded(signed_of(in, "first_byte_us"), 48);
  phases_.total_us = bounded(signed_of(in, "total_us"), 48);
}

void fact_reader::on_breaker(const record& x, const content& in) {
  const bool is_open = schema_book::number(in, "is_open") != 0;
  now().breaker.push_back({moment_of(x), is_open, signed_of(in, "probe_at")});
  if (!is_open)
    breaker_opened_ = {};
  else if (!breaker_opened_)
    breaker_opened_ = moment_of(x);
}

void fact_reader::on_verdict(const record& x, const content& in) {
  auto& verdict = named(schema_book::number(in, "event")).verdict;
  verdict.at = moment_of(x);
  verdict.outcomes = schema_book::number(in, "outcomes");
  verdict.lost = schema_book::number(in, "lost");
  verdict.delayed = schema_book::number(in, "delayed");
  verdict.rejected = schema_book::number(in, "rejected");
}

// -- who lived ----------------------------------------------------------------

void fact_reader::on_born(const record& x) {
  const auto who = role_of(x.actor);
  if (who != role::forwarder && who != role::processor && who != role::timer)
    return;
  child_fact born;
  born.role = who == role::forwarder   ? child_role::forwarder
              : who == role::processor ? child_role::processor
                                       : child_role::timer;
  born.actor = x.actor.value;
  born.born = moment_of(x);
  if (const auto asked = asked_early_.extract(x.actor.value))
    born.asked_to_end = asked.mapped();
  by_child_[x.actor.value] = {current_, now().children.size()};
  now().children.push_back(born);
}

void fact_reader::on_exited(const record& x, const content& in) {
  auto unread = waiting_.find(x.actor.value);
  if (auto* who = child(x.actor.value)) {
    who->exited = moment_of(x);
    who->category = schema_book::number(in, "category");
    who->code = schema_book::number(in, "code");
    if (unread != waiting_.end())
      for (const auto& [sequence, message] : unread->second) {
        const std::string_view type =
            message.type == nullptr ? "" : message.type;
        if (type != "batch" && type != "telemetry_work")
          continue;
        who->unread.push_back(sequence);
        who->had_batch_unread = who->had_batch_unread || type == "batch";
        who->had_telemetry_unread =
            who->had_telemetry_unread || type == "telemetry_work";
      }
  }
  if (unread != waiting_.end())
    waiting_.erase(unread);
}

void fact_reader::note_unread(const record& x, bool is_batch) {
  auto* who = child(x.actor.value);
  if (who == nullptr || !who->exited)
    return;
  who->unread.push_back(x.sequence);
  who->had_batch_unread = who->had_batch_unread || is_batch;
  who->had_telemetry_unread = who->had_telemetry_unread || !is_batch;
}

child_fact* fact_reader::child(uint64_t actor) noexcept {
  const auto found = by_child_.find(actor);
  return found == by_child_.end() ? nullptr
                                  : &facts_.events[found->second.event]
                                         .children[found->second.index];
}

} // namespace flushtrace
