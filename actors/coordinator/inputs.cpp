// What arrives at the COORDINATOR: agent data, telemetry, answers. Nothing here
// depends on whether an event is under way, except what is done with it next.
#include "actors/coordinator/coordinator_state.hpp"
#include "actors/guard.hpp"
#include "runtime/delivery/invocation_history.hpp"
#include "runtime/delivery/relay.hpp"
#include "runtime/formats/intake_scan.hpp"

#include <algorithm>

namespace apm {

namespace {

bool tells_an_end(const telemetry_record& x) {
  return x.type == "platform.runtimeDone" || x.type == "platform.report";
}

} // namespace

void coordinator_state::on_registered(const registered& x) {
  function_ = x;
  want_spilled();
  want_credentials();
}

// -- agent --------------------------------------------------------------------

void coordinator_state::on_intake(agent_intake x) {
  if (x.lines > 0) {
    ledger_.receive(event_.sequence, x.lines);
    if (is_idling()) {
      enter({{event_.sequence, false, drop_reason::no_server, x.lines}});
    } else {
      const auto seconds = drop_second_transactions(x);
      outbox_lines lines{event_.sequence, line_value::agent,
                         std::move(x.events), x.lines - seconds};
      take({std::move(x.metadata), std::move(x.user_agent)}, std::move(lines));
    }
    note_held();
    signals_.agent_seen();
  }
  for (const auto& seen : x.transactions)
    signals_.transaction_seen(seen.request_id);
  // The lines are in the outbox: that is what the answer says. Agents want
  // exactly this status, at once.
  if (x.id != 0)
    answer_agent(x.id, 202, "ok");
  if (x.is_flushed)
    take_flush_signal();
  proceed();
}

/// A transaction whose substitute is on its way already would be there twice.
/// @returns how many lines were taken out
uint32_t coordinator_state::drop_second_transactions(agent_intake& x) {
  uint32_t dropped = 0;
  for (const auto& seen : x.transactions) {
    if (!registry_.delivered(seen))
      continue;
    x.events = without_transaction(x.events, seen.id);
    ++dropped;
  }
  if (dropped > 0)
    enter({{event_.sequence, false, drop_reason::duplicate, dropped}});
  return dropped;
}

void coordinator_state::on_registration(transaction_registered x) {
  // Any answer but 200 ends registrations for the life of the agent.
  answer_agent(x.id, 200, {});
  if (is_idling())
    return;
  if (!x.metadata.empty())
    outbox_.show({x.metadata, x.user_agent});
  signals_.transaction_seen(x.request_id);
  signals_.agent_seen();
  registry_.add(std::move(x));
}

void coordinator_state::on_intake_open(uint32_t bodies) {
  is_intake_open_ = bodies > 0;
  proceed();
}

void coordinator_state::answer_agent(uint64_t id, uint16_t status,
                                     std::string_view text) {
  self_->send(world_.agent_listener,
              listener_answer{id,
                              status,
                              {{"Content-Type", "text/plain; charset=utf-8"}},
                              bytes{std::string{text}}});
}

void coordinator_state::take_flush_signal() {
  if (phase_ == phase::idle) {
    signals_.flush_between_events();
    return;
  }
  if (!signals_.is_flush_current()) {
    world_.log->debug("flush signal of an earlier invocation",
                      {{"faas.execution", event_.request_id}});
    return;
  }
  if (phase_ == phase::running && event_.kind == event_kind::invoke)
    self_->send(forwarder_, agent_signal{event_.sequence});
}

void coordinator_state::on_relay(const agent_relay& x) {
  if (is_idling() || breaker_.is_open()) {
    http_response none;
    none.failure = http_failure::connect;
    none.detail = is_idling() ? "none is configured" : "it has just failed";
    self_->send(world_.agent_listener, make_relay_answer(none, x.id));
    return;
  }
  if (!wait_for_credentials(x))
    relay(x);
}

void coordinator_state::relay(const agent_relay& x) {
  const auto user_agent_text = user_agent();
  const relay_target target{setup_.config->server_url, user_agent_text,
                            limits().forwarder_timeout};
  const auto id = next_relay_++;
  relays_.emplace(id, x.id);
  self_->send(world_.http, make_relay_request(x, id, target));
}

void coordinator_state::on_relay_answer(const http_response& x) {
  if (auto node = relays_.extract(x.id))
    self_->send(world_.agent_listener, make_relay_answer(x, node.mapped()));
}

/// Under `syncflush` nothing is in flight when the next event is asked for.
void coordinator_state::drop_relays() {
  http_response dropped;
  dropped.failure = http_failure::cancelled;
  dropped.detail = "no answer before the invocation's end";
  for (const auto& [id, agent_request] : relays_) {
    self_->send(world_.http, http_cancel{id});
    self_->send(world_.agent_listener,
                make_relay_answer(dropped, agent_request));
  }
  relays_.clear();
  if (waiting_relays_.empty())
    return;
  self_->send(world_.timers, timer_cancel{relay_timer});
  for (const auto& waiting : waiting_relays_)
    self_->send(world_.agent_listener, make_relay_answer(dropped, waiting.id));
  waiting_relays_.clear();
}

void coordinator_state::on_refused(const input_refused& x) {
  world_.log->warn("refused a request of the " + x.listener + ": " + x.reason,
                   {{"http.response.status_code", static_cast<int>(x.status)},
                    {"http.request.body.bytes", x.body_bytes}});
}

// -- telemetry ----------------------------------------------------------------

void coordinator_state::on_telemetry(telemetry_batch x) {
  const uint16_t status = is_idling() || may_take(x) ? 200 : 503;
  self_->send(world_.telemetry_listener, listener_answer{x.id, status, {}, {}});
  if (status == 503 || is_idling())
    return;
  if (!inbox_.add(std::move(x)))
    return;
  note_held();
  give_next_telemetry();
}

/// The platform sends again what is not answered 200, and nothing else before
/// it. So that is for a moment: while room is about to come. What tells of an
/// invocation's end is taken in any case, as is all while the server is away;
/// then the oldest log lines make room.
bool coordinator_state::may_take(const telemetry_batch& x) {
  const auto size = inbox_.held_bytes() + x.body_bytes;
  make_room(size);
  if (outbox_.has_room(size))
    return true;
  const bool is_awaited =
      std::any_of(x.records.begin(), x.records.end(), tells_an_end);
  const bool is_room_coming = !breaker_.is_open() && !awaits_credentials()
                              && x.body_bytes <= setup_.config->buffer_bytes;
  // Few at once: what is to be read is in memory, too.
  const bool is_little = inbox_.empty() || size <= spill_file_bytes();
  return is_little && (is_awaited || !is_room_coming);
}

void coordinator_state::on_telemetry_result(const telemetry_result& x) {
  if (!inbox_.finish(x.id))
    return; // done twice: its LOG PROCESSOR was replaced meanwhile
  starts_ = x.starts;
  learn_invocations();
  for (const auto& end : x.runtime_done)
    registry_.runtime_ended(end, world_.time->now());
  if (!x.reported.empty()) {
    last_reported_ = x.reported.back();
    trim_invocations(invocations_, x.reported,
                     is_concurrent_ ? concurrent_invocations_max
                                    : known_invocations_max);
  }
  add_own(line_value::log, x.log_lines, x.log_count);
  add_own(line_value::metric, x.metric_lines, x.metric_count);
  // Told in the totals alone: a line of our log for each would come back too.
  ledger_.ignore_extension_records(x.extension_records);
  ledger_.lose_at_platform(x.dropped_records, x.dropped_bytes);
  if (x.dropped_records > 0)
    world_.log->warn("the platform dropped telemetry before it reached us",
                     {{"dropped_records", x.dropped_records},
                      {"dropped_bytes", x.dropped_bytes},
                      {"reason", x.dropped_reason}});
  if (x.unusable_records > 0)
    world_.log->warn("telemetry records of an unknown form",
                     {{"records", static_cast<int64_t>(x.unusable_records)},
                      {"detail", x.unusable_detail}});
  note_held(); // a delivery may have come to no line
  give_next_telemetry();
  // A LOG PROCESSOR waits for one report; here it may take several.
  const bool is_last_report = is_concurrent_ && phase_ == phase::running
                              && event_.kind == event_kind::shutdown
                              && !awaits_report();
  if (is_last_report)
    return end_by(end_signal::runtime_done);
  proceed();
}

/// Under Managed Instances only the stream says that an invocation has begun.
void coordinator_state::learn_invocations() {
  if (!is_concurrent_)
    return;
  for (const auto& start : starts_) {
    const bool is_known =
        std::any_of(invocations_.begin(), invocations_.end(),
                    [&](const invocation_facts& known) {
                      return known.request_id == start.request_id;
                    });
    if (!is_known)
      invocations_.push_back({event_.sequence, start.request_id,
                              own_function_arn(), start.started_us / 1000, 0,
                              false});
  }
  trim_invocations(invocations_, {}, concurrent_invocations_max);
}

void coordinator_state::add_own(line_value value, const bytes& lines,
                                uint32_t count) {
  if (count == 0)
    return;
  hold({}, {event_.sequence, value, lines, count});
}

void coordinator_state::hold(const line_source& source, outbox_lines lines) {
  ledger_.receive(lines.sequence, lines.count);
  take(source, std::move(lines));
  note_held();
}

// -- deliveries ---------------------------------------------------------------

void coordinator_state::on_delivery(const delivery& x) {
  settle(x);
  doubt_credentials(x);
  if (!x.detail.empty())
    world_.log->warn(x.detail, {{"held_lines", held_lines()}});
  if (phase_ == phase::running)
    ship(ship_moment::event_run);
  proceed();
}

} // namespace apm
