// The extension's own actors under virtual time, wired as the extension wires
// them, with stand-ins for its ports and a ring of its own in memory. Who lives
// here does nothing unless it is told to: `deliver` puts a message into a
// mailbox, `run` lets one actor take one turn.
//
//   world_hosts hosts;
//   replay_world world{hosts.next(), setup, driver};
//   world.deliver(who, message);
//   world.run(who);
#pragma once

#include "actors/coordinator/coordinator_state.hpp"
#include "runtime/formats/compression.hpp"
#include "runtime/recording/recorded_sources.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "caf/actor_system.hpp"
#include "caf/message.hpp"
#include "caf/scheduler/test_coordinator.hpp"

namespace flushtrace {

/// What a port was sent. *Ownership:* of the mailbox, for the turn.
using port_message =
    std::variant<const apm::http_request*, const apm::http_cancel*,
                 const apm::sandbox_restored*, const apm::timer_set*,
                 const apm::timer_cancel*, const apm::listener_answer*,
                 const apm::lifecycle_ended*, const apm::credentials_wanted*,
                 const apm::fetch_ended*, const apm::timer_fired*,
                 const apm::spill_store*, const apm::spill_wanted*,
                 const apm::flush_finding*, const apm::export_due*>;

/// A turn of a port.
struct port_turn {
  std::string_view port; ///< its role: `http_client`
  port_message message;
  caf::strong_actor_ptr from; ///< null: nobody
};

/// What the world asks of whoever drives it.
class world_driver {
public:
  virtual ~world_driver() = default;

  virtual apm::steady_time now() const noexcept = 0;

  /// Of the turn under way, as are the two below.
  virtual apm::wall_ms wall() noexcept = 0;
  virtual uint64_t draw() noexcept = 0;
  virtual apm::trace::clock_readings anchor() noexcept = 0;

  /// A port has a turn: what it sends in it is to be delivered now.
  virtual void on_port_turn(const port_turn& x) = 0;

  /// A message is about to be put into a mailbox.
  virtual void on_message(caf::mailbox_element& x) = 0;
};

/// What the extension was started with, or is to be.
struct world_setup {
  apm::settings config;
  std::string extension_name;
  std::string version;
  uint16_t telemetry_port = 0; ///< 0: no subscription
  bool has_credentials = false;
  bool has_spill = false;
  bool has_tracer = false;
  apm::trace::payload_mode payload = apm::trace::payload_mode::shape;
  uint32_t process_id = 0;
  size_t slots = 0; ///< of its ring
  /// Names and parents of roles, by their numbers from 1. *Ownership:* they
  /// outlive the world.
  std::vector<std::pair<std::string_view, uint8_t>> roles;
};

/// What worlds can have one after the other, since it takes longer to make than
/// they live: CAF's actor system, tables for packing, and memory for a ring.
class world_host {
public:
  world_host();

  caf::actor_system& system() noexcept { return system_; }

  caf::scheduler::test_coordinator& scheduler() noexcept { return scheduler_; }

  apm::gzip_compressor& compressor() noexcept { return compressor_; }

  /// From now on actors are recorded there.
  void record(apm::actor_recorder& to) noexcept { config_.recording = &to; }

  /// Zeros. *Shape:* as long as a ring of so many slots.
  char* ring(size_t slots, size_t& bytes);

  /// The ring is needed no more; so much of it was used.
  void release_ring(size_t used_slots) noexcept;

private:
  struct config : apm::recording_config {
    config();
  };

  struct freed {
    void operator()(char* x) const noexcept;
  };

  config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  apm::gzip_compressor compressor_{0}; // the sooner for it
  std::unique_ptr<char, freed> ring_;
  size_t ring_bytes_ = 0;
};

/// A host for as many worlds as there are, one after the other: anew now and
/// then, as its numbers for actors grow.
class world_hosts {
public:
  /// *Ownership:* until the next call.
  world_host& next();

private:
  std::unique_ptr<world_host> host_;
  uint64_t worlds_ = 0;
};

class replay_world : private apm::message_filter {
public:
  /// @param host for this world alone while it lives; outlives it, as do the
  /// @param setup and the
  /// @param driver
  replay_world(world_host& host, const world_setup& setup,
               world_driver& driver);

  ~replay_world() override;

  replay_world(const replay_world&) = delete;
  replay_world& operator=(const replay_world&) = delete;

  /// @returns whether there is such an actor
  bool deliver(apm::trace::actor_reference to, caf::message content);

  /// Lets an actor have its turn. @returns whether it had something to do
  bool run(apm::trace::actor_reference who);

  /// Those who wait for a turn, in the order in which they began to.
  const std::deque<caf::resumable*>& jobs() const noexcept {
    return host_.scheduler().jobs;
  }

  /// Lets one of them have its turn.
  void run(size_t job);

  /// Puts a message into the mailbox of one of the two that live always.
  void tell_coordinator(caf::message content);
  void tell_poller(caf::message content);

  const apm::coordinator_state& coordinator() const noexcept {
    return *coordinator_state_;
  }

  apm::trace::recorder& recorder() noexcept { return recorder_; }

  /// All that was recorded, as a ring.
  std::string_view image() const noexcept { return recorder_.ring().image(); }

private:
  /// Time as the driver says.
  struct driven_clock final : apm::clock {
    explicit driven_clock(world_driver& by) : driver(by) {}
    apm::steady_time now() const noexcept override { return driver.now(); }
    apm::wall_ms wall() const noexcept override { return driver.wall(); }
    world_driver& driver;
  };

  struct driven_random final : apm::random_source {
    explicit driven_random(world_driver& by) : driver(by) {}
    uint64_t next() noexcept override { return driver.draw(); }
    world_driver& driver;
  };

  void pass(caf::mailbox_element& x) override {
    if (!is_ending_)
      driver_.on_message(x);
  }

  /// A port that does what its driver says, whatever it is sent.
  template <class Handle, class Name, class... Messages>
  Handle stand_in();

  template <class... Ts>
  auto spawn(Ts&&... xs);

  void spawn_ports();
  void spawn_actors();

  /// One who lives here.
  struct inhabitant {
    caf::strong_actor_ptr handle;
    caf::resumable* job = nullptr; ///< the same, as the scheduler has it
  };

  /// *Shape:* without `job`, where there is no such actor.
  const inhabitant& find(apm::trace::actor_reference who);
  inhabitant meet(apm::trace::actor_reference who) const;

  world_host& host_;
  const world_setup& setup_;
  world_driver& driver_;
  driven_clock clock_;
  driven_random random_;
  apm::trace::recorder recorder_;
  apm::actor_recorder actors_;
  apm::recorded_clock recorded_clock_;
  apm::recorded_random recorded_random_;
  apm::log log_;
  bool is_ending_ = false;
  apm::ports world_;
  std::vector<caf::strong_actor_ptr> owned_;
  std::map<uint32_t, inhabitant> known_;
  apm::invocation_coordinator_actor coordinator_;
  const apm::coordinator_state* coordinator_state_ = nullptr; ///< its own
  apm::lifecycle_poller_actor poller_;
};

} // namespace flushtrace
