// Where things lie in a ring; see FORMAT.md, "The ring".
#pragma once

#include "runtime/trace/wire.hpp"

namespace apm::trace {

constexpr std::string_view ring_magic = "APMTRING";
/// Of rings; a segment has its own.
constexpr uint16_t ring_version = 2;

constexpr size_t header_bytes = 64;
constexpr size_t header_checked_bytes = 48;
constexpr size_t state_offset = 52;

/// Names, types and configuration: three times what the extension's come to.
constexpr size_t slots_offset = 32 * 1024;

constexpr size_t entry_header_bytes = 16;

/// A cache line of most processors.
constexpr size_t slot_bytes = 64;
constexpr size_t first_payload_offset = 36;
constexpr size_t next_payload_offset = 16;
constexpr size_t first_payload_bytes = slot_bytes - first_payload_offset;
constexpr size_t next_payload_bytes = slot_bytes - next_payload_offset;

/// How many slots a record with so long a payload takes.
constexpr size_t slots_for(size_t payload_bytes) noexcept {
  return payload_bytes <= first_payload_bytes
             ? 1
             : 1
                   + (payload_bytes - first_payload_bytes + next_payload_bytes
                      - 1)
                         / next_payload_bytes;
}

constexpr size_t slot_words = slot_bytes / sizeof(uint64_t);

/// Every word times a constant of its own, so that none waits for another: a
/// third of what `checksum` takes. *Shape:* `slot_words` of them; the lower
/// half of the first, where the checksum stands, does not count.
inline uint32_t slot_checksum(const uint64_t* words) noexcept {
  const auto sum =
      0xC2B2AE3D27D4EB4F + (words[0] >> 32) * 0x9E3779B97F4A7C15
      + words[1] * 0xC2B2AE3D27D4EB4F + words[2] * 0x165667B19E3779F9
      + words[3] * 0xFF51AFD7ED558CCD + words[4] * 0xC4CEB9FE1A85EC53
      + words[5] * 0xBF58476D1CE4E5B9 + words[6] * 0x94D049BB133111EB
      + words[7] * 0xD6E8FEB86659FD93;
  return static_cast<uint32_t>(sum >> 32);
}

/// The same of a slot in a ring.
inline uint32_t slot_checksum(const char* slot) noexcept {
  uint64_t words[slot_words];
  std::memcpy(words, slot, sizeof words);
  return slot_checksum(words);
}

} // namespace apm::trace
