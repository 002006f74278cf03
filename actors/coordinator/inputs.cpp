// What arrives at the COORDINATOR: agent data, telemetry, answers. Nothing here
// depends on whether an event is under way, except what is done with it next.
#include "actors/coordinator/coordinator_state.hpp"
#include "actors/guard.hpp"
#include "runtime/delivery/invocation_history.hpp"
#include "runtime/delivery/relay.hpp"

namespace apm {

void coordinator_state::on_registered(const registered& x) {
  function_ = x;
}

// -- agent --------------------------------------------------------------------

void coordinator_state::on_intake(agent_intake x) {
  if (x.lines > 0) {
    ledger_.receive(event_.sequence, x.lines);
    if (is_idling()) {
      ledger_.apply(
          {{event_.sequence, false, drop_reason::no_server, x.lines}});
    } else {
      outbox_lines lines{event_.sequence, line_value::agent,
                         std::move(x.events), x.lines};
      ledger_.apply(outbox_.add(
          {std::move(x.metadata), std::move(x.user_agent)}, std::move(lines)));
    }
    signals_.agent_seen();
  }
  for (const auto& seen : x.transactions)
    signals_.transaction_seen(seen.request_id);
  answer_agent(x.id);
  if (x.is_flushed)
    take_flush_signal();
  proceed();
}

void coordinator_state::answer_agent(uint64_t id) {
  // The lines are in the outbox: that is what the answer says. Agents want
  // exactly this status, at once.
  self_->send(world_.agent_listener,
              listener_answer{id,
                              202,
                              {{"Content-Type", "text/plain; charset=utf-8"}},
                              bytes{"ok"}});
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
  if (is_idling() || health_.is_failing()) {
    http_response none;
    none.failure = http_failure::connect;
    none.detail = is_idling() ? "none is configured" : "it has just failed";
    self_->send(world_.agent_listener, make_relay_answer(none, x.id));
    return;
  }
  const auto authorization_text = authorization();
  const auto user_agent_text = user_agent();
  const relay_target target{setup_.config->server_url, authorization_text,
                            user_agent_text, limits().forwarder_timeout};
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
}

void coordinator_state::on_refused(const input_refused& x) {
  world_.log->warn("refused a request of the " + x.listener + ": " + x.reason,
                   {{"http.response.status_code", static_cast<int>(x.status)},
                    {"http.request.body.bytes", x.body_bytes}});
}

// -- telemetry ----------------------------------------------------------------

void coordinator_state::on_telemetry(telemetry_batch x) {
  // The platform sends again what is not answered 200.
  const bool has_room = outbox_.has_room(inbox_.held_bytes() + x.body_bytes);
  const uint16_t status = has_room || is_idling() ? 200 : 503;
  self_->send(world_.telemetry_listener, listener_answer{x.id, status, {}, {}});
  if (status == 503 || is_idling())
    return;
  if (inbox_.add(std::move(x)))
    give_next_telemetry();
}

void coordinator_state::on_telemetry_result(const telemetry_result& x) {
  if (!inbox_.finish(x.id))
    return; // done twice: its LOG PROCESSOR was replaced meanwhile
  starts_ = x.starts;
  if (!x.reported.empty()) {
    last_reported_ = x.reported.back();
    trim_invocations(invocations_, x.reported);
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
  give_next_telemetry();
  proceed();
}

void coordinator_state::add_own(line_value value, const bytes& lines,
                                uint32_t count) {
  if (count == 0)
    return;
  ledger_.receive(event_.sequence, count);
  ledger_.apply(outbox_.add_own({event_.sequence, value, lines, count}));
}

// -- deliveries ---------------------------------------------------------------

void coordinator_state::on_delivery(const delivery& x) {
  settle(x);
  if (!x.detail.empty())
    world_.log->warn(x.detail, {{"held_lines", outbox_.held_lines()}});
  if (phase_ == phase::running)
    ship(ship_moment::event_run);
  proceed();
}

} // namespace apm
