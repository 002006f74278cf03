// The form in which a process keeps on disk how much it holds, for the
// sandbox's next process. Integers are little-endian.
//
//   "APMHELD" version:u8 owner_crc32:u32
//   lines:u64 bytes:u64 lines_under_way:u64 deliveries:u64 dropped:u64
//   crc32:u32, of all before it
#pragma once

#include "messages/spill.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace apm {

constexpr size_t held_text_size = 56;
using held_text = std::array<char, held_text_size>;

/// @param owner whose figures they are, such as the function's name
[[nodiscard]] held_text write_held(std::string_view owner,
                                   const held_figures& x) noexcept;

/// Reads what `write_held` wrote. *Errors:* nothing where the text is torn, of
/// another version, or another owner's.
[[nodiscard]] std::optional<held_figures> read_held(std::string_view owner,
                                                    std::string_view text);

} // namespace apm
