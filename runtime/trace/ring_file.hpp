// The file of a ring, mapped: what is written there outlives the process.
//
//   auto file = ring_file::create(folder, 512 * 1024);
//   if (file)
//     … file.value().memory() …
#pragma once

#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace apm::trace {

class ring_file {
public:
  /// Makes the ring of this process. One that an earlier process has left is
  /// kept beside it, see `left_ring`; one of a living process is left alone,
  /// and ours gets another name. All of it has its place on the disk: to write
  /// to it never fails. *Errors:* `io`.
  ///
  /// @param bytes of the slots
  static result<ring_file> create(const std::string& folder, size_t bytes);

  ring_file(ring_file&& other) noexcept;
  ring_file(const ring_file&) = delete;
  ring_file& operator=(const ring_file&) = delete;
  ring_file& operator=(ring_file&&) = delete;
  ~ring_file();

  char* memory() const noexcept { return memory_; }
  size_t bytes() const noexcept { return bytes_; }
  const std::string& path() const noexcept { return path_; }

private:
  ring_file(std::string path, int file, char* memory, size_t bytes)
      : path_(std::move(path)), file_(file), memory_(memory), bytes_(bytes) {}

  std::string path_;
  int file_; ///< its lock says that we live
  char* memory_;
  size_t bytes_;
};

/// Where the ring of a folder's process is.
std::string ring_path(const std::string& folder);

/// Where the ring that an earlier process left is, once there is a new one.
std::string left_ring_path(const std::string& folder);

} // namespace apm::trace
