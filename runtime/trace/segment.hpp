// Segments: self-contained, compressed pieces of a trace; see FORMAT.md, "The
// segment".
#pragma once

#include "runtime/trace/trace_reader.hpp"

#include <string>
#include <string_view>

namespace apm::trace {

constexpr std::string_view segment_magic = "ATRC";
constexpr uint16_t segment_version = 1;
constexpr size_t segment_header_bytes = 24;

/// Of a body, unpacked: far more than any ring holds.
constexpr size_t segment_bytes_max = 256 * 1024 * 1024;

/// Writes a trace as one segment. *Errors:* `io` where there is no memory,
/// `too_large`.
[[nodiscard]] result<std::string> write_segment(const trace& x);

/// One segment at the begin of a text, and what follows it.
struct segment_found {
  trace content;
  size_t bytes = 0; ///< that the segment takes
};

/// *Errors:* `bad_shape` where it is none, is cut short or damaged; `bad_value`
/// where it is of another version.
[[nodiscard]] result<segment_found> read_segment(std::string_view content);

} // namespace apm::trace
