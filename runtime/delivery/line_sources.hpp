// Whose lines the outbox holds. Each source's metadata is there once, however
// many of its lines are held, and as long as one of them is: a function may
// start a process, with metadata of its own, for each invocation.
//
//   const auto id = sources.hold(source); // for the first of its lines
//   sources.hold(id);                     // for each more
//   …
//   sources.release(id);                  // for each; the last one forgets it
#pragma once

#include "runtime/delivery/spill_records.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

namespace apm {

/// 0 stands for our own lines.
using source_id = uint64_t;

class line_sources {
public:
  /// Takes note of one more use. *Shape:* the same text has the same id.
  source_id hold(const line_source& source);
  void hold(source_id id);

  void release(source_id id);

  /// Makes it the newest, which is kept without lines, too.
  void show(const line_source& source);

  /// The one that lines of our own travel under; 0: none has shown itself.
  source_id newest() const noexcept { return newest_; }

  /// Null for our own lines.
  const line_source* find(source_id id) const;

  /// Nothing for our own lines.
  line_source get(source_id id) const;

  /// A few processes side by side are no backlog: what is held is told as the
  /// bytes of its lines.
  static constexpr uint64_t allowance = 16 * 1024;

  /// What all of them but the newest take beyond the allowance.
  uint64_t held_bytes() const noexcept {
    const auto others = bytes_ - newest_bytes_;
    return others - std::min(others, allowance);
  }

private:
  struct by_text {
    bool operator()(const line_source& x, const line_source& y) const;
  };

  struct known_source {
    line_source source;
    uint64_t uses = 0; ///< being the newest is one
  };

  std::map<source_id, known_source> known_;
  std::map<line_source, source_id, by_text> ids_;
  source_id next_id_ = 1;
  source_id newest_ = 0;
  uint64_t bytes_ = 0;
  uint64_t newest_bytes_ = 0; ///< of these
};

} // namespace apm
