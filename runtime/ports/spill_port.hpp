// SPILL: keeps what could not be delivered for the sandbox's next process. Its
// file is written and read within one turn: a few MB on a local disk.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/log/log.hpp"
#include "runtime/recording/traced.hpp"
#include "runtime/spill/spill_file.hpp"

#include <string>

namespace apm {

struct spill_port_state {
  static inline const char* name = "spill";
};

/// *Ownership:* the pointers' objects outlive the actor.
struct spill_port_setup {
  const spill_file* file = nullptr;
  std::string owner; ///< whose lines they are: the function's name
  apm::log* log = nullptr;
};

spill_actor::behavior_type
spill_port(traced_port_pointer<spill_actor, spill_port_state> self,
           spill_port_setup setup);

} // namespace apm
