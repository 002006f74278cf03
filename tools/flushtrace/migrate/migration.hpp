// A file of an older program as this one would have written it: rings become
// segments, segments are packed as they are now. Nothing of a segment's content
// is left out, known to this program or not.
//
//   auto found = migrate_file(content);
//   if (found && found.value().is_changed())
//     … found.value().content …
#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace flushtrace {

/// How a file's traces stand in it.
struct trace_packing {
  uint16_t version = 0;
  uint16_t words = 0; ///< table; 0: none
  bool is_ring = false;

  bool operator==(const trace_packing& x) const noexcept {
    return version == x.version && words == x.words && is_ring == x.is_ring;
  }
};

/// What is written now.
trace_packing current_packing() noexcept;

struct migrated_file {
  std::string content; ///< segments, one behind the other
  trace_packing from;  ///< of the oldest of them
  uint64_t segments = 0;
  uint64_t records = 0;
  uint64_t ignored_bytes = 0; ///< damaged, or of no segment: not in `content`
  std::string problem;        ///< the first one; empty: none

  bool is_changed() const noexcept { return !(from == current_packing()); }
};

/// *Errors:* `bad_value` where it is of a newer version, `bad_shape` where
/// nothing can be read; `io` where what was made does not read as the original
/// does.
[[nodiscard]] apm::result<migrated_file> migrate_file(std::string_view content);

} // namespace flushtrace
