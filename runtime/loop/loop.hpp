// The loop: a scheduler for CAF that runs every actor on the thread that calls
// `run`, one message a turn, with one reading of the clocks a turn, and waits
// in the reactor. HTTP in, HTTP out and signals are its watchers, so the world
// enters only between turns and the order of all that happens is total.
//
//   config.load<apm::loop>();
//   caf::actor_system system{config};
//   auto& loop = apm::loop::of(system);
//   loop.run(); // until loop.quit()
#pragma once

#include "runtime/clock.hpp"
#include "runtime/loop/reactor.hpp"
#include "runtime/loop/timer_queue.hpp"

#include <chrono>
#include <deque>

#include "caf/actor_system.hpp"
#include "caf/detail/simple_actor_clock.hpp"
#include "caf/execution_unit.hpp"
#include "caf/resumable.hpp"
#include "caf/scheduler/abstract_coordinator.hpp"

namespace apm {

/// Both clocks, read when a turn begins. The wall clock is read when a turn
/// first asks for it, since few do.
class turn_clock final : public clock {
public:
  void begin_turn() noexcept {
    now_ = std::chrono::steady_clock::now();
    is_wall_read_ = false;
  }

  steady_time now() const noexcept override { return now_; }

  wall_ms wall() const noexcept override;

private:
  steady_time now_{};
  mutable wall_ms wall_ = 0;
  mutable bool is_wall_read_ = false;
};

class loop final : public caf::scheduler::abstract_coordinator {
public:
  explicit loop(caf::actor_system& system);

  /// The loop of a system whose configuration loaded it.
  static loop& of(caf::actor_system& system) {
    return static_cast<loop&>(system.scheduler());
  }

  apm::reactor& reactor() noexcept { return reactor_; }

  timer_queue& timers() noexcept { return timers_; }

  const turn_clock& time() const noexcept { return time_; }

  /// Every watcher of the reactor calls this first: what enters from the world
  /// is a turn of its own, with its own reading of the clocks.
  void enter() noexcept { time_.begin_turn(); }

  /// Runs actors, timers and I/O until `quit` is called.
  void run();

  /// One round of it: sockets, timers, then messages. Where there is none of
  /// these it waits so long at most. @returns whether a socket was ready or a
  /// message taken
  bool run_round(std::chrono::milliseconds wait_max);

  /// Ends `run` after the round under way.
  void quit() noexcept { is_running_ = false; }

  // -- CAF's module interface --

  static caf::actor_system::module* make(caf::actor_system& system,
                                         caf::detail::type_list<>) {
    return new loop(system);
  }

  caf::actor_clock& clock() noexcept override { return actor_clock_; }

  bool detaches_utility_actors() const override { return false; }

  void start() override;

  /// Runs what is still queued, so that ending actors can end.
  void stop() override;

  void enqueue(caf::resumable* job) override { jobs_.push_back(job); }

private:
  /// CAF's own clock. No actor of ours sets a timer on it (they use the TIMERS
  /// port), so it is never fired; it only tells the time of the turn.
  class caf_clock final : public caf::detail::simple_actor_clock {
  public:
    explicit caf_clock(const turn_clock& time) : time_(time) {}

    time_point now() const noexcept override { return time_.now(); }

  private:
    const turn_clock& time_;
  };

  class unit final : public caf::execution_unit {
  public:
    explicit unit(loop& owner)
        : execution_unit(&owner.system()), owner_(owner) {}

    void exec_later(caf::resumable* job) override { owner_.enqueue(job); }

  private:
    loop& owner_;
  };

  void run_one_turn();

  int look_at_sockets(std::chrono::milliseconds wait_max);

  apm::reactor reactor_;
  turn_clock time_;
  timer_queue timers_;
  caf_clock actor_clock_;
  unit unit_;
  std::deque<caf::resumable*> jobs_;
  bool is_running_ = false;
};

} // namespace apm
