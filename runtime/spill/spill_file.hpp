// One small file that appears whole or not at all, and is taken once.
//
//   spill_file file{"/tmp", 8 << 20};
//   file.write([&] { return parts.next(); }); // of the process that ends
//   if (auto left = file.take(); left)        // of the next one
//     …
#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace apm {

/// What was left, on its way from the disk. *Ownership:* keeps the file open.
class taken_spill {
public:
  taken_spill() = default;
  taken_spill(int fd, uint64_t size) : fd_(fd), size_(size) {}
  taken_spill(taken_spill&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}
  taken_spill& operator=(taken_spill&&) = delete;
  ~taken_spill();

  /// 0 where there was no file.
  uint64_t size() const noexcept { return size_; }

  /// The next `wanted` bytes; fewer at the end, or where it cannot be read.
  std::string read(size_t wanted);

private:
  int fd_ = -1;
  uint64_t size_ = 0;
};

class spill_file {
public:
  /// @param folder must exist
  /// @param bytes_max of the file
  spill_file(const std::string& folder, uint64_t bytes_max);

  /// Replaces the file with the texts that `next` gives, up to an empty one. It
  /// is readable by its owner alone. *Errors:* `io`, `too_large`; then nothing
  /// was changed.
  result<void> write(const std::function<std::string()>& next) const;

  /// Removes the file, and what one has left that was killed in the middle of
  /// writing, and hands it over. *Errors:* `io` where it cannot be opened, is
  /// no plain file of ours (a link, say), or cannot be removed; `too_large`.
  /// Whatever is wrong with it, it is removed where that is possible, so that
  /// it is wrong only once.
  result<taken_spill> take() const;

  const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
  std::string unfinished_path_;
  uint64_t bytes_max_;
};

} // namespace apm
