// What the COORDINATOR notes in the actor trace, and its verdict on each flush.
#include "actors/coordinator/coordinator_state.hpp"
#include "runtime/formats/intake_lines.hpp"
#include "runtime/formats/json_write.hpp"
#include "runtime/trace/export_choice.hpp"

namespace apm {

namespace {

using trace::note;
using trace::record_kind;

/// Why a flush has ended, as the trace's format numbers it.
enum class flush_end_reason : uint8_t {
  nothing_left,
  server_fails,
  out_of_time,
  put_off,
  overtaken,
};

int64_t in_ns(std::chrono::nanoseconds x) {
  return x.count();
}

} // namespace

void coordinator_state::note_event() const {
  note(world_.trace, record_kind::event_begin, event_.sequence, event_.kind,
       event_.request_id, in_ns(event_.deadline.time_since_epoch()));
}

void coordinator_state::note_late(const done& x) const {
  note(world_.trace, record_kind::late_signal, x.sequence, x.signal,
       event_.sequence);
}

void coordinator_state::note_flush_begin() const {
  if (world_.trace == nullptr)
    return;
  note(world_.trace, record_kind::winner, event_.sequence, winner_,
       in_ns(event_.deadline - ended_at_));
  note(world_.trace, record_kind::flush_begin, event_.sequence,
       outbox_.held_lines(), outbox_.held_bytes(), open_lease_,
       breaker_.is_open(), in_ns(flush_ends_at() - ended_at_));
}

void coordinator_state::note_flush_end() const {
  if (world_.trace == nullptr)
    return;
  auto why = flush_end_reason::out_of_time;
  if (overtaking_)
    why = flush_end_reason::overtaken;
  else if (outbox_.held_lines() == 0)
    why = flush_end_reason::nothing_left;
  else if (outlives_event())
    why = flush_end_reason::put_off;
  else if (has_failed_ || breaker_.is_open())
    why = flush_end_reason::server_fails;
  note(world_.trace, record_kind::flush_end, event_.sequence,
       outbox_.held_lines(), outbox_.held_bytes(), why);
}

void coordinator_state::enter(const std::vector<line_fate>& fates) {
  ledger_.apply(fates);
  if (world_.trace == nullptr)
    return;
  for (const auto& fate : fates)
    if (!fate.is_accepted)
      note(world_.trace, record_kind::dropped, fate.sequence, fate.reason,
           fate.lines);
  note(world_.trace, record_kind::buffer, outbox_.held_lines(),
       outbox_.held_bytes(), setup_.config->buffer_bytes, inbox_.held_bytes());
}

void coordinator_state::note_breaker() const {
  note(world_.trace, record_kind::breaker, breaker_.is_open(),
       in_ns(breaker_.probe_at().time_since_epoch()));
}

// -- the verdict --------------------------------------------------------------

void coordinator_state::judge_event() {
  flush_facts facts;
  facts.kind = event_.kind;
  facts.is_background = is_background();
  facts.before = books_before_;
  facts.now = ledger_.total();
  facts.held = held_lines();
  facts.is_spilled = static_cast<bool>(world_.spill);
  verdict_ = judge_flush(facts);
  books_before_ = ledger_.total();
  if (world_.trace == nullptr)
    return;
  const auto books = ledger_.of(event_.sequence);
  const auto& total = ledger_.total();
  note(world_.trace, record_kind::ledger, event_.sequence, books.received,
       books.accepted, books.dropped, held_lines(event_.sequence),
       total.received, total.accepted, total.dropped_total(), facts.held,
       ledger_.platform().records, ledger_.platform().bytes);
  if (verdict_.is_missed())
    note(world_.trace, record_kind::verdict, event_.sequence,
         uint64_t{verdict_.outcomes}, verdict_.lost, verdict_.delayed,
         verdict_.rejected);
}

void coordinator_state::tell_tracer() {
  if (!world_.tracer || is_idling())
    return;
  const bool is_last = event_.kind == event_kind::shutdown;
  if (trace::is_exported(setup_.config->trace, setup_.config->trace_sample,
                         event_.sequence, verdict_.is_missed())) {
    self_->send(world_.tracer, flush_finding{event_.sequence, event_.request_id,
                                             verdict_.outcomes, is_last});
    is_export_due_ = true;
  }
  if (verdict_.is_missed() && !is_last)
    untold_ = missed_flush{event_, winner_, verdict_};
}

/// A line of log for the APM Server, so that a fleet can be searched where its
/// data already is.
void coordinator_state::tell_missed_flush() {
  if (!world_.tracer)
    return;
  if (std::exchange(is_export_due_, false))
    self_->send(world_.tracer, export_due{event_.sequence});
  if (!untold_)
    return;
  const auto& missed = *untold_;
  const auto outcomes = describe_outcomes(missed.verdict.outcomes);
  const std::string message = "missed flush: " + outcomes;
  std::string labels;
  json_object out{labels};
  out.string("missed_flush", outcomes);
  out.string("flush_ended_by", to_string(missed.winner));
  out.integer("flush_event", static_cast<int64_t>(missed.event.sequence));
  out.integer("flush_lost_lines", static_cast<int64_t>(missed.verdict.lost));
  out.integer("flush_delayed_lines",
              static_cast<int64_t>(missed.verdict.delayed));
  out.integer("flush_rejected_lines",
              static_cast<int64_t>(missed.verdict.rejected));
  out.end();
  log_line line;
  line.message = message;
  line.timestamp_us = world_.time->wall() * 1000;
  line.function_arn = missed.event.function_arn;
  line.request_id = missed.event.request_id;
  line.level = "warn";
  line.labels = labels;
  std::string text;
  append_log_line(text, line);
  untold_.reset();
  add_own(line_value::log, bytes{std::move(text)}, 1);
}

} // namespace apm
