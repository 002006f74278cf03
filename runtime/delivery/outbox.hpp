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
#include "messages/spill.hpp"
#include "runtime/delivery/ledger.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace apm {

/// What goes first when the bound is reached, least valuable first.
enum class line_value : uint8_t {
  log,
  metric,
  span,
  agent, ///< errors and transactions; of lines that arrive: an agent's, mixed
};

/// Lines of one origin that arrived together.
struct outbox_lines {
  uint64_t sequence = 0; ///< event in which they arrived
  line_value value = line_value::agent;
  bytes lines; ///< each ended by a newline
  uint64_t count = 0;
};

/// Whose lines they are: one request carries those of one source.
struct line_source {
  bytes metadata; ///< the metadata line, without newline
  std::string user_agent;
};

/// What happens to a batch that got no answer.
enum class delivery_policy : uint8_t { at_least_once, at_most_once };

class outbox {
public:
  /// @param bytes_max bound of what is held, leased lines included
  explicit outbox(uint64_t bytes_max);

  /// Takes lines of an agent. @returns what had to be dropped for them.
  [[nodiscard]] std::vector<line_fate> add(const line_source& source,
                                           outbox_lines lines);

  /// Makes `source` the one that lines of our own travel under.
  void show(const line_source& source) { newest_source_ = intern(source); }

  /// Takes lines that we made ourselves; they travel under the newest agent's
  /// metadata, or under `lease`'s where no agent has shown any.
  [[nodiscard]] std::vector<line_fate> add_own(outbox_lines lines);

  /// The oldest lines and all others of the same source that fit in a request.
  /// *Shape:* in order of arrival; nothing where nothing is free.
  std::optional<batch> lease(const line_source& own);

  /// Takes the server's judgement: forgets what it has settled, frees the rest
  /// for the next lease, at its old place; after `is_too_large` leases are half
  /// as long. @returns the fates that are known.
  [[nodiscard]] std::vector<line_fate> settle(const delivery& outcome,
                                              delivery_policy policy);

  /// What no lease holds, for a process to come. *Shape:* oldest first.
  /// *Ownership:* shares the storage; nothing is copied.
  std::vector<spilled_lines> free_lines() const;

  /// Whether the fate of a lease's lines is still open.
  bool is_leased(uint64_t lease) const { return leases_.count(lease) > 0; }

  bool has_free_lines() const noexcept { return !free_.empty(); }

  /// Bytes that no lease holds.
  uint64_t free_bytes() const noexcept { return free_bytes_; }

  /// Bytes held in all. *Units:* bytes of the lines as they came.
  uint64_t held_bytes() const noexcept { return free_bytes_ + leased_bytes_; }

  uint64_t held_lines() const noexcept;

  /// Lines of all leases. Takes no longer where there are many.
  uint64_t leased_lines() const noexcept;

  uint64_t held_lines(uint64_t sequence) const noexcept;

  /// Whether `bytes` more stay within the bound without dropping anything.
  bool has_room(uint64_t size) const noexcept {
    return held_bytes() + size <= bytes_max_;
  }

private:
  /// 0 stands for our own lines.
  using source_id = uint64_t;

  struct entry {
    source_id source = 0;
    outbox_lines lines;
    bool has_own_storage = false; ///< shares it with no other piece
    uint8_t values = 0; ///< a bit for each that is in it; 0: not looked
  };

  /// Order of arrival, and the offset within what arrived.
  using place = std::pair<uint64_t, uint64_t>;

  struct lease_content {
    std::map<place, entry> entries;
    uint64_t bytes = 0;
    uint64_t lines = 0;
  };

  source_id intern(const line_source& source);
  std::vector<line_fate> insert(source_id source, outbox_lines lines);
  std::vector<line_fate> make_room();
  static bool has_value(entry& e, line_value value);
  uint64_t take_value(entry& e, line_value value);
  void part_storage(uint64_t arrival);
  void split(std::map<place, entry>::iterator where);
  static bool take_refused(lease_content& content,
                           std::vector<std::string> refused,
                           std::vector<line_fate>& fates);
  void give_back(lease_content content);

  uint64_t bytes_max_;
  uint64_t batch_bytes_max_; ///< halved whenever the server finds it too much
  uint64_t free_bytes_ = 0;
  uint64_t leased_bytes_ = 0;
  std::map<place, entry> free_;
  std::map<uint64_t, lease_content> leases_;
  std::map<source_id, line_source> sources_;
  source_id newest_source_ = 0;
  uint64_t next_place_ = 0;
  uint64_t next_lease_ = 1;
};

} // namespace apm
