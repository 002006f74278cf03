// Where things lie in a ring; see FORMAT.md, "The ring".
#pragma once

#include "runtime/trace/wire.hpp"

namespace apm::trace {

constexpr std::string_view ring_magic = "APMTRING";
constexpr uint16_t format_version = 1;

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

inline uint32_t slot_checksum(const char* slot) noexcept {
  return checksum(slot + 4, slot_bytes - 4);
}

} // namespace apm::trace
