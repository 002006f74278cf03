// A world for actors in tests: virtual time, one message a step, and ports that
// record what is asked of them and answer when the test says so.
//
//   virtual_world world;
//   auto a = world.spawn(timer, world.ports(), coordinator, 1, world.now() +
//   5s); world.settle(); world.advance(5s);
//
// Nothing waits and nothing is random: `settle` drains every mailbox, `advance`
// fires each timer at its own due time.
#pragma once

#include "actors/ports.hpp"
#include "runtime/recording/recorded_sources.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "caf/actor_system.hpp"
#include "caf/actor_system_config.hpp"
#include "caf/scheduler/test_coordinator.hpp"
#include "caf/send.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace apm::test {

using namespace std::chrono_literals;

/// Draws what the test says.
struct scripted_random final : random_source {
  uint64_t next() noexcept override { return value; }

  uint64_t value = 0;
};

/// A request that is under way, and who waits for its answer.
struct open_request {
  http_request request;
  caf::actor_id from_id = 0;
  http_response_sink from;
};

class virtual_world : private clock {
public:
  virtual_world();

  ~virtual_world() override;

  /// What actors are spawned with.
  struct ports ports() const;

  template <class... Ts>
  auto spawn(Ts&&... xs) {
    auto handle = system_.spawn(std::forward<Ts>(xs)...);
    owned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }

  /// Records the actors that are spawned from now on, new ports, and what they
  /// are told of wall time and chance. To be called before `ports`.
  void record(actor_recorder& to);

  /// Runs every actor until no mailbox holds anything. Time stands still.
  void settle() { scheduler_.run(); }

  /// Runs one message of the `n`th actor that has one (modulo their number).
  /// @returns whether there was any
  bool step(size_t n = 0);

  /// Moves time on by `d` and settles, each timer firing at its own time.
  void advance(std::chrono::nanoseconds d);

  /// Moves time to the next timer, if there is one, and fires it. Does not
  /// settle.
  bool fire_next_timer();

  steady_time now() const noexcept override;

  wall_ms wall() const noexcept override;

  /// The request that is under way for `path`. Fails the test if there is none.
  open_request& open(const std::string& path);

  bool has_open(const std::string& path) const;

  /// Answers and forgets a request; does not settle.
  void answer(const std::string& path, http_response with);
  void answer_at(size_t index, http_response with);

  size_t armed_timers() const { return timers_.size(); }

  caf::actor_system& system() { return system_; }

  /// For those who say themselves who runs when.
  caf::scheduler::test_coordinator& scheduler() { return scheduler_; }

  // What the ports saw.
  std::deque<open_request> requests; ///< under way, oldest first
  std::vector<uint64_t> cancelled;   ///< ids
  /// Requests that were under way each time `event/next` was asked for:
  /// architecture rule 5 wants none under `syncflush`.
  std::vector<size_t> under_way_at_next;
  std::vector<listener_answer> agent_answers;
  std::vector<listener_answer> telemetry_answers;
  uint32_t restores = 0; ///< how often idle connections were to be closed
  std::optional<int32_t> exit_code;
  scripted_random random;
  std::string log_text;

private:
  struct config : recording_config {
    config();
  };

  struct armed_timer {
    steady_time due;
    uint64_t order = 0;
    timer_sink to;
  };

  void spawn_ports();

  config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  apm::log log_;
  struct ports ports_;
  std::optional<recorded_clock> recorded_clock_;
  std::optional<recorded_random> recorded_random_;
  std::map<std::pair<caf::actor_id, uint64_t>, armed_timer> timers_;
  uint64_t next_order_ = 0;
  std::vector<caf::strong_actor_ptr> owned_;
};

/// An answer of a peer.
http_response answered(uint16_t status, std::string body = {},
                       std::vector<http_header> headers = {});

/// A failure to get one.
http_response failed(http_failure how, bool may_have_arrived);

} // namespace apm::test
