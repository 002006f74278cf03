// Reads single JSON values, given as the text they came as, and has RapidJSON
// judge whole texts. No value is read as a type that it has not.
#pragma once

#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apm {

/// The deepest nesting that `check_json` lets pass. *Source:* agents nest about
/// ten levels; RapidJSON's own stack takes 8 bytes a level.
constexpr size_t json_depth_max = 128;

/// Judges a whole text, iteratively.
/// *Errors:* `bad_json`, saying what and at which byte; nothing if it is sound.
[[nodiscard]] std::optional<error> check_json(std::string_view text);

/// A string value with its escapes undone; half a surrogate pair becomes
/// U+FFFD, an unknown escape stays as it is. Nothing where it is no string.
[[nodiscard]] std::optional<std::string> json_string(std::string_view value);

/// A number value; nothing where it is none, or too large for a double.
[[nodiscard]] std::optional<double> json_number(std::string_view value);

/// A number value that is written as a whole number and fits.
[[nodiscard]] std::optional<int64_t>
json_integer(std::string_view value) noexcept;

} // namespace apm
