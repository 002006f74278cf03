// What each actor has handled, as one number: actors whose numbers are equal
// are in the same state, since what they do depends on what they were sent, and
// when, alone. So two lives that came to the same numbers, and the same world,
// by different ways go on alike.
#pragma once

#include "runtime/trace/record.hpp"

#include <cstdint>
#include <vector>

namespace flushtrace {

class history {
public:
  /// The next message that enters comes from an action of that hash.
  void enters(uint64_t hash) noexcept { entering_ = hash; }

  /// To be called with every record, in their order.
  void note(const apm::trace::record& x);

  uint64_t fingerprint() const;

private:
  struct waiting {
    uint64_t sequence = 0;
    uint64_t hash = 0;
  };

  struct member {
    uint32_t reference = 0;
    uint64_t state = 0;
    std::vector<waiting> mail;
    bool has_ended = false;
  };

  member& member_of(uint32_t reference);
  uint64_t turn_hash(uint64_t sequence) const noexcept;
  void keep_turn(uint64_t sequence, uint64_t hash);

  std::vector<member> members_; ///< ascending by their references
  std::vector<uint64_t> turns_; ///< hashes, by sequences; 0: no turn
  uint64_t entering_ = 0;
  uint64_t effect_ = 0; ///< how many of the turn under way
};

} // namespace flushtrace
