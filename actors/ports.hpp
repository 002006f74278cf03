// What an actor can reach of the world, handed to it when it is spawned.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/clock.hpp"
#include "runtime/log/log.hpp"
#include "runtime/random.hpp"
#include "runtime/recording/traced.hpp"

#include <functional>

namespace apm {

/// *Ownership:* the application's; what the pointers point to outlives all
/// actors.
struct ports {
  http_client_actor http;
  timers_actor timers;
  listener_actor agent_listener;
  listener_actor telemetry_listener;
  application_actor application;
  credentials_actor credentials; ///< none: nothing is fetched from AWS
  spill_actor spill;   ///< none: what is undelivered ends with the process
  tracer_actor tracer; ///< none: nobody wants to know of missed flushes
  const clock* time = nullptr;
  random_source* random = nullptr;
  apm::log* log = nullptr;
  /// Is told what we hold whenever that changes; none: nobody keeps it.
  std::function<void(const held_figures&)> note_held;
  trace::recorder* trace = nullptr; ///< null: nothing is recorded
};

} // namespace apm
