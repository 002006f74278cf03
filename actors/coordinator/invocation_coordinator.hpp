// INVOCATION COORDINATOR: owns the outbox, the ledger and what arrives while no
// child lives. For each event it spawns APM FORWARDER, LOG PROCESSOR and TIMER,
// linked to it; the first *done* wins; then it flushes as the strategy says,
// ends the children by their links, waits until they are gone, and tells the
// POLLER.
//
//   idle --event--> running --done--> flushing --nothing left--> ending
//    ^                                   (background: skipped)     |
//    +------------------ event_done, children gone <---------------+
#pragma once

#include "actors/coordinator/coordinator_state.hpp"

namespace apm {

invocation_coordinator_actor::behavior_type
invocation_coordinator(coordinator_state::self_pointer self, ports world,
                       coordinator_setup setup);

} // namespace apm
