// Wiring the actors for replay; see replay_world.hpp. As in
// runtime/app/extension.cpp, but for the ports, which do nothing of their own.
#include "tools/flushtrace/replay/replay_world.hpp"

#include "actors/coordinator/invocation_coordinator.hpp"
#include "actors/guard.hpp"
#include "actors/lifecycle_poller.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>

#include "caf/actor_system_config.hpp"
#include "caf/logger.hpp"
#include "caf/send.hpp"
#include "caf/stateful_actor.hpp"
#include "caf/typed_event_based_actor.hpp"

namespace flushtrace {

namespace {

using apm::traced_port_pointer;
using apm::trace::actor_reference;

/// Worlds that one actor system has before it is made anew.
constexpr uint64_t worlds_per_host = 20'000;

/// Who the recorder asks is a function without an object.
thread_local world_driver* asked_for_anchor = nullptr;

apm::trace::clock_readings read_anchor() {
  return asked_for_anchor->anchor();
}

apm::trace::recorder_setup recorder_setup_for(const world_setup& setup,
                                              world_host& host,
                                              const apm::clock& time) {
  apm::trace::recorder_setup made;
  made.memory = host.ring(setup.slots, made.bytes);
  made.process_id = setup.process_id;
  made.read_clocks = read_anchor;
  made.time = &time;
  made.hash_key = 1; // an original's is nowhere
  made.payload = setup.payload;
  return made;
}

struct http_client_name {
  static inline const char* name = "http_client";
};
struct timers_name {
  static inline const char* name = "timers";
};
struct agent_listener_name {
  static inline const char* name = "agent_listener";
};
struct telemetry_listener_name {
  static inline const char* name = "telemetry_listener";
};
struct application_name {
  static inline const char* name = "application";
};
struct credentials_name {
  static inline const char* name = "credentials";
};
struct spill_name {
  static inline const char* name = "spill";
};
struct tracer_name {
  static inline const char* name = "tracer";
};

} // namespace

world_host::config::config() {
  // Loaded, as the static build's CAF has no scheduler to be chosen by name.
  module_factories.emplace_back(
      [](caf::actor_system& system) -> caf::actor_system::module* {
        return new caf::scheduler::test_coordinator(system);
      });
  put(content, "logger.console", caf::atom("none"));
  put(content, "logger.file-verbosity", caf::atom("quiet"));
}

world_host::world_host()
    : system_(config_),
      scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(
          system_.scheduler())) {}

void world_host::freed::operator()(char* x) const noexcept {
  std::free(x);
}

char* world_host::ring(size_t slots, size_t& bytes) {
  bytes = apm::trace::ring_writer::ring_bytes(slots);
  if (bytes > ring_bytes_) {
    ring_.reset(static_cast<char*>(std::calloc(bytes, 1)));
    if (!ring_)
      throw std::bad_alloc{};
    ring_bytes_ = bytes;
  }
  return ring_.get();
}

void world_host::release_ring(size_t used_slots) noexcept {
  const auto used = apm::trace::ring_writer::ring_bytes(used_slots);
  std::memset(ring_.get(), 0, std::min(used, ring_bytes_));
}

world_host& world_hosts::next() {
  if (worlds_++ % worlds_per_host == 0) {
    host_.reset(); // its memory first
    host_ = std::make_unique<world_host>();
  }
  return *host_;
}

replay_world::replay_world(world_host& host, const world_setup& setup,
                           world_driver& driver)
    : host_(host),
      setup_(setup),
      driver_(driver),
      clock_(driver),
      random_(driver),
      recorder_((asked_for_anchor = &driver,
                 recorder_setup_for(setup, host, clock_))),
      actors_(recorder_),
      recorded_clock_(clock_, &recorder_),
      recorded_random_(random_, &recorder_),
      log_(clock_, apm::log_level::off, [](std::string_view) {}) {
  actors_.filter_by(*this);
  host_.record(actors_);
  for (const auto& [name, parent] : setup.roles)
    recorder_.role(name, parent);
  spawn_ports();
  spawn_actors();
}

replay_world::~replay_world() {
  is_ending_ = true;
  for (auto& actor : owned_)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  host_.scheduler().run();
  known_.clear();
  owned_.clear();
  // One more than was written: its sequence counts from 1.
  host_.release_ring(
      std::min<size_t>(recorder_.ring().next_sequence() + 1, setup_.slots));
}

template <class... Ts>
auto replay_world::spawn(Ts&&... xs) {
  auto handle = host_.system().spawn(std::forward<Ts>(xs)...);
  owned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
  return handle;
}

template <class Handle, class Name, class... Messages>
Handle replay_world::stand_in() {
  return spawn(
      [this](traced_port_pointer<Handle, Name> self) ->
      typename Handle::behavior_type {
        apm::guard(self, &log_);
        return {[this, self](const Messages& x) {
          if (!is_ending_)
            driver_.on_port_turn({Name::name, &x, self->current_sender()});
        }...};
      });
}

