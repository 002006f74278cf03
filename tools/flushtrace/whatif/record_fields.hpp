// Small questions to single records.
#pragma once

#include "runtime/trace/values.hpp"

namespace flushtrace {

/// The year 2116 as wall time: what a damaged trace has beyond would not fit in
/// ns.
constexpr int64_t wall_max_us = 4'600'000'000'000'000;

inline bool is_wall_us(int64_t us) noexcept {
  return us > 0 && us <= wall_max_us;
}

/// The field at a place; one of no kind where there is none.
inline const apm::trace::value& field_at(const apm::trace::record_content& in,
                                         size_t place) noexcept {
  static const apm::trace::value none;
  return place < in.fields.size() ? in.fields[place].content : none;
}

} // namespace flushtrace
