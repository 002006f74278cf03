// Lines on their way from the outbox to a file, as few records as can be: each
// repeats its metadata line.
//
//   spill_records all{256 * 1024};
//   all.add(source, lines);
//   for (auto& x : all.take())
//     …
#pragma once

#include "messages/spill.hpp"
#include "runtime/delivery/line_pieces.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace apm {

/// Whose lines they are: one request carries those of one source.
struct line_source {
  bytes metadata; ///< the metadata line, without newline
  std::string user_agent;
};

/// How many lines of one event.
struct line_share {
  uint64_t sequence = 0;
  uint64_t lines = 0;
};

/// Lines of one source and value. *Shape:* `shares` has their events, in the
/// order of the lines.
struct spill_record {
  spilled_lines lines;
  std::vector<line_share> shares;
};

/// What it takes on the disk, nearly.
uint64_t bytes_of(const spill_record& x) noexcept;

class spill_records {
public:
  /// @param bytes_max of the lines of a record, unless one piece is longer
  explicit spill_records(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  void add(const line_source& source, const outbox_lines& lines);

  /// All that was added, in that order.
  std::vector<spill_record> take();

private:
  void finish();

  uint64_t bytes_max_;
  std::vector<spill_record> records_;
  uint64_t size_ = 0; ///< of the lines of the last of them
  std::string text_;  ///< these lines, once they are more than one piece
};

/// Divides them into files of about that size, one record at least in each.
std::vector<std::vector<spill_record>>
in_files(std::vector<spill_record> records, uint64_t file_bytes);

} // namespace apm
