// The course of one event: begin, the first *done*, flush, end.
#include "actors/coordinator/coordinator_state.hpp"
#include "actors/guard.hpp"
#include "runtime/delivery/invocation_history.hpp"
#include "runtime/formats/intake_lines.hpp"

namespace apm {

namespace {

// Ids of the COORDINATOR's timers.
constexpr uint64_t ship_timer = 1;
constexpr uint64_t flush_timer = 2;

std::string_view to_string(end_signal signal) {
  switch (signal) {
  case end_signal::agent_flushed:
    return "agent_flushed";
  case end_signal::runtime_done:
    return "runtime_done";
  case end_signal::deadline:
    return "deadline";
  }
  return "unknown";
}

} // namespace

void coordinator_state::start(ports world, coordinator_setup setup) {
  world_ = std::move(world);
  setup_ = std::move(setup);
  outbox_ = outbox{setup_.config->buffer_bytes};
}

// -- begin --------------------------------------------------------------------

void coordinator_state::on_event(lambda_event x) {
  poller_ = caf::actor_cast<lifecycle_poller_actor>(self_->current_sender());
  if (phase_ == phase::idle)
    return begin(std::move(x));
  // The process is told to end in the middle of an event, which has no more
  // time: what it holds is the next one's to flush.
  overtaking_ = std::move(x);
  if (phase_ == phase::running) {
    winner_ = end_signal::deadline;
    ended_at_ = world_.time->now();
  }
  if (phase_ != phase::ending)
    begin_ending();
}

void coordinator_state::begin(lambda_event event) {
  event_ = std::move(event);
  has_failed_ = false;
  if (is_idling())
    return finish();
  phase_ = phase::running;
  bool is_flushed = false;
  if (event_.kind == event_kind::invoke) {
    is_flushed = signals_.event_began(event_.request_id);
    invocations_.push_back({event_.sequence, event_.request_id,
                            event_.function_arn, event_.received_ms,
                            event_.deadline_ms});
    trim_invocations(invocations_);
  }
  spawn_children();
  if (is_flushed)
    self_->send(forwarder_, agent_signal{event_.sequence});
  give_next_telemetry();
  if (event_.kind == event_kind::shutdown) {
    if (!awaits_report())
      return end_by(end_signal::runtime_done);
    return ship(ship_moment::shutdown); // while the report is on its way
  }
  // What an earlier event left goes out while the function works: under
  // `background` that is how all data goes, else it is the probe.
  if (is_background() || health_.is_failing())
    ship(ship_moment::event_begin);
  arm_ship_timer();
}

/// Whether the platform's report on the last invocation is still to come.
bool coordinator_state::awaits_report() const {
  return function_.telemetry != telemetry_api::none && !invocations_.empty()
         && invocations_.back().request_id != last_reported_;
}

// -- done ---------------------------------------------------------------------

void coordinator_state::on_done(const done& x) {
  if (x.sequence != event_.sequence || phase_ != phase::running) {
    world_.log->debug("late signal", {{"signal", to_string(x.signal)}});
    return;
  }
  end_by(x.signal);
}

void coordinator_state::end_by(end_signal signal) {
  winner_ = signal;
  ended_at_ = world_.time->now();
  phase_ = phase::flushing;
  self_->send_exit(timer_, caf::exit_reason::user_shutdown);
  if (is_background() && event_.kind == event_kind::invoke)
    return begin_ending();
  self_->send(world_.timers,
              timer_set{flush_timer, flush_end(event_, ended_at_, limits())});
  continue_flush();
}

// -- flush --------------------------------------------------------------------

void coordinator_state::proceed() {
  if (phase_ == phase::flushing)
    return continue_flush();
  if (phase_ != phase::running)
    return;
  if (event_.kind == event_kind::shutdown) {
    if (!has_failed_)
      ship(ship_moment::shutdown);
  } else if (outbox_.free_bytes() >= ship_bytes) {
    ship(ship_moment::event_run);
  }
  arm_ship_timer();
}

void coordinator_state::continue_flush() {
  if (phase_ != phase::flushing || inbox_.under_work())
    return; // the LOG PROCESSOR's result is a turn away
  const auto moment = event_.kind == event_kind::shutdown
                          ? ship_moment::shutdown
                          : ship_moment::event_end;
  const bool is_worth_it = health_.allows(moment) && !has_failed_;
  if (is_worth_it && open_lease_ != 0)
    return; // its answer is what we wait for
  if (is_worth_it && outbox_.has_free_lines())
    return ship(moment);
  if (event_.kind == event_kind::shutdown && !draining_.empty())
    return; // what an earlier event left under way may come back to us
  begin_ending();
}

void coordinator_state::ship(ship_moment moment) {
  if (open_lease_ != 0 || !forwarder_ || !health_.allows(moment))
    return;
  auto leased = outbox_.lease(own_source());
  if (!leased)
    return;
  open_lease_ = leased->lease;
  self_->send(forwarder_, std::move(*leased));
}

void coordinator_state::settle(const delivery& outcome) {
  ledger_.apply(outbox_.settle(outcome, setup_.config->delivery));
  const bool is_of_this_event = outcome.lease == open_lease_;
  if (is_of_this_event)
    open_lease_ = 0;
  if (outcome.is_server_failing) {
    health_.failed();
    has_failed_ = has_failed_ || is_of_this_event;
  } else {
    health_.succeeded();
  }
}

/// Its FORWARDER has ended; unless the answer came before, there is none.
void coordinator_state::settle_unanswered(uint64_t lease) {
  if (!outbox_.is_leased(lease))
    return;
  delivery unanswered;
  unanswered.lease = lease;
  unanswered.outcome = delivery_outcome::ambiguous;
  unanswered.is_server_failing = true;
  settle(unanswered);
}

void coordinator_state::arm_ship_timer() {
  if (phase_ != phase::running || is_ship_timer_set_ || open_lease_ != 0
      || !outbox_.has_free_lines() || !health_.allows(ship_moment::event_run))
    return;
  is_ship_timer_set_ = true;
  self_->send(world_.timers,
              timer_set{ship_timer, world_.time->now() + ship_interval});
}

void coordinator_state::on_timer(uint64_t id) {
  if (id == flush_timer) {
    if (phase_ == phase::flushing)
      begin_ending();
    return;
  }
  is_ship_timer_set_ = false;
  if (phase_ == phase::running)
    ship(ship_moment::event_run);
}

// -- end ----------------------------------------------------------------------

void coordinator_state::begin_ending() {
  const bool is_draining = is_background() && event_.kind == event_kind::invoke;
  phase_ = phase::ending;
  self_->send(world_.timers, timer_cancel{ship_timer});
  self_->send(world_.timers, timer_cancel{flush_timer});
  is_ship_timer_set_ = false;
  if (is_draining) {
    drain_forwarder();
  } else {
    drop_relays();
    end_forwarders();
  }
  self_->send_exit(processor_, caf::exit_reason::user_shutdown);
  self_->send_exit(timer_, caf::exit_reason::user_shutdown);
  if (living_.empty())
    finish();
}

void coordinator_state::finish() {
  settle_unanswered(open_lease_);
  inbox_.restart();
  signals_.event_ended();
  report_event();
  phase_ = phase::idle;
  ledger_.fold_before(event_.sequence);
  self_->send(poller_, event_done{event_.sequence});
  if (overtaking_) {
    auto next = std::move(*overtaking_);
    overtaking_.reset();
    begin(std::move(next));
  }
}

void coordinator_state::report_event() const {
  if (is_idling())
    return;
  const auto held =
      std::chrono::duration<double, std::milli>{world_.time->now() - ended_at_};
  const auto books = ledger_.of(event_.sequence);
  const auto left = outbox_.held_lines();
  // A clean invocation is nobody's news; one that leaves lines behind, or the
  // last, is.
  const bool is_last = event_.kind == event_kind::shutdown;
  const bool is_news = is_last || (left > 0 && !is_background());
  world_.log->write(
      is_news ? log_level::info : log_level::debug,
      is_last ? "shutdown" : "invocation over",
      {{"faas.execution", event_.request_id},
       {"ended_by", to_string(winner_)},
       {"held_ms", held.count()},
       {"received_lines", books.received},
       {"accepted_lines", books.accepted},
       {"dropped_lines", books.dropped_total()},
       {"held_lines", left},
       {"total_received_lines", ledger_.total().received},
       {"total_accepted_lines", ledger_.total().accepted},
       {"total_dropped_lines", ledger_.total().dropped_total()},
       {"platform_dropped_records", ledger_.platform().records},
       {"platform_dropped_bytes", ledger_.platform().bytes},
       {"ignored_extension_records", ledger_.ignored_extension_records()}});
}

// -- what we say of ourselves -------------------------------------------------

line_source coordinator_state::own_source() const {
  const auto& config = *setup_.config;
  metadata_facts facts;
  facts.service_name = config.service_name.empty() ? function_.function_name
                                                   : config.service_name;
  facts.service_version = config.service_version.empty()
                              ? function_.function_version
                              : config.service_version;
  facts.service_environment = config.service_environment;
  facts.agent_version = setup_.version;
  facts.region = config.region;
  facts.account_id = function_.account_id;
  return {bytes{make_metadata_line(facts)}, {}};
}

std::string coordinator_state::authorization() const {
  const auto& config = *setup_.config;
  if (!config.api_key.empty())
    return "ApiKey " + config.api_key;
  if (!config.secret_token.empty())
    return "Bearer " + config.secret_token;
  return {};
}

std::string coordinator_state::user_agent() const {
  return "apm-lambda-extension/" + setup_.version;
}

flush_limits coordinator_state::limits() const {
  return {setup_.config->flush_margin, setup_.config->forwarder_timeout};
}

bool coordinator_state::is_background() const {
  return setup_.config->strategy == send_strategy::background;
}

} // namespace apm
