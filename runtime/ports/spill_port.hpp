// SPILL: keeps lines in files of the sandbox, and takes them back one file at a
// time. A file is written or read within one turn: a MB on a local disk.
#pragma once

#include "messages/interfaces.hpp"
#include "runtime/log/log.hpp"
#include "runtime/recording/traced.hpp"
#include "runtime/spill/held_file.hpp"
#include "runtime/spill/spill_folder.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace apm {

struct spill_port_state {
  static inline const char* name = "spill";
  std::map<uint64_t, uint64_t> stores; ///< their ids, by the file's number
  bool has_begun = false;  ///< what earlier processes have left was looked at
  uint64_t kept_lines = 0; ///< of the last ones
  uint64_t lost_lines = 0; ///< likewise
};

/// *Ownership:* the pointers' objects outlive the actor.
struct spill_port_setup {
  spill_folder* folder = nullptr;
  held_file* held = nullptr;
  std::string owner; ///< whose lines they are: the function's name
  apm::log* log = nullptr;
};

spill_actor::behavior_type
spill_port(traced_port_pointer<spill_actor, spill_port_state> self,
           spill_port_setup setup);

} // namespace apm
