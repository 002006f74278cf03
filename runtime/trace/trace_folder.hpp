// The files of traces in a folder: segments that appear whole or not at all,
// bounded in sum, and the ring that a killed process has left.
//
//   trace_folder folder{"/tmp", 8 << 20};
//   auto name = folder.keep(segment, start_ms, event);
#pragma once

#include "runtime/result.hpp"
#include "runtime/trace/trace_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apm::trace {

/// *Errors:* `io`; `too_large` beyond `bytes_max`.
[[nodiscard]] result<std::string> read_file(const std::string& path,
                                            uint64_t bytes_max);

class trace_folder {
public:
  /// @param bytes_max of all segments together; the oldest make room
  trace_folder(std::string path, uint64_t bytes_max);

  /// Writes a segment. *Errors:* `io`, `too_large`; then nothing was changed.
  /// @param start_ms wall time at which the process began, part of the name
  /// @returns the file's path
  [[nodiscard]] result<std::string>
  keep(std::string_view segment, int64_t start_ms, uint64_t event) const;

  /// Reads and removes the ring that an earlier process has left. *Shape:*
  /// nothing where there is none. *Errors:* as `read_ring`, `io`; it is removed
  /// all the same, so that it is wrong only once.
  [[nodiscard]] result<std::optional<trace>> take_left() const;

  /// Paths of the segments, oldest first.
  std::vector<std::string> segments() const;

  const std::string& path() const noexcept { return path_; }

private:
  void make_room(uint64_t bytes) const;

  std::string path_;
  uint64_t bytes_max_;
};

} // namespace apm::trace
