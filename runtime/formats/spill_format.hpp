// The form in which undelivered lines lie on disk between two processes of a
// sandbox. Integers are little-endian.
//
//   "APMSPILL" version:u8 owner_size:u16 owner
//   record*:  size:u32 crc32:u32 payload, where the checksum is the payload's:
//             value:u8 count:u32 metadata_size:u32 agent_size:u32
//             metadata agent lines
//
// A process may be killed in the middle of writing, and other programs may
// write to the same folder: so each record is checked before it is believed.
#pragma once

#include "messages/spill.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// @param owner whose lines they are, such as the function's name; what is
/// longer than 65,535 bytes is cut
[[nodiscard]] std::string
write_spill(std::string_view owner, const std::vector<spilled_lines>& content);

/// The same in parts: what was made here, and the lines themselves. A file is
/// written where memory is short.
[[nodiscard]] std::vector<bytes>
write_spill_parts(std::string_view owner,
                  const std::vector<spilled_lines>& content);

/// What could be read.
struct spill_content {
  std::vector<spilled_lines> content; ///< the sound records, in their order
  uint64_t ignored_bytes = 0; ///< from the first that is not sound to the end
  std::string problem;        ///< why; empty where all was sound
};

/// Reads what `write_spill` wrote. Never fails: what is torn, foreign or of
/// another version is left out and counted.
[[nodiscard]] spill_content read_spill(std::string_view owner,
                                       std::string_view text);

} // namespace apm
