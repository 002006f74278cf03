// What lies in the sandbox's files: how many lines of which event, so that the
// ledger balances while they are there, and what to make of a file that comes
// back. Files that an earlier process has left are not in it until they come.
//
//   spill_book book;
//   if (book.room_bytes() > 0)
//     send(book.store(records));
//   …
//   ledger.apply(book.stored(answer));
//   auto back = book.found(x, sequence);
#pragma once

#include "messages/spill.hpp"
#include "runtime/delivery/ledger.hpp"
#include "runtime/delivery/spill_records.hpp"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace apm {

class spill_book {
public:
  /// Notes what goes into one file. @returns the word to SPILL
  spill_store store(std::vector<spill_record> records);

  /// SPILL's answer. @returns the fates of lines that it could not keep
  [[nodiscard]] std::vector<line_fate> stored(const spill_stored& x);

  /// Lines that are back in memory.
  struct recovered {
    std::vector<std::pair<line_source, outbox_lines>> lines; ///< oldest first
    bool is_earlier = false;      ///< an earlier process had received them
    std::vector<line_fate> fates; ///< of those that are not there any more
  };

  /// @param sequence event under way, to which lines of an earlier process are
  /// counted
  [[nodiscard]] recovered found(spill_found x, uint64_t sequence);

  /// What may be stored now. *Units:* bytes on the disk, what is on its way
  /// there subtracted; 0 until SPILL has said it.
  uint64_t room_bytes() const noexcept;

  /// Whether SPILL has more to give.
  bool has_files() const noexcept { return left_ > 0 || pending_bytes_ > 0; }

  /// Whether what SPILL gives next has lines of that event.
  bool begins_with(uint64_t sequence) const noexcept;

  uint64_t held_lines() const noexcept;

  uint64_t held_lines(uint64_t sequence) const noexcept;

  /// What lies there of earlier processes, as far as SPILL has said.
  uint64_t earlier_lines() const noexcept { return earlier_lines_; }

private:
  struct file {
    uint64_t bytes = 0;
    bool is_pending = true; ///< SPILL has not answered yet
    std::vector<std::vector<line_share>> records;
  };

  static void lose(const std::vector<line_share>& shares, drop_reason reason,
                   std::vector<line_fate>& fates);
  void settle(file& x);

  std::map<uint64_t, file> files_; ///< by the store's id
  uint64_t next_id_ = 1;
  uint64_t room_bytes_ = 0;
  uint64_t pending_bytes_ = 0;
  uint32_t left_ = 0;
  uint64_t earlier_lines_ = 0;
};

} // namespace apm
