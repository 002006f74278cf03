// What is sent when: while an event runs, when it is over, at SHUTDOWN; and
// what becomes of it.
#include "actors/coordinator/coordinator_state.hpp"
#include "actors/guard.hpp"
#include "runtime/delivery/judgement.hpp"

#include <algorithm>

namespace apm {

namespace {

/// Requests of events that are over. A server that hangs would be asked once
/// more by each invocation until the first has timed out.
constexpr size_t draining_max = 2;

} // namespace

void coordinator_state::proceed() {
  if (phase_ == phase::flushing)
    return continue_flush();
  if (phase_ != phase::running)
    return;
  fetch_spilled();
  if (event_.kind == event_kind::shutdown) {
    if (!has_failed_)
      ship(ship_moment::shutdown);
  } else if (outbox_.free_bytes() >= setup_.config->shipping.ship_bytes) {
    ship(ship_moment::event_run);
  }
  arm_ship_timer();
}

/// Once it has begun.
steady_time coordinator_state::flush_ends_at() const {
  return flush_end(event_, ended_at_, limits(),
                   world_.spill ? outbox_.held_bytes() : 0);
}

void coordinator_state::continue_flush() {
  if (phase_ != phase::flushing || inbox_.under_work())
    return; // the LOG PROCESSOR's result is a turn away
  if (awaits_substitutes())
    return;
  const auto moment = event_.kind == event_kind::shutdown
                          ? ship_moment::shutdown
                          : ship_moment::event_end;
  const bool is_worth_it = may_ship(moment) && !has_failed_;
  fetch_spilled();
  if (is_worth_it && open_lease_ != 0)
    return; // its answer is what we wait for
  if (is_worth_it && is_fetching_)
    return; // what SPILL has read is a turn away, too
  if (is_worth_it && outbox_.has_free_lines()) {
    if (!awaits_credentials())
      return ship(moment);
    if (!are_credentials_late_ || moment == ship_moment::shutdown)
      return; // until they are there, or the flush's end
  }
  if (awaits_probe())
    return;
  if (event_.kind == event_kind::shutdown && !draining_.empty())
    return; // what an earlier event left under way may come back to us
  if (tries_again())
    return;
  begin_ending();
}

/// A probe that ends with its event says nothing, however often it is sent:
/// with a server that takes longer than an invocation the breaker would stay
/// open.
/// @returns whether its answer is to be expected in a moment
bool coordinator_state::awaits_probe() {
  const bool is_probe = event_.kind == event_kind::invoke && open_lease_ != 0
                        && breaker_.is_open() && !has_failed_;
  const auto until = ended_at_ + breaker_.patience();
  if (!is_probe || world_.time->now() >= until)
    return false;
  if (!is_probe_timer_set_) {
    is_probe_timer_set_ = true;
    self_->send(world_.timers, timer_set{probe_timer, until});
  }
  return true;
}

/// At SHUTDOWN a server that hiccups is asked again: nothing comes after it.
/// One that refuses our credentials is not, unless others are fetched.
/// @returns whether the flush waits for another try
bool coordinator_state::tries_again() {
  const bool is_due = event_.kind == event_kind::shutdown && has_failed_
                      && !are_credentials_refused_ && outbox_.has_free_lines()
                      && retries_ < setup_.config->shipping.shutdown_retries;
  if (!is_retry_timer_set_ && is_due) {
    is_retry_timer_set_ = true;
    self_->send(world_.timers,
                timer_set{retry_timer, world_.time->now()
                                           + setup_.config->shipping.first_retry
                                                 * (1U << retries_)});
    ++retries_;
  }
  return is_retry_timer_set_;
}

/// A transaction may have arrived together with the word that its runtime is
/// done: a timer that is due at once goes off after the sockets were read.
bool coordinator_state::awaits_substitutes() {
  const bool is_open = is_intake_open_ && event_.kind != event_kind::shutdown;
  if (!is_substitute_timer_set_
      && registry_.has_due(is_open, world_.time->now())) {
    is_substitute_timer_set_ = true;
    self_->send(world_.timers, timer_set{substitute_timer, world_.time->now()});
  }
  return is_substitute_timer_set_;
}

void coordinator_state::add_substitutes() {
  const bool is_open = is_intake_open_ && event_.kind != event_kind::shutdown;
  for (auto& x : registry_.take_due(invocations_, is_open, world_.time->now()))
    hold(x.source, {event_.sequence, line_value::agent, std::move(x.line), 1});
}

bool coordinator_state::may_ship(ship_moment moment) const {
  return breaker_.allows(moment, world_.time->now());
}

void coordinator_state::ship(ship_moment moment) {
  if (open_lease_ != 0 || !forwarder_ || awaits_credentials()
      || draining_.size() >= draining_max || !may_ship(moment))
    return;
  if (outbox_.has_free_lines())
    add_self_metrics();
  auto leased = outbox_.lease(own_source());
  if (!leased)
    return;
  open_lease_ = leased->lease;
  shipped_at_ = world_.time->now();
  note_held();
  self_->send(forwarder_, std::move(*leased));
}

void coordinator_state::settle(const delivery& outcome) {
  enter(outbox_.settle(outcome, setup_.config->delivery));
  const bool is_of_this_event = outcome.lease == open_lease_;
  if (is_of_this_event && !outcome.is_server_failing)
    breaker_.answered(world_.time->now() - shipped_at_);
  ++posts_;
  if (is_of_this_event)
    open_lease_ = 0;
  if (outcome.is_server_failing) {
    ++failed_posts_;
    breaker_.failed(world_.time->now(),
                    std::chrono::milliseconds{outcome.retry_after_ms},
                    world_.random->next());
    has_failed_ = has_failed_ || is_of_this_event;
    are_credentials_refused_ = is_credentials_refusal(outcome.status);
    note_breaker();
  } else {
    const bool was_open = breaker_.is_open();
    breaker_.succeeded();
    has_failed_ = has_failed_ && !is_of_this_event; // it is well again
    if (was_open)
      note_breaker();
  }
  note_held();
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
  const bool is_session = event_.kind == event_kind::session;
  const bool has_work =
      outbox_.has_free_lines() || (is_session && registry_.has_ended());
  if (phase_ != phase::running || is_ship_timer_set_ || open_lease_ != 0
      || !has_work)
    return;
  is_ship_timer_set_ = true;
  auto due = world_.time->now() + setup_.config->shipping.ship_interval;
  if (breaker_.is_open())
    due = std::max(due, breaker_.probe_at());
  self_->send(world_.timers, timer_set{ship_timer, due});
}

void coordinator_state::on_timer(uint64_t id) {
  if (id == flush_timer) {
    if (phase_ != phase::flushing)
      return;
    are_credentials_late_ = awaits_credentials();
    return begin_ending();
  }
  if (id == substitute_timer) {
    is_substitute_timer_set_ = false;
    if (phase_ == phase::idle)
      return;
    add_substitutes();
    return proceed();
  }
  if (id == relay_timer)
    return let_relays_go();
  if (id == probe_timer) {
    is_probe_timer_set_ = false;
    return continue_flush();
  }
  if (id == retry_timer) {
    is_retry_timer_set_ = false;
    has_failed_ = false;
    return proceed();
  }
  is_ship_timer_set_ = false;
  if (phase_ != phase::running)
    return;
  if (event_.kind == event_kind::session)
    add_substitutes(); // no event of its own ends for them
  ship(ship_moment::event_run);
  arm_ship_timer(); // for the next probe, where the breaker is open
}

} // namespace apm
