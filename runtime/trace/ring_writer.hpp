// Writes records into a ring in memory, which is a file's where it is to
// outlive the process. No call of the operating system, no allocation.
//
//   ring_writer ring{memory, bytes, facts};
//   auto sequence = ring.append({record_kind::born, actor, 0, now, {}});
#pragma once

#include "runtime/trace/record.hpp"
#include "runtime/trace/ring_layout.hpp"

namespace apm::trace {

/// What `append` puts into the ring.
struct new_record {
  record_kind kind = record_kind::none;
  actor_reference actor;
  uint64_t cause = 0; ///< a sequence, 0: none
  int64_t time_ns = 0;
  std::string_view payload; ///< `payload_bytes_max` at most; the rest is cut
};

class ring_writer {
public:
  /// @param memory all 0, page-aligned, outlives the writer
  /// @param bytes `ring_bytes` of some number of slots
  ring_writer(char* memory, size_t bytes, uint32_t process_id,
              const clock_readings& start) noexcept;

  static constexpr size_t ring_bytes(size_t slots) noexcept {
    return slots_offset + slots * slot_bytes;
  }

  /// @returns the record's sequence
  uint64_t append(const new_record& x) noexcept;

  /// @returns whether there was room
  bool define(entry_kind kind, uint32_t id, uint32_t other,
              std::string_view text) noexcept;

  /// The process ends in good order.
  void seal() noexcept;

  /// Of the next record.
  uint64_t next_sequence() const noexcept { return next_; }

  /// An eighth of the ring, so that no record displaces all others; 64 KiB at
  /// most.
  size_t payload_bytes_max() const noexcept { return payload_bytes_max_; }

  std::string_view image() const noexcept { return {memory_, bytes_}; }

private:
  /// Of the sequence `next_` + index. *Units:* index: at most `slots_`.
  char* slot(size_t index) const noexcept {
    auto at = next_slot_ + index;
    if (at >= slots_)
      at -= slots_;
    return memory_ + slots_offset + at * slot_bytes;
  }

  /// What the first slot has no room for. @returns how many slots it all takes
  size_t append_rest(std::string_view payload) noexcept;

  char* memory_;
  size_t bytes_;
  uint64_t slots_;
  size_t payload_bytes_max_;
  size_t dictionary_end_ = header_bytes;
  uint64_t next_ = 1;
  uint64_t next_slot_ = 1; ///< `next_ % slots_`, without a division a record
};

} // namespace apm::trace
