// Which events' records leave the ring: asked by who knows of an event, and by
// who lets it out.
//
//   if (is_exported(mode, sample, event, verdict.is_missed()))
//     …
#pragma once

#include "runtime/trace/modes.hpp"

namespace apm::trace {

/// *Units:* sample: one event in so many; 0: none.
constexpr bool is_exported(export_mode mode, uint64_t sample, uint64_t event,
                           bool is_missed) noexcept {
  return is_missed || mode == export_mode::all
         || (sample > 0 && event % sample == 0);
}

} // namespace apm::trace
