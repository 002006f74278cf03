// Living through one order of events; see explored_life.hpp.
#include "tools/flushtrace/explore/explored_life.hpp"

#include "runtime/config/configuration_report.hpp"
#include "runtime/trace/segment.hpp"
#include "tools/flushtrace/explore/hashing.hpp"
#include "tools/flushtrace/explore/steps.hpp"
#include "tools/flushtrace/units.hpp"

#include "caf/make_message.hpp"
#include "caf/scheduled_actor.hpp"

namespace flushtrace {

namespace {

using apm::trace::entry_kind;
using apm::trace::record_kind;

/// Of its ring: a life of an invocation takes some 400.
constexpr size_t slots_per_invocation = 2048;
constexpr size_t slots_beside = 2048;

/// Turns in a row without anything entering: they would never end.
constexpr int turns_max = 10'000;

world_setup setup_of(const scenario& x, apm::trace::payload_mode payload) {
  world_setup setup;
  setup.payload = payload;
  auto& config = setup.config;
  config.server_url = "http://apm.example";
  config.runtime_api = "127.0.0.1:9001";
  config.function_name = config.service_name = "explored";
  config.initialization_type = "on-demand";
  config.strategy = x.strategy;
  config.delivery = x.delivery;
  config.sends_self_metrics = false;
  config.spills = false;
  setup.extension_name = "apm-lambda-extension";
  setup.version = APM_VERSION;
  setup.telemetry_port = 9002;
  setup.process_id = 1;
  setup.slots = slots_beside + x.invocations * slots_per_invocation;
  // The same numbers in every order.
  setup.roles = {{"http_client", 0},      {"timers", 0},
                 {"agent_listener", 0},   {"telemetry_listener", 0},
                 {"application", 0},      {"coordinator", 0},
                 {"lifecycle_poller", 0}, {"apm_forwarder", 6},
                 {"log_processor", 6},    {"timer", 6}};
  return setup;
}

/// The number from which the roles are no ports'.
constexpr uint8_t first_actor_role = 6;

bool is_port(caf::resumable* job) {
  auto* traced = dynamic_cast<apm::traced_actor*>(job);
  return traced != nullptr && traced->reference().role() < first_actor_role;
}

} // namespace

explored_life::explored_life(world_host& host, const scenario& of,
                             apm::trace::payload_mode payload)
    : scenario_(of),
      setup_(setup_of(of, payload)),
      model_(of),
      promises_(of, model_),
      world_(host, setup_, *this),
      cursor_(world_.image()) {
  settle(); // registration, up to the first request for an event
  find_actions();
}

// -- the world's questions ----------------------------------------------------

/// The middle of what is drawn: an order must not depend on chance.
uint64_t explored_life::draw() noexcept {
  constexpr uint64_t half = 500;
  return half;
}

apm::trace::clock_readings explored_life::anchor() noexcept {
  const auto monotonic = std::chrono::duration_cast<std::chrono::nanoseconds>(
                             model_.now().time_since_epoch())
                             .count();
  return {monotonic, model_.wall() * ns_per_ms, monotonic};
}

void explored_life::on_port_turn(const port_turn& x) {
  if (const auto* const* request =
          std::get_if<const apm::http_request*>(&x.message)) {
    if ((*request)->url.find("/event/next") != std::string::npos)
      promises_.event_over();
    auto answer = model_.take_request(**request, x.from);
    if (answer)
      x.from->enqueue(nullptr, caf::make_message_id(),
                      caf::make_message(std::move(*answer)), nullptr);
  } else if (const auto* const* cancel =
                 std::get_if<const apm::http_cancel*>(&x.message)) {
    model_.cancel_request((*cancel)->id, x.from);
  } else if (const auto* const* set =
                 std::get_if<const apm::timer_set*>(&x.message)) {
    model_.set_timer(**set, x.from);
  } else if (const auto* const* unset =
                 std::get_if<const apm::timer_cancel*>(&x.message)) {
    model_.cancel_timer((*unset)->id, x.from);
  } else if (x.port == "agent_listener") {
    promises_.answered();
  } else if (std::get_if<const apm::lifecycle_ended*>(&x.message) != nullptr) {
    promises_.event_over();
    model_.end();
  }
}

// -- the course of it ---------------------------------------------------------

void explored_life::take(const action& x) {
  taken_.push_back(x);
  if (x.kind == action_kind::turn)
    world_.run(size_t{x.which});
  else
    enter(x);
  look();
  scenario_.order == order_kind::loop ? settle() : run_ports();
  find_actions();
}

void explored_life::enter(const action& x) {
  history_.enters(mix(static_cast<uint64_t>(x.kind),
                      static_cast<uint64_t>(x.how), x.which,
                      model_.fingerprint()));
  auto out = model_.enter(x, world_.coordinator().is_ending());
  if (out.content.empty())
    return;
  if (out.to)
    out.to->enqueue(nullptr, caf::make_message_id(), std::move(out.content),
                    nullptr);
  else
    world_.tell_coordinator(std::move(out.content));
}

/// As the loop does: until nobody has anything to do.
void explored_life::settle() {
  for (int i = 0; !world_.jobs().empty(); ++i) {
    if (i == turns_max)
      return promises_.stuck();
    world_.run(size_t{0});
    look();
  }
}

/// Ports take what they are sent at once.
void explored_life::run_ports() {
  for (size_t i = 0; i < world_.jobs().size();) {
    if (!is_port(world_.jobs()[i])) {
      ++i;
      continue;
    }
    world_.run(i);
    look();
    i = 0;
  }
}

void explored_life::look() {
  while (const auto* x = cursor_.next()) {
    ++records_;
    history_.note(*x);
    promises_.note(*x);
  }
  promises_.after_turn(world_.coordinator());
}

void explored_life::find_actions() {
  actions_.clear();
  if (!violation().empty())
    return;
  const bool is_at_rest = world_.jobs().empty();
  if (is_at_rest)
    promises_.at_rest(model_.agent_requests());
  for (uint8_t i = 0; i < world_.jobs().size() && i < UINT8_MAX; ++i)
    actions_.push_back({action_kind::turn, i, {}});
  model_.add_actions(actions_, is_at_rest);
  if (actions_.empty())
    promises_.at_end(world_.coordinator());
  if (!violation().empty())
    actions_.clear();
}

uint64_t explored_life::fingerprint() const {
  return mix(history_.fingerprint(), model_.fingerprint());
}

apm::result<std::string> explored_life::segment() {
  auto& recorder = world_.recorder();
  apm::trace::note(&recorder, record_kind::process_end, int64_t{0});
  recorder.seal();
  auto found = apm::trace::read_ring(world_.image());
  if (!found)
    return found.error();
  auto& content = found.value();
  for (const auto& row : apm::describe_changed_values(setup_.config))
    content.dictionary.push_back({entry_kind::configuration, 0, 0, row});
  for (const auto& fact :
       {std::string{"version="} + setup_.version, std::string{"payload=shape"},
        "extension=" + setup_.extension_name,
        "telemetry_port=" + std::to_string(setup_.telemetry_port),
        std::string{"reason=explored"}, "scenario=" + spell(scenario_),
        "steps=" + spell(taken_), "violation=" + violation()})
    content.dictionary.push_back({entry_kind::fact, 0, 0, fact});
  return apm::trace::write_segment(content);
}

} // namespace flushtrace
