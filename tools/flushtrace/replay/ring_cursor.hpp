// Reads records out of a ring while they are written, one after the other.
//
//   ring_cursor cursor{world.image()};
//   while (const auto* x = cursor.next())
//     …
#pragma once

#include "runtime/trace/record.hpp"

#include <string>
#include <string_view>

namespace flushtrace {

class ring_cursor {
public:
  /// @param image of a ring of this process' own, large enough for all that
  /// will be written
  explicit ring_cursor(std::string_view image);

  /// The next record, or null. *Ownership:* its payload is there until the next
  /// call.
  const apm::trace::record* next();

private:
  const char* slot(uint64_t sequence) const noexcept;

  std::string_view image_;
  uint64_t slots_;
  uint64_t next_ = 1;
  apm::trace::record current_;
  std::string payload_; ///< of a record of several slots
};

} // namespace flushtrace
