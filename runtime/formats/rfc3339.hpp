// Points in time as RFC 3339 writes them, by arithmetic alone: no locale and no
// time zone database.
#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace apm {

/// Reads `2026-11-22T11:58:28.123Z`. Offsets other than `Z` are honoured, with
/// or without the colon; a fraction may have any number of digits.
/// *Units:* Unix epoch in microseconds; what is finer is cut off.
/// *Errors:* `bad_value` for any other form or a date that does not exist.
/// *Source:* RFC 3339, section 5.6.
[[nodiscard]] result<int64_t> parse_rfc3339_us(std::string_view text);

/// Writes `2026-11-22T11:58:28.123Z`. Times outside the years 0 to 9999, which
/// the form cannot hold, become the nearest one it can.
/// *Units:* Unix epoch in milliseconds.
[[nodiscard]] std::string format_rfc3339_ms(int64_t unix_ms);

} // namespace apm
