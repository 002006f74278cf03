// What the COORDINATOR tells the TRACER, which keeps and exports the actor
// trace.
#pragma once

#include <cstdint>
#include <string>

#include "caf/meta/type_name.hpp"

namespace apm {

/// An event is over: what became of its flush.
struct flush_finding {
  uint64_t sequence = 0;
  std::string request_id; ///< empty at SHUTDOWN
  /// Of `flush_outcome`, as bits; 0: nothing was missed.
  uint8_t outcomes = 0;
  bool is_last = false; ///< nothing comes after it: SHUTDOWN
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, flush_finding& x) {
  return f(caf::meta::type_name("flush_finding"), x.sequence, x.request_id,
           x.outcomes, x.is_last);
}

/// An event has begun: now is time for what waits to be exported.
struct export_due {
  uint64_t sequence = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, export_due& x) {
  return f(caf::meta::type_name("export_due"), x.sequence);
}

} // namespace apm
