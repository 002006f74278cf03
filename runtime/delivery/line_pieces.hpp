// Runs of whole lines: pieces are cut off the front of what has arrived, so
// that it can be leased, spilled or dropped in parts without cutting a line.
#pragma once

#include "messages/bytes.hpp"
#include "runtime/formats/intake_scan.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace apm {

/// What goes first when the bound is reached, least valuable first.
enum class line_value : uint8_t {
  log,
  metric,
  span,
  agent, ///< errors and transactions; of lines that arrive: an agent's, mixed
};

/// Lines of one origin that arrived together.
struct outbox_lines {
  uint64_t sequence = 0; ///< event in which they arrived
  line_value value = line_value::agent;
  bytes lines; ///< each ended by a newline
  uint64_t count = 0;
};

/// Length of the whole lines that fit in `bytes_max`, at least one line.
inline size_t whole_lines(std::string_view text, uint64_t bytes_max) {
  if (text.size() <= bytes_max)
    return text.size();
  auto end =
      bytes_max == 0 ? std::string_view::npos : text.rfind('\n', bytes_max - 1);
  if (end == std::string_view::npos)
    end = text.find('\n');
  return end == std::string_view::npos ? text.size() : end + 1;
}

/// Takes the whole lines that fit in `bytes_max`, at least one, off the front;
/// the storage stays shared.
inline outbox_lines take_piece(outbox_lines& from, uint64_t bytes_max) {
  auto piece = from;
  const auto size = whole_lines(from.lines.view(), bytes_max);
  if (size < from.lines.size()) {
    piece.lines = from.lines.slice(0, size);
    piece.count = count_lines(piece.lines.view());
  }
  from.lines = from.lines.slice(size);
  from.count -= piece.count;
  return piece;
}

/// The same lines in a storage of their own: what is held for long must not
/// keep the body that it is a part of.
inline outbox_lines on_its_own(outbox_lines x) {
  x.lines = bytes{std::string{x.lines.view()}};
  return x;
}

/// Takes that many lines, or all, off the front; the storage stays shared.
inline outbox_lines take_lines(outbox_lines& from, uint64_t count) {
  auto taken = from;
  if (count < from.count) {
    size_t size = 0;
    for (uint64_t i = 0; i < count; ++i)
      size = from.lines.view().find('\n', size) + 1;
    taken.lines = from.lines.slice(0, size);
    taken.count = count;
  }
  from.lines = from.lines.slice(taken.lines.size());
  from.count -= taken.count;
  return taken;
}

} // namespace apm
