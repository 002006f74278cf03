#include "actors/log_processor.hpp"

#include "actors/guard.hpp"
#include "runtime/formats/telemetry_json.hpp"

#include <algorithm>

namespace apm {

namespace {

/// Whether the batch holds what the event waits for.
bool names(const telemetry_result& outcome, const log_processor_setup& setup) {
  if (setup.kind == event_kind::session)
    return false; // nothing waits for one of the invocations
  const auto& awaited = setup.awaited_request_id;
  if (setup.kind == event_kind::shutdown)
    return std::find(outcome.reported.begin(), outcome.reported.end(), awaited)
           != outcome.reported.end();
  return std::any_of(
      outcome.runtime_done.begin(), outcome.runtime_done.end(),
      [&](const runtime_end& x) { return x.request_id == awaited; });
}

} // namespace

log_processor_actor::behavior_type
log_processor(traced_pointer<log_processor_actor, log_processor_state> self,
              ports world, log_processor_setup setup) {
  guard(self, world.log);
  return {
      [=](const telemetry_work& work) {
        auto outcome = interpret_telemetry(work);
        const bool is_done = names(outcome, setup);
        // The lines first: they belong to what is flushed when the event ends.
        self->send(setup.coordinator, std::move(outcome));
        if (is_done)
          self->send(setup.coordinator,
                     done{end_signal::runtime_done, setup.sequence});
      },
  };
}

} // namespace apm
