#include "runtime/loop/loop.hpp"

#include <algorithm>
#include <iostream>

#include "caf/actor_config.hpp"
#include "caf/deep_to_string.hpp"
#include "caf/make_actor.hpp"
#include "caf/monitorable_actor.hpp"

namespace apm {

namespace {

/// How many turns run before the sockets are looked at again: enough to let an
/// invocation's handful of messages through in one go, few enough that a flood
/// of messages cannot starve the deadline timer.
constexpr int turns_between_polls = 64;

/// Stands where CAF would start a printer thread. Only CAF's own default
/// handlers print, so a line here is a defect of ours that should be seen.
class stderr_printer final : public caf::monitorable_actor {
public:
  explicit stderr_printer(caf::actor_config& config)
      : monitorable_actor(config) {}

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    std::cerr << caf::deep_to_string(what->content()) << '\n';
  }
};

} // namespace

wall_ms turn_clock::wall() const noexcept {
  if (!is_wall_read_) {
    wall_ = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count();
    is_wall_read_ = true;
  }
  return wall_;
}

loop::loop(caf::actor_system& system)
    : abstract_coordinator(system), actor_clock_(time_), unit_(*this) {
  time_.begin_turn();
}

void loop::start() {
  caf::actor_config config{&unit_};
  utility_actors_[printer_id] = caf::make_actor<stderr_printer, caf::actor>(
      system().next_actor_id(), system().node(), &system(), config);
}

void loop::stop() {
  actor_clock_.cancel_all();
  while (!jobs_.empty())
    run_one_turn();
}

void loop::run() {
  is_running_ = true;
  while (is_running_)
    run_round(reactor::for_ever);
  // What was sent before the end is not lost: files of SPILL, say.
  while (!jobs_.empty())
    run_one_turn();
}

bool loop::run_round(std::chrono::milliseconds wait_max) {
  const int ready = look_at_sockets(wait_max);
  time_.begin_turn();
  timers_.fire(time_.now());
  int turns = 0;
  for (; turns < turns_between_polls && !jobs_.empty(); ++turns)
    run_one_turn();
  return ready > 0 || turns > 0;
}

/// Sockets before timers: after a thaw every timer is overdue, and an answer
/// that arrived during the freeze must not lose against its own time-out.
int loop::look_at_sockets(std::chrono::milliseconds wait_max) {
  using std::chrono::milliseconds;
  const auto due = timers_.next_due();
  const milliseconds at_once{0};
  if (!jobs_.empty())
    return reactor_.poll(at_once);
  if (due == steady_time::max())
    return reactor_.poll(wait_max);
  const auto left =
      std::chrono::ceil<milliseconds>(due - std::chrono::steady_clock::now());
  const bool is_wait_cut = wait_max != reactor::for_ever && wait_max < left;
  const int ready =
      reactor_.poll(is_wait_cut ? wait_max : std::max(left, at_once));
  // A wait that ran out was perhaps one that a freeze lay in.
  return ready > 0 || left <= at_once ? ready : reactor_.poll(at_once);
}

void loop::run_one_turn() {
  auto* job = jobs_.front();
  jobs_.pop_front();
  time_.begin_turn();
  switch (job->resume(&unit_, 1)) { // one message: that is what a turn is
  case caf::resumable::resume_later:
    jobs_.push_back(job);
    break;
  case caf::resumable::done:
  case caf::resumable::awaiting_message:
    caf::intrusive_ptr_release(job);
    break;
  case caf::resumable::shutdown_execution_unit:
    break;
  }
}

} // namespace apm
