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
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// @param owner whose lines they are, such as the function's name; what is
/// longer than 65,535 bytes is cut
[[nodiscard]] std::string
write_spill(std::string_view owner, const std::vector<spilled_lines>& content);

/// What `write_spill` writes, in parts: what is held may be much, and must not
/// be in memory a second time.
class spill_parts {
public:
  /// *Ownership:* the arguments outlive it. Neighbours of one source and value
  /// become one record of at most 256 KiB, as far as they are small.
  spill_parts(std::string_view owner,
              const std::vector<spilled_lines>& content);

  /// *Shape:* empty after the last.
  [[nodiscard]] std::string next();

private:
  std::string_view owner_;
  const std::vector<spilled_lines>& content_;
  size_t at_ = 0;
  bool is_begun_ = false;
};

/// Gives the next so many bytes of a text; fewer at its end.
using spill_source = std::function<std::string(size_t)>;

/// What could be read.
struct spill_content {
  std::vector<spilled_lines> content; ///< the sound records, in their order
  uint64_t ignored_bytes = 0; ///< from the first that is not sound to the end
  std::string problem;        ///< why; empty where all was sound
};

/// Reads what `write_spill` wrote. Never fails: what is torn, foreign or of
/// another version is left out and counted. What lies there is in memory once.
/// @param size of the text in all
[[nodiscard]] spill_content read_spill(std::string_view owner, uint64_t size,
                                       const spill_source& source);

[[nodiscard]] spill_content read_spill(std::string_view owner,
                                       std::string_view text);

} // namespace apm
