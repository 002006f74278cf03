// Durations as Go writes them, which is how the settings of the extension spell
// them: `15s`, `1m30s`, `500ms`.
//
//   auto timeout = parse_go_duration("1m30s"); // 90 s
#pragma once

#include "runtime/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace apm {

/// Reads a duration: one or more numbers, each with a unit (`ns`, `us`, `µs`,
/// `ms`, `s`, `m`, `h`) and possibly a fraction; or `0`; possibly after a `+`.
/// *Units:* what is finer than a nanosecond is cut off.
/// *Errors:* `bad_duration` for anything else, for a `-`, which Go would take
/// but no setting of ours can mean, and for what does not fit 64 bits of
/// nanoseconds (292 years).
/// *Source:* time.ParseDuration of Go's standard library.
[[nodiscard]] result<std::chrono::nanoseconds>
parse_go_duration(std::string_view text);

/// Writes a duration the way Go prints it: `1m30s`, `1.5s`, `100ms`, `0s`.
/// *Source:* time.Duration.String of Go's standard library.
[[nodiscard]] std::string format_go_duration(std::chrono::nanoseconds value);

} // namespace apm
