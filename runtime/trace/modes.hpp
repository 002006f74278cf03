// What may be asked of the trace.
#pragma once

#include <cstdint>

namespace apm::trace {

/// What of the trace leaves the ring.
enum class export_mode : uint8_t {
  off,    ///< nothing is recorded
  ring,   ///< nothing; the next process or flushtrace may look at the ring
  missed, ///< events whose flush was missed, and what a killed process left
  all,    ///< every event
};

/// In which form bodies of what comes from outside stand in the trace.
enum class payload_mode : uint8_t {
  digest, ///< size and keyed hash
  shape,  ///< as much as leads to the same decisions, without user data
  full,   ///< as they are, up to a bound
};

} // namespace apm::trace
