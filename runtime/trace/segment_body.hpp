// What a segment holds, unpacked but not read, so that it can be packed anew
// with all that is in it, known to this program or not; see FORMAT.md, "The
// segment".
//
//   auto body = unpack_segment(file);
//   auto again = pack_segment(body.value().content);
#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace apm::trace {

struct segment_body {
  uint16_t version = 0;
  uint16_t words = 0;  ///< the table that it was packed with; 0: none
  std::string content; ///< sections, words put back
  size_t bytes = 0;    ///< that the segment takes in its file
};

/// The segment at the begin of a text. *Errors:* as `read_segment`, but that
/// its sections are not looked at.
[[nodiscard]] result<segment_body> unpack_segment(std::string_view content);

/// A segment of the version and with the words that are written now. *Errors:*
/// as `write_segment`.
[[nodiscard]] result<std::string> pack_segment(std::string body);

} // namespace apm::trace
