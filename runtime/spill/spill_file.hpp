// One small file that appears whole or not at all, and is taken once.
//
//   spill_file file{"/tmp", 8 << 20};
//   file.write([&] { return parts.next(); }); // of the process that ends
//   if (auto text = file.take(); text)        // of the next one
//     …
#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace apm {

class spill_file {
public:
  /// @param folder must exist
  /// @param bytes_max of the file
  spill_file(const std::string& folder, uint64_t bytes_max);

  /// Replaces the file with the texts that `next` gives, up to an empty one. It
  /// is readable by its owner alone. *Errors:* `io`, `too_large`; then nothing
  /// was changed.
  result<void> write(const std::function<std::string()>& next) const;

  /// Reads and removes the file, and what one has left that was killed in the
  /// middle of writing. *Shape:* empty where there is none. *Errors:*
  /// `io` where it cannot be read, is no plain file of ours (a link, say), or
  /// cannot be removed; `too_large`. Whatever is wrong with it, it is removed
  /// where that is possible, so that it is wrong only once.
  result<std::string> take() const;

  const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
  std::string unfinished_path_;
  uint64_t bytes_max_;
};

} // namespace apm
