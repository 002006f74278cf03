// A folder of small files, each of which appears whole or not at all and is
// taken once, in the order in which they were written, by this process or by
// the sandbox's next one. While there is nothing to keep there is no folder.
//
//   spill_folder folder{"/tmp", {64 << 20, 16 << 20}};
//   if (auto number = folder.write(text, lines, false); number)
//     …
//   if (auto file = folder.take_oldest(); file)
//     read(file->text);
#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apm {

/// *Units:* bytes on the disk.
struct spill_limits {
  uint64_t bytes_max = 0;  ///< of all files together
  uint64_t last_bytes = 0; ///< beside these, for what is written at the end
  uint64_t file_bytes_max = 0;
};

/// What was taken.
struct spill_file {
  uint64_t number = 0; ///< as `write` gave it; 0: of a file without a name
  std::string text;
  std::string problem; ///< why there is no text; empty where there is
  uint64_t bytes = 0;  ///< that it had on the disk
};

class spill_folder {
public:
  /// @param parent must exist
  spill_folder(const std::string& parent, spill_limits limits);

  /// Makes a file that its owner alone can read. @returns its number, greater
  /// than that of any other there. @param lines how many are in it, for
  /// `earlier_lines` of a process to come. *Errors:* `too_large` where it would
  /// pass the limits or `/tmp` has not the room; `io`. Then nothing was
  /// changed.
  result<uint64_t> write(const std::vector<std::string_view>& parts,
                         uint64_t lines, bool is_last);

  result<uint64_t> write(std::string_view text, uint64_t lines, bool is_last) {
    return write(std::vector{text}, lines, is_last);
  }

  /// Reads and removes the oldest file. *Shape:* nothing where there is none. A
  /// file that cannot be read, is too long, is no plain file of ours (a link,
  /// say) or has vanished has a `problem`. Whatever is wrong with it, it is
  /// wrong only once.
  std::optional<spill_file> take_oldest();

  /// What may be written: up to the limit, but no more than a quarter of what
  /// the disk would have free without these files. 0 where nothing can be
  /// written at all.
  uint64_t room_bytes();

  /// How many files there are.
  size_t files();

  /// Lines in the files that earlier processes have left.
  uint64_t earlier_lines();

  const std::string& path() const noexcept { return path_; }

private:
  /// Once, and when the folder was made: what earlier processes have left.
  void look();
  void note(const char* name, int folder);
  uint64_t share_of_disk();
  result<void> write_file(const std::string& name,
                          const std::vector<std::string_view>& parts) const;

  std::string parent_;
  std::string path_;
  spill_limits limits_;
  bool has_looked_ = false;
  struct file_facts {
    uint64_t bytes = 0; ///< on the disk
    uint64_t lines = 0; ///< as its name says
    bool is_earlier = false;
  };

  static std::string name_of(uint64_t number, const file_facts& x);

  std::map<uint64_t, file_facts> files_; ///< by number
  uint64_t used_bytes_ = 0;
  uint64_t unfinished_bytes_ = 0; ///< of a process that was killed meanwhile
  uint64_t next_number_ = 1;
};

} // namespace apm
