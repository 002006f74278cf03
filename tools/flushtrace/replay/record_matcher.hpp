// Holds what a replay records against what was recorded, record by record, in
// their order.
//
//   record_matcher matcher{run, strictness::exact, world.image()};
//   while (matcher.next(is_input) == matched::same)
//     … matcher.want()
#pragma once

#include "tools/flushtrace/replay/comparison.hpp"
#include "tools/flushtrace/replay/recorded_run.hpp"
#include "tools/flushtrace/replay/ring_cursor.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

enum class matched : uint8_t {
  none,      ///< the replay has recorded nothing more
  same,      ///< and both have gone on to the next
  different, ///< than the recorded one
  beyond,    ///< nothing more was recorded
};

class record_matcher {
public:
  /// @param run outlives it
  /// @param image the replay's ring, likewise
  record_matcher(const recorded_run& run, strictness how,
                 std::string_view image);

  /// Looks at one more record of the replay.
  ///
  /// @param is_input it came from outside: only kind and actor are compared
  matched next(bool is_input);

  /// Takes the last one, which was different, for the same.
  void accept();

  /// The index of the next recorded record.
  size_t at() const noexcept { return at_; }

  /// The recorded one of the last that was the same or different.
  const record& want() const noexcept { return *want_; }

  /// The replay's. *Ownership:* until `next`.
  const record& got() const noexcept { return *got_; }

  /// The number that the last one which was the same has in the replay.
  uint64_t replayed() const noexcept {
    return replayed_.empty() ? 0 : replayed_.back();
  }

  std::vector<field_difference> differences();
  std::string describe_got();

private:
  bool is_port_effect(const record& x) const;
  bool is_same_cause(const record& want, const record& got) const;
  void learn();

  const recorded_run& run_;
  std::string_view image_;
  record_comparison compare_;
  ring_cursor cursor_;
  size_t at_ = 0;
  const record* want_ = nullptr;
  const record* got_ = nullptr;
  std::vector<uint64_t> replayed_; ///< sequences in the replay, by record
};

} // namespace flushtrace
