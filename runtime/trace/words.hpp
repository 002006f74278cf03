// Words that segments are full of, such as names of messages and settings: two
// bytes each in a segment, see FORMAT.md, "The segment". The table never
// changes; another one would have another number.
//
//   const auto packed = put_words_aside(body);
//   const auto again = put_words_back(packed, bytes_max);
#pragma once

#include "runtime/result.hpp"

#include <string>
#include <string_view>

namespace apm::trace {

/// The number of the table in a segment's header.
constexpr uint16_t word_table = 1;

/// How many there are: fewer than 255. *Source:* FORMAT.md, "Words".
size_t segment_words() noexcept;

/// *Shape:* longest first; empty where there is none of that number.
std::string_view segment_word(size_t number) noexcept;

std::string put_words_aside(std::string_view text);

/// *Errors:* `bad_shape` where a word is not in the table, `too_large`.
[[nodiscard]] result<std::string> put_words_back(std::string_view text,
                                                 size_t bytes_max);

} // namespace apm::trace
