// When the COORDINATOR has credentials fetched from AWS, and what waits for
// them: shipping, and requests that agents make through us. The secrets
// themselves never come here.
#include "actors/coordinator/coordinator_state.hpp"
#include "actors/guard.hpp"
#include "runtime/delivery/judgement.hpp"

#include <utility>

namespace apm {

namespace {

/// A secret that is wrong for good must not cost a fetch with each invocation.
constexpr std::chrono::minutes refresh_interval{1};

/// Agents make one such request at their start, and others every few minutes.
constexpr size_t waiting_relays_max = 8;

/// A function may wait for its agent's request. Secrets usually come within
/// 100 ms.
constexpr std::chrono::milliseconds relay_wait{500};

} // namespace

void coordinator_state::want_credentials() {
  if (!world_.credentials || is_idling())
    return;
  doubts_credentials_ = false;
  // Whatever failed with the old ones may succeed with others.
  has_failed_ = false;
  awaited_credentials_ = ++last_credentials_;
  self_->send(world_.credentials, credentials_wanted{awaited_credentials_});
}

void coordinator_state::doubt_credentials(const delivery& outcome) {
  const bool may_lack_them = lacks_credentials_ && outcome.is_server_failing;
  if (!world_.credentials || awaits_credentials()
      || (!is_credentials_refusal(outcome.status) && !may_lack_them))
    return;
  doubts_credentials_ = true;
  // At an invocation's end the fetch would fall into the freeze: it waits for
  // the next event to begin. After SHUTDOWN none does.
  if (phase_ == phase::running || event_.kind == event_kind::shutdown)
    refresh_credentials();
}

void coordinator_state::refresh_credentials() {
  if (!doubts_credentials_ || awaits_credentials())
    return;
  const auto now = world_.time->now();
  if (refreshed_at_ && now - *refreshed_at_ < refresh_interval)
    return;
  refreshed_at_ = now;
  want_credentials();
}

bool coordinator_state::wait_for_credentials(const agent_relay& x) {
  if (!awaits_credentials() || !do_relays_wait_
      || waiting_relays_.size() == waiting_relays_max)
    return false;
  if (waiting_relays_.empty())
    self_->send(world_.timers,
                timer_set{relay_timer, world_.time->now() + relay_wait});
  waiting_relays_.push_back(x);
  return true;
}

void coordinator_state::let_relays_go() {
  do_relays_wait_ = false;
  if (waiting_relays_.empty())
    return;
  self_->send(world_.timers, timer_cancel{relay_timer});
  for (const auto& waiting : std::exchange(waiting_relays_, {}))
    relay(waiting);
}

void coordinator_state::on_credentials(const credentials_ready& x) {
  if (x.id != awaited_credentials_)
    return;
  awaited_credentials_ = 0;
  are_credentials_late_ = false;
  lacks_credentials_ = !x.failed.empty();
  for (const auto& variable : x.fetched)
    world_.log->debug("fetched what " + variable + " names");
  for (const auto& failure : x.failed)
    if (told_failures_.insert(failure).second)
      world_.log->warn(failure);
  let_relays_go();
  do_relays_wait_ = true;
  breaker_.end_grace(world_.time->now()); // others may be accepted
  if (phase_ == phase::running && (is_background() || breaker_.is_open()))
    ship(ship_moment::event_begin);
  proceed();
}

} // namespace apm
