#include "actors/log_processor.hpp"

#include "actors/guard.hpp"
#include "runtime/formats/telemetry_json.hpp"

#include <algorithm>

namespace apm {

log_processor_actor::behavior_type
log_processor(log_processor_actor::stateful_pointer<log_processor_state> self,
              ports world, log_processor_setup setup) {
  guard(self, world.log);
  return {
      [=](const telemetry_work& work) {
        auto outcome = interpret_telemetry(work);
        const auto& ends = setup.kind == event_kind::invoke
                               ? outcome.runtime_done
                               : outcome.reported;
        const bool is_done =
            std::find(ends.begin(), ends.end(), setup.awaited_request_id)
            != ends.end();
        // The lines first: they belong to what is flushed when the event ends.
        self->send(setup.coordinator, std::move(outcome));
        if (is_done)
          self->send(setup.coordinator,
                     done{end_signal::runtime_done, setup.sequence});
      },
  };
}

} // namespace apm
