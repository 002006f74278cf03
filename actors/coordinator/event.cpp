// The course of one event: begin, the first *done*, end; flush.cpp has what
// lies between.
#include "actors/coordinator/coordinator_state.hpp"
#include "actors/guard.hpp"
#include "runtime/delivery/invocation_history.hpp"
#include "runtime/formats/intake_lines.hpp"

#include <algorithm>

namespace apm {

namespace {

/// Such as "rejected 3, killed 2"; empty where nothing was dropped.
std::string reasons_of(const account& books) {
  std::string text;
  for (size_t i = 0; i < drop_reasons; ++i)
    if (books.dropped[i] > 0)
      text += (text.empty() ? "" : ", ")
              + std::string{to_string(static_cast<drop_reason>(i))} + ' '
              + std::to_string(books.dropped[i]);
  return text;
}

} // namespace

void coordinator_state::start(ports world, coordinator_setup setup) {
  world_ = std::move(world);
  setup_ = std::move(setup);
  outbox_ = outbox{setup_.config->buffer_bytes};
  breaker_ = circuit_breaker{setup_.config->shipping};
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
  retries_ = 0;
  note_event();
  if (is_idling())
    return finish();
  phase_ = phase::running;
  if (is_restored())
    renew();
  bool is_flushed = false;
  if (event_.kind == event_kind::invoke) {
    is_flushed = signals_.event_began(event_.request_id);
    invocations_.push_back({event_.sequence, event_.request_id,
                            event_.function_arn, event_.received_ms,
                            event_.deadline_ms});
    trim_invocations(invocations_);
  } else if (event_.kind == event_kind::session) {
    is_concurrent_ = true;
    registry_.run_concurrently();
    // Of no request: for records of those that have not shown their start.
    invocations_.push_back(
        {event_.sequence, {}, own_function_arn(), 0, 0, false});
  }
  refresh_credentials();
  spawn_children();
  tell_missed_flush();
  if (is_flushed)
    self_->send(forwarder_, agent_signal{event_.sequence});
  give_next_telemetry();
  if (event_.kind == event_kind::shutdown) {
    tell_loss();
    if (!awaits_report())
      return end_by(end_signal::runtime_done);
    return ship(ship_moment::shutdown); // while the report is on its way
  }
  // What an earlier event left goes out while the function works: under
  // `background` that is how all data goes, else it is the probe.
  if (is_background())
    add_substitutes(); // their agent has had a freeze's time to come
  if (is_background() || breaker_.is_open())
    ship(ship_moment::event_begin);
  ask_spill_room();
  fetch_spilled();
  arm_ship_timer();
}

/// Under SnapStart the process that registered is a snapshot: its first
/// invocation runs in a copy of it, perhaps weeks later.
bool coordinator_state::is_restored() const {
  return setup_.config->initialization_type == "snap-start"
         && event_.sequence == 1 && event_.kind == event_kind::invoke;
}

/// What the snapshot holds of the world is not the world's state any more.
void coordinator_state::renew() {
  self_->send(world_.http, sandbox_restored{event_.sequence});
  breaker_.succeeded(); // nothing is known of the server
  want_credentials();
}

/// Whether the platform's report on the last invocation is still to come, or,
/// where they run side by side, on any.
bool coordinator_state::awaits_report() const {
  if (function_.telemetry == telemetry_api::none || invocations_.empty())
    return false;
  if (!is_concurrent_)
    return invocations_.back().request_id != last_reported_;
  return std::any_of(invocations_.begin(), invocations_.end(),
                     [](const invocation_facts& known) {
                       return !known.request_id.empty() && !known.is_reported;
                     });
}

// -- done ---------------------------------------------------------------------

void coordinator_state::on_done(const done& x) {
  if (x.sequence != event_.sequence || phase_ != phase::running
      || event_.kind == event_kind::session) {
    note_late(x);
    world_.log->debug("late signal", {{"signal", to_string(x.signal)}});
    return;
  }
  end_by(x.signal);
}

void coordinator_state::end_by(end_signal signal) {
  winner_ = signal;
  ended_at_ = world_.time->now();
  phase_ = phase::flushing;
  note_flush_begin();
  if (event_.kind == event_kind::shutdown && !invocations_.empty())
    registry_.shut_down(event_.reason, invocations_.back().request_id,
                        event_.received_ms);
  self_->send_exit(timer_, caf::exit_reason::user_shutdown);
  if (outlives_event())
    return begin_ending();
  self_->send(world_.timers, timer_set{flush_timer, flush_ends_at()});
  continue_flush();
}

// -- end ----------------------------------------------------------------------

void coordinator_state::begin_ending() {
  phase_ = phase::ending;
  note_flush_end();
  self_->send(world_.timers, timer_cancel{ship_timer});
  self_->send(world_.timers, timer_cancel{flush_timer});
  if (is_substitute_timer_set_)
    self_->send(world_.timers, timer_cancel{substitute_timer});
  if (is_retry_timer_set_)
    self_->send(world_.timers, timer_cancel{retry_timer});
  if (is_probe_timer_set_)
    self_->send(world_.timers, timer_cancel{probe_timer});
  is_probe_timer_set_ = false;
  is_retry_timer_set_ = false;
  is_ship_timer_set_ = false;
  is_substitute_timer_set_ = false;
  if (outlives_event()) {
    drain_forwarder();
  } else {
    drop_relays();
    end_forwarders();
  }
  self_->send_exit(processor_, caf::exit_reason::user_shutdown);
  if (timer_)
    self_->send_exit(timer_, caf::exit_reason::user_shutdown);
  if (living_.empty())
    finish();
}

void coordinator_state::finish() {
  const bool is_last = event_.kind == event_kind::shutdown;
  if (is_last && is_fetching_)
    return; // what SPILL has taken from the disk is a turn away
  settle_unanswered(open_lease_);
  if (is_last)
    spill_rest();
  inbox_.restart();
  signals_.event_ended();
  judge_event();
  tell_tracer();
  report_event();
  note_self_metrics();
  phase_ = phase::idle;
  ledger_.fold_before(event_.sequence);
  self_->send(poller_, event_done{event_.sequence});
  if (world_.trace != nullptr)
    world_.trace->event_ended(event_.sequence);
  if (overtaking_) {
    auto next = std::move(*overtaking_);
    overtaking_.reset();
    begin(std::move(next));
  }
}

double coordinator_state::held_ms() const {
  return std::chrono::duration<double, std::milli>{world_.time->now()
                                                   - ended_at_}
      .count();
}

void coordinator_state::report_event() const {
  if (is_idling())
    return;
  const auto books = ledger_.of(event_.sequence);
  const auto left = held_lines();
  // A clean invocation is nobody's news; one whose flush was missed, or the
  // last, is.
  const bool is_last = event_.kind == event_kind::shutdown;
  const bool is_news = is_last || verdict_.is_missed();
  world_.log->write(
      is_news ? log_level::info : log_level::debug,
      is_last ? "shutdown" : "invocation over",
      {{"faas.execution", event_.request_id},
       {"ended_by", to_string(winner_)},
       {"flush", describe_outcomes(verdict_.outcomes)},
       {"held_ms", held_ms()},
       {"received_lines", books.received},
       {"accepted_lines", books.accepted},
       {"dropped_lines", books.dropped_total()},
       {"held_lines", left},
       {"spilled_lines", spilled_.held_lines() + spilled_.earlier_lines()},
       {"total_received_lines", ledger_.total().received},
       {"total_accepted_lines", ledger_.total().accepted},
       {"total_dropped_lines", ledger_.total().dropped_total()},
       {"total_dropped_reasons", reasons_of(ledger_.total())},
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

/// Lambda says it with each INVOKE, but there is none under Managed Instances.
/// Empty where a part is not known.
std::string coordinator_state::own_function_arn() const {
  const auto& region = setup_.config->region;
  if (region.empty() || function_.account_id.empty())
    return {};
  const std::string partition = region.rfind("cn-", 0) == 0       ? "aws-cn"
                                : region.rfind("us-gov-", 0) == 0 ? "aws-us-gov"
                                                                  : "aws";
  return "arn:" + partition + ":lambda:" + region + ':' + function_.account_id
         + ":function:" + function_.function_name;
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

bool coordinator_state::outlives_event() const {
  return event_.kind == event_kind::session
         || (event_.kind == event_kind::invoke && is_background());
}

} // namespace apm
