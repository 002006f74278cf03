// Trying values; see sweep.hpp.
#include "tools/flushtrace/whatif/sweep.hpp"

#include "runtime/formats/duration.hpp"
#include "tools/flushtrace/units.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>

namespace flushtrace {

namespace {

using apm::errc;
using apm::error;

constexpr double positions_per_factor = 1'000;

/// Values beside the bisection's that have to agree with it, on either side.
constexpr int64_t witnesses = 4;

sweep_result in_order(std::map<int64_t, sweep_point> tried) {
  sweep_result made;
  for (auto& [position, x] : tried) {
    if (x.is_clean() && made.greatest
        && *made.greatest + 1 != made.points.size())
      made.is_monotone = false;
    if (x.is_clean() && !made.smallest)
      made.smallest = made.points.size();
    if (x.is_clean())
      made.greatest = made.points.size();
    made.points.push_back(std::move(x));
  }
  return made;
}

/// Remembers what was tried.
class searcher {
public:
  searcher(const sweep_axis& axis, const sweep_trial& trial)
      : axis_(axis), trial_(trial) {}

  /// *Errors:* the trial's, in `failure`.
  bool is_clean(int64_t position) {
    const auto known = tried_.find(position);
    if (known != tried_.end())
      return known->second.is_clean();
    auto point = trial_(axis_.text(position));
    if (!point) {
      failure = point.error();
      return false;
    }
    return tried_.emplace(position, std::move(point.value()))
        .first->second.is_clean();
  }

  void look_between(int64_t from, int64_t to) {
    for (int64_t i = 1; i <= witnesses && !failure; ++i)
      is_clean(from + (to - from) * i / (witnesses + 1));
  }

  std::map<int64_t, sweep_point> take() { return std::move(tried_); }

  std::optional<error> failure;

private:
  const sweep_axis& axis_;
  const sweep_trial& trial_;
  std::map<int64_t, sweep_point> tried_;
};

} // namespace

apm::result<int64_t> sweep_axis::read(std::string_view text, unit& as) {
  if (!text.empty() && text.front() == 'x') {
    double factor = 0;
    const auto* end = text.data() + text.size();
    const auto [at, failure] = std::from_chars(text.data() + 1, end, factor);
    constexpr double most = 1e6;
    if (failure == std::errc{} && at == end && factor >= 0 && factor <= most) {
      as = unit::factor;
      return std::llround(factor * positions_per_factor);
    }
  }
  int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [at, failure] = std::from_chars(text.data(), end, number);
  if (failure == std::errc{} && at == end && number >= 0) {
    as = unit::number;
    return number;
  }
  const bool is_more = !text.empty() && text.front() == '+';
  if (const auto read = apm::parse_go_duration(text)) {
    as = is_more ? unit::more : unit::duration;
    return int64_t{read.value().count()} / ns_per_ms;
  }
  return error{errc::bad_value, std::string{text}
                                    + " is no duration, number or factor "
                                      "(x1.5)"};
}

apm::result<sweep_axis> sweep_axis::between(std::string_view from,
                                            std::string_view to) {
  sweep_axis made;
  auto unit_to = unit::number;
  const auto first = read(from, made.unit_);
  if (!first)
    return first.error();
  const auto last = read(to, unit_to);
  if (!last)
    return last.error();
  if (unit_to != made.unit_ || first.value() >= last.value())
    return error{errc::bad_value, std::string{from} + " to " + std::string{to}
                                      + " is no range from a smaller value to "
                                        "a greater one of its kind"};
  made.first_ = first.value();
  made.last_ = last.value();
  return made;
}

apm::result<int64_t> sweep_axis::step(std::string_view text) const {
  auto as = unit::number;
  const auto step = read(text, as);
  if (!step)
    return step.error();
  const bool is_time = as == unit::duration && unit_ == unit::more;
  if ((as != unit_ && !is_time) || step.value() <= 0)
    return error{errc::bad_value, std::string{text}
                                      + " is no step of these values, or less "
                                        "than one that makes a difference"};
  return step;
}

std::string sweep_axis::text(int64_t position) const {
  switch (unit_) {
  case unit::duration:
    return apm::format_go_duration(std::chrono::milliseconds{position});
  case unit::more:
    return '+' + apm::format_go_duration(std::chrono::milliseconds{position});
  case unit::factor: {
    char text[32];
    std::snprintf(text, sizeof text, "x%g",
                  static_cast<double>(position) / positions_per_factor);
    return text;
  }
  case unit::number:
    break;
  }
  return std::to_string(position);
}

apm::result<sweep_result> try_all(const std::vector<std::string>& values,
                                  const sweep_trial& trial) {
  std::map<int64_t, sweep_point> tried;
  for (size_t i = 0; i < values.size(); ++i) {
    auto point = trial(values[i]);
    if (!point)
      return point.error();
    tried.emplace(static_cast<int64_t>(i), std::move(point.value()));
  }
  return in_order(std::move(tried));
}

apm::result<sweep_result> search(const sweep_axis& axis,
                                 const sweep_trial& trial) {
  searcher tries{axis, trial};
  auto below = axis.first();
  auto above = axis.last();
  const bool is_first_clean = tries.is_clean(below);
  const bool is_last_clean = tries.is_clean(above);
  const bool is_bounded = is_first_clean != is_last_clean;
  while (is_bounded && above - below > 1 && !tries.failure) {
    const auto middle = below + (above - below) / 2;
    (tries.is_clean(middle) == is_last_clean ? above : below) = middle;
  }
  if (!is_bounded) {
    tries.look_between(axis.first(), axis.last());
  } else {
    tries.look_between(axis.first(), below);
    tries.look_between(above, axis.last());
  }
  if (tries.failure)
    return *tries.failure;
  return in_order(tries.take());
}

} // namespace flushtrace
