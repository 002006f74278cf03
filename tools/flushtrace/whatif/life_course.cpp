#include "tools/flushtrace/whatif/life_course.hpp"

#include "tools/flushtrace/units.hpp"
#include "tools/flushtrace/whatif/record_fields.hpp"

#include <algorithm>

namespace flushtrace {

void life_course::begin_next(int64_t at) {
  begins_[interval_] = begin_;
  // What is told of one that was left out is told as of the next one's begin.
  for (auto left_out = interval_ + 1; left_out < following(); ++left_out)
    begins_[left_out] = at;
  begin_ = at;
  interval_ = std::min(following(), script_.intervals().size() - 1);
}

int64_t life_course::later_us(int64_t recorded_wall_us) const {
  if (!is_wall_us(recorded_wall_us))
    return 0; // of a damaged trace
  const auto& intervals = script_.intervals();
  auto k = interval_;
  const auto offset_in = [&](size_t interval) {
    return recorded_wall_us * ns_per_us - intervals[interval].wall_offset
           - intervals[interval].begin;
  };
  while (k > 0 && offset_in(k) < 0)
    --k;
  return (begin_of(k) - intervals[k].begin + script_.later_ns(k, offset_in(k)))
         / ns_per_us;
}

std::map<std::string, function_end>
life_course::function_ends(const std::set<size_t>& left_out) const {
  std::map<std::string, function_end> ends;
  for (size_t i = 0; i <= interval_; ++i) {
    const auto& x = script_.intervals()[i];
    if (!x.is_invocation || x.function_ns < 0 || left_out.count(i) > 0)
      continue;
    ends[x.request_id] = {x.begin + x.function_ns,
                          begin_of(i) + script_.function_ns(x)};
  }
  return ends;
}

} // namespace flushtrace
