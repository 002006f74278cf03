// A small file that always says how much a process holds, so that the next one
// knows what was lost if this one is killed.
//
//   held_file file{"/tmp", "orders-api"};
//   const auto earlier = file.open();  // what the process before held last
//   file.keep(figures);                // whenever they change
//   file.close();                      // at the end
//
// `keep` is one `pwrite` of 56 bytes into the page cache, under 1 µs: whole or
// not at all for whoever kills us. Memory that is mapped from the file would
// save that, but a store into it is our end (SIGBUS) where the disk is full or
// somebody has truncated the file. Any failure turns the whole thing off.
#pragma once

#include "messages/spill.hpp"

#include <string>
#include <string_view>

namespace apm {

class held_file {
public:
  /// @param owner whose figures they are, such as the function's name
  held_file(const std::string& folder, std::string_view owner);
  held_file(const held_file&) = delete;
  held_file& operator=(const held_file&) = delete;
  ~held_file();

  /// Begins to keep. What an earlier process has left stays as it is until the
  /// first `keep`. @returns that; zeros where it is nothing, torn or another
  /// owner's, and where the file is in use by a living process or cannot be.
  held_figures open();

  /// Replaces the figures, where these are other ones.
  void keep(const held_figures& x) noexcept;

  /// So many lines less are held: their loss is told already.
  void told(uint64_t lines) noexcept;

  /// Ends keeping, with the process's own word on what it has dropped. The file
  /// goes if nothing is held.
  void close() noexcept;

  const std::string& path() const noexcept { return path_; }

private:
  /// What would be wrong from now on must not stay.
  void give_up() noexcept;

  std::string path_;
  std::string owner_;
  int fd_ = -1; ///< -1: off
  held_figures kept_;
  bool is_kept_ = false; ///< `kept_` is in the file
};

} // namespace apm
