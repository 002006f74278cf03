// The outbox: all lines that were received and that the APM Server has not yet
// judged. It owns a line until its fate is known; a batch under way is leased,
// never handed over, so that whoever carries it can be ended at any moment.
//
//   outbox box{8 << 20};
//   auto dropped = box.add(lines);
//   if (auto b = box.lease(own_metadata))
//     …                                    // ship it
//   auto fates = box.settle(delivery, policy);
#pragma once

#include "messages/bytes.hpp"
#include "messages/delivery.hpp"
#include "runtime/delivery/ledger.hpp"
#include "runtime/delivery/line_pieces.hpp"
#include "runtime/delivery/line_sources.hpp"
#include "runtime/delivery/spill_records.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace apm {

/// What happens to a batch that got no answer.
enum class delivery_policy : uint8_t { at_least_once, at_most_once };

class outbox {
public:
  /// @param bytes_max bound of what is held, leased lines included; what a new
  /// source adds to it may be over it until the next lines come
  explicit outbox(uint64_t bytes_max);

  /// Takes lines of an agent. @returns what had to be dropped for them.
  [[nodiscard]] std::vector<line_fate> add(const line_source& source,
                                           outbox_lines lines);

  /// Makes `source` the one that lines of our own travel under.
  void show(const line_source& source) { sources_.show(source); }

  /// Takes lines that we made ourselves; they travel under the newest agent's
  /// metadata, or under `lease`'s where no agent has shown any.
  [[nodiscard]] std::vector<line_fate> add_own(outbox_lines lines);

  /// The oldest lines and all others of the same source that fit in a request.
  /// *Shape:* in order of arrival; nothing where nothing is free.
  std::optional<batch> lease(const line_source& own);

  /// Takes the server's judgement: forgets what it has settled, frees the rest
  /// for the next lease, at its old place; after `is_too_large` leases are half
  /// as long, and twice as long again after each full one that was taken.
  /// @returns the fates that are known.
  [[nodiscard]] std::vector<line_fate> settle(const delivery& outcome,
                                              delivery_policy policy);

  /// Takes out what is least valuable, oldest first, and no lease holds.
  /// @param size at least so many bytes, or all. *Shape:* as they are taken.
  [[nodiscard]] std::vector<spill_record> evict(uint64_t size);

  /// Takes back lines that were out for a while, without metadata our own: they
  /// are older than all that came meanwhile, and newer than those taken back
  /// before. @returns what had to be dropped for them.
  [[nodiscard]] std::vector<line_fate> put_back(const line_source& source,
                                                outbox_lines lines);

  /// What no lease holds, for a process to come. *Shape:* oldest first.
  std::vector<spill_record> free_lines() const;

  /// Whether the fate of a lease's lines is still open.
  bool is_leased(uint64_t lease) const { return leases_.count(lease) > 0; }

  bool has_free_lines() const noexcept { return !free_.empty(); }

  /// Bytes that no lease holds.
  uint64_t free_bytes() const noexcept { return free_bytes_; }

  /// What the bound counts. *Units:* bytes of the lines as they came, and what
  /// `line_sources` says of their metadata.
  uint64_t held_bytes() const noexcept {
    return free_bytes_ + leased_bytes_ + sources_.held_bytes();
  }

  uint64_t held_lines() const noexcept;

  /// Lines of all leases. Takes no longer where there are many.
  uint64_t leased_lines() const noexcept;

  uint64_t held_lines(uint64_t sequence) const noexcept;

  /// Whether `bytes` more stay within the bound without dropping anything.
  bool has_room(uint64_t size) const noexcept {
    return held_bytes() + size <= bytes_max_;
  }

private:
  struct entry {
    source_id source = 0;
    outbox_lines lines;
    bool has_own_storage = false; ///< shares it with no other piece
    uint8_t values = 0; ///< a bit for each that is in it; 0: not looked
  };

  /// Order of arrival, and the offset within what arrived.
  using place = std::pair<uint64_t, uint64_t>;

  /// Half of all places, for what is put back before them.
  static constexpr uint64_t first_place = uint64_t{1} << 63;

  using entry_map = std::map<place, entry>;

  struct lease_content {
    entry_map entries;
    uint64_t bytes = 0;
    uint64_t lines = 0;
  };

  std::vector<line_fate> insert(source_id source, uint64_t arrival,
                                outbox_lines lines, uint64_t before);
  std::vector<line_fate> make_room(uint64_t bytes_max);
  /// Calls `f` with each entry's source and what is taken of it, until no more
  /// than `bytes_max` are held, or nothing is free.
  template <class F>
  void take_least(uint64_t bytes_max, F f);
  static bool has_value(entry& e, line_value value);
  outbox_lines take_value(entry& e, line_value value);
  void part_storage(uint64_t arrival);
  void split(entry_map::iterator where);
  /// Forgets one that has no lines any more. @returns the next
  entry_map::iterator erase(entry_map& from, entry_map::iterator where);
  bool take_refused(lease_content& content, std::vector<std::string> refused,
                    std::vector<line_fate>& fates);
  void adjust_batch_bytes(const delivery& outcome, uint64_t size);
  void give_back(lease_content content);

  uint64_t bytes_max_;
  uint64_t batch_bytes_max_; ///< halved where it was too much, doubled again
  uint64_t free_bytes_ = 0;
  uint64_t leased_bytes_ = 0;
  entry_map free_;
  std::map<uint64_t, lease_content> leases_;
  line_sources sources_;
  uint64_t next_early_place_ = 0; ///< of what is put back
  uint64_t next_place_ = first_place;
  uint64_t next_lease_ = 1;
};

} // namespace apm
