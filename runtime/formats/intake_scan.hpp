// Looks through an agent's intake body (NDJSON): splits the metadata from the
// event lines, counts them, and finds the transactions they end. The event
// lines themselves pass through byte for byte; the server judges them.
//
//   auto intake = scan_intake(bytes{std::move(text)});
//   if (!intake)
//     return refuse(400, intake.error().detail);
#pragma once

#include "messages/agent.hpp"
#include "messages/bytes.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace apm {

/// What an intake line is, by the one member it has.
enum class line_kind : uint8_t {
  transaction,
  span,
  error,
  metricset,
  log,
  metadata,
  other,
};

/// Tells a line's kind by its first key. What is no object, or has another
/// first key, is `other`.
[[nodiscard]] line_kind kind_of(std::string_view line) noexcept;

/// A sound intake body, taken apart.
struct intake_body {
  bytes metadata; ///< the metadata line, without newline or blanks around it
  bytes events;   ///< the lines after it, each ended by `\n`
  uint32_t lines = 0; ///< in `events`
  /// *Shape:* in the order of the lines; those without an id are left out.
  std::vector<transaction_seen> transactions;
};

/// The longest metadata line that is taken. *Source:* APM Server's default for
/// `max_event_size`; it refuses a request whole whose metadata is longer, and
/// with it the lines of others that we would send under it.
constexpr size_t metadata_bytes_max = 307'200;

/// Takes a body apart. Blank lines go, `\r\n` becomes `\n`, and the last line
/// is ended (Python's agent does not); otherwise the events are as they came,
/// and where nothing had to be changed they share the storage of `body`.
/// Further metadata lines stay where they are: APM Server refuses such a line
/// alone and takes its neighbours, so that the agent's mistake is reported by
/// the one who judges lines. A body without any line is sound and empty, as it
/// is to APM Server: an agent that has nothing but its flush signal sends one.
/// *Errors:* `metadata_missing` where the first line has another member than
/// `metadata`, or a second one; `bad_json` where it is no JSON; `bad_shape`
/// where its metadata is no object; `too_large` by `metadata_bytes_max`.
/// @param sound_metadata a first line that was found sound before, and is not
///        judged again: an agent sends the same all its life
[[nodiscard]] result<intake_body>
scan_intake(bytes body, std::string_view sound_metadata = {});

/// The events without the transaction lines of that id. *Shape:* in and out as
/// `intake_body::events`.
[[nodiscard]] bytes without_transaction(const bytes& events,
                                        std::string_view id);

/// The lines that are not blank, without their line ends.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text);

/// How many line ends there are.
[[nodiscard]] uint64_t count_lines(std::string_view text) noexcept;

/// The part of a text that was cut short up to its last newline.
[[nodiscard]] std::string_view whole_lines(std::string_view text) noexcept;

} // namespace apm
