// The three children of an event: spawned linked, replaced where one fails,
// counted out when the event ends.
#include "actors/apm_forwarder.hpp"
#include "actors/coordinator/coordinator_state.hpp"
#include "actors/guard.hpp"
#include "actors/log_processor.hpp"
#include "actors/timer.hpp"

namespace apm {

void coordinator_state::spawn_children() {
  spawn_forwarder();
  spawn_processor();
  timer_ = nullptr;
  if (event_.kind != event_kind::session)
    spawn_timer();
}

void coordinator_state::spawn_forwarder() {
  apm_forwarder_setup setup;
  setup.coordinator = self_;
  setup.server_url = setup_.config->server_url;
  setup.user_agent = user_agent();
  setup.limits = limits();
  if (!outlives_event())
    setup.deadline = event_.deadline;
  setup.compressor = setup_.compressor;
  forwarder_ = self_->spawn<caf::linked + caf::monitored>(apm_forwarder, world_,
                                                          std::move(setup));
  living_.insert(forwarder_.id());
}

void coordinator_state::spawn_processor() {
  log_processor_setup setup;
  setup.coordinator = self_;
  setup.sequence = event_.sequence;
  setup.kind = event_.kind;
  setup.awaited_request_id = event_.request_id;
  const bool awaits_one = event_.kind == event_kind::shutdown && !is_concurrent_
                          && !invocations_.empty();
  if (awaits_one)
    setup.awaited_request_id = invocations_.back().request_id;
  processor_ = self_->spawn<caf::linked + caf::monitored>(log_processor, world_,
                                                          std::move(setup));
  living_.insert(processor_.id());
}

void coordinator_state::spawn_timer() {
  timer_ = self_->spawn<caf::linked + caf::monitored>(
      timer, world_, invocation_coordinator_actor{self_}, event_.sequence,
      signal_deadline(event_, limits()));
  living_.insert(timer_.id());
}

void coordinator_state::give_next_telemetry() {
  if (phase_ != phase::running && phase_ != phase::flushing)
    return;
  const auto* next = inbox_.begin_next();
  if (next == nullptr)
    return;
  telemetry_work work;
  work.id = next->id;
  work.records = next->records;
  work.invocations.assign(invocations_.begin(), invocations_.end());
  work.is_concurrent = is_concurrent_;
  if (!is_concurrent_)
    work.starts = starts_;
  self_->send(processor_, std::move(work));
}

/// Its request goes on over the event's end.
void coordinator_state::drain_forwarder() {
  const auto id = forwarder_.id();
  self_->send(forwarder_, drain{event_.sequence});
  living_.erase(id);
  draining_.emplace(id, draining_forwarder{std::move(forwarder_), open_lease_});
  forwarder_ = nullptr;
  open_lease_ = 0;
}

void coordinator_state::end_forwarders() {
  self_->send_exit(forwarder_, caf::exit_reason::user_shutdown);
  forwarder_ = nullptr;
  for (const auto& [id, earlier] : draining_) {
    living_.insert(id);
    self_->send_exit(earlier.handle, caf::exit_reason::user_shutdown);
  }
}

void coordinator_state::on_child_ended(caf::actor_id id) {
  const auto drained = draining_.extract(id);
  if (drained)
    settle_unanswered(drained.mapped().lease);
  living_.erase(id);
  if (phase_ == phase::ending) {
    if (living_.empty())
      finish();
  } else if (drained) {
    if (phase_ == phase::running)
      ship(ship_moment::event_run); // what has waited for its end
    proceed();
  } else if (!(phase_ == phase::flushing && is_timer(id))) {
    replace_child(id);
  }
}

bool coordinator_state::is_timer(caf::actor_id id) const {
  return timer_ && timer_.id() == id;
}

/// A child failed in the middle of its event. What it was carrying is still
/// ours; only a batch of telemetry that the LOG PROCESSOR may have failed over
/// is given up, since it would fail again.
void coordinator_state::replace_child(caf::actor_id id) {
  if (is_timer(id))
    return spawn_timer();
  if (id == forwarder_.id()) {
    settle_unanswered(open_lease_);
    spawn_forwarder();
    return continue_flush();
  }
  if (const auto failed_over = inbox_.under_work()) {
    world_.log->error("gave up a delivery of telemetry",
                      {{"delivery", *failed_over}});
    inbox_.finish(*failed_over);
  }
  spawn_processor();
  give_next_telemetry();
  continue_flush();
}

} // namespace apm