void replay_world::spawn_ports() {
  using namespace apm;
  world_.http = stand_in<http_client_actor, http_client_name, http_request,
                         http_cancel, sandbox_restored>();
  world_.timers =
      stand_in<timers_actor, timers_name, timer_set, timer_cancel>();
  world_.agent_listener =
      stand_in<listener_actor, agent_listener_name, listener_answer>();
  world_.telemetry_listener =
      stand_in<listener_actor, telemetry_listener_name, listener_answer>();
  world_.application =
      stand_in<application_actor, application_name, lifecycle_ended>();
  if (setup_.has_credentials)
    world_.credentials =
        stand_in<credentials_actor, credentials_name, credentials_wanted,
                 fetch_ended, timer_fired>();
  if (setup_.has_spill) {
    world_.spill =
        stand_in<spill_actor, spill_name, spill_store, spill_wanted>();
    world_.note_held = [](const held_figures&) {};
  }
  if (setup_.has_tracer)
    world_.tracer =
        stand_in<tracer_actor, tracer_name, flush_finding, export_due>();
  world_.time = &recorded_clock_;
  world_.random = &recorded_random_;
  world_.log = &log_;
  world_.trace = &recorder_;
}

void replay_world::spawn_actors() {
  using namespace apm;
  coordinator_setup coordination;
  coordination.config = &setup_.config;
  coordination.compressor = &host_.compressor();
  coordination.version = setup_.version;
  coordinator_ = spawn(invocation_coordinator, world_, coordination);
  using actor = std::remove_pointer_t<coordinator_state::self_pointer>;
  auto* control = caf::actor_cast<caf::strong_actor_ptr>(coordinator_)->get();
  coordinator_state_ = &static_cast<actor*>(control)->state;
  lifecycle_poller_setup polling;
  polling.coordinator = coordinator_;
  polling.runtime_api = setup_.config.runtime_api;
  polling.extension_name = setup_.extension_name;
  polling.is_managed =
      setup_.config.initialization_type == "lambda-managed-instances";
  polling.telemetry_port = setup_.telemetry_port;
  polling.telemetry_types = {"platform"};
  if (setup_.config.captures_logs)
    polling.telemetry_types.emplace_back("function");
  poller_ = spawn(lifecycle_poller, world_, polling);
}

void replay_world::tell_coordinator(caf::message content) {
  caf::actor_cast<caf::strong_actor_ptr>(coordinator_)
      ->enqueue(nullptr, caf::make_message_id(), std::move(content), nullptr);
}

void replay_world::tell_poller(caf::message content) {
  caf::actor_cast<caf::strong_actor_ptr>(poller_)->enqueue(
      nullptr, caf::make_message_id(), std::move(content), nullptr);
}

/// Looks for one who is new: it has waited for its first turn for the longest
/// time of all of its role.
replay_world::inhabitant replay_world::meet(actor_reference who) const {
  if (who.role() == 0 || who.role() > setup_.roles.size())
    return {};
  const auto name = setup_.roles[who.role() - 1].first;
  for (auto* job : host_.scheduler().jobs) {
    auto* actor = dynamic_cast<caf::scheduled_actor*>(job);
    auto* traced = dynamic_cast<apm::traced_actor*>(job);
    if (actor != nullptr && traced != nullptr && actor->name() == name
        && traced->reference().value == who.value)
      return {caf::actor_cast<caf::strong_actor_ptr>(
                  static_cast<caf::abstract_actor*>(actor)),
              job};
  }
  return {};
}

const replay_world::inhabitant& replay_world::find(actor_reference who) {
  auto& found = known_[who.value];
  if (found.job == nullptr)
    found = meet(who);
  return found;
}

bool replay_world::deliver(actor_reference to, caf::message content) {
  const auto& actor = find(to).handle;
  if (!actor)
    return false;
  actor->enqueue(nullptr, caf::make_message_id(), std::move(content), nullptr);
  return true;
}

bool replay_world::run(actor_reference who) {
  auto* job = find(who).job;
  const auto at = std::find(jobs().begin(), jobs().end(), job);
  if (job == nullptr || at == jobs().end())
    return false;
  run(static_cast<size_t>(at - jobs().begin()));
  return true;
}

void replay_world::run(size_t job) {
  // Each time that CAF spawns it makes this thread one that logs: then it keeps
  // who speaks, behind a lock, for a log that nobody writes.
  caf::logger::set_current_actor_system(nullptr);
  auto& scheduler = host_.scheduler();
  scheduler.clock().current_time = driver_.now();
  const auto at = scheduler.jobs.begin() + static_cast<long>(job);
  std::rotate(scheduler.jobs.begin(), at, at + 1);
  scheduler.try_run_once();
}

} // namespace flushtrace
