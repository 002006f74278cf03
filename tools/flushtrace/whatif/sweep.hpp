// A row of values of one parameter: what is missed with each, and what it
// costs; and the smallest with which nothing is.
//
//   auto axis = sweep_axis::between("100ms", "2s");
//   auto found = search(axis.value(), [&](const std::string& value) {…});
#pragma once

#include "tools/flushtrace/whatif/price.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

/// What one value comes to, of all traces.
struct sweep_point {
  std::string value;
  life_sums sums;
  bool is_exact = true;
  bool is_cut = false;

  bool is_clean() const noexcept { return sums.missed == 0; }
};

/// Values from one to another.
class sweep_axis {
public:
  /// *Errors:* `bad_value` where these are no two durations, numbers or
  /// factors, or the first is not the smaller one.
  [[nodiscard]] static apm::result<sweep_axis> between(std::string_view from,
                                                       std::string_view to);

  /// *Errors:* `bad_value` where it is no step of these values.
  [[nodiscard]] apm::result<int64_t> step(std::string_view text) const;

  /// *Units:* positions on the axis, of which neighbours are no more worth
  /// telling apart: a millisecond, a thousandth of a factor, 1.
  int64_t first() const noexcept { return first_; }
  int64_t last() const noexcept { return last_; }

  std::string text(int64_t position) const;

private:
  enum class unit : uint8_t { duration, more, factor, number };

  static apm::result<int64_t> read(std::string_view text, unit& as);

  unit unit_ = unit::number;
  int64_t first_ = 0;
  int64_t last_ = 0;
};

struct sweep_result {
  std::vector<sweep_point> points; ///< ascending, or as the values were given
  std::optional<size_t> smallest;  ///< the first that misses nothing
  std::optional<size_t> greatest;  ///< the last that misses nothing
  /// Whether every value tried between these misses nothing.
  bool is_monotone = true;
};

using sweep_trial = std::function<apm::result<sweep_point>(const std::string&)>;

/// All of these. *Errors:* the trial's.
[[nodiscard]] apm::result<sweep_result>
try_all(const std::vector<std::string>& values, const sweep_trial& trial);

/// Bisects for the smallest value that misses nothing, or, where that is the
/// first, for the greatest; and looks at others on both sides. What counts is
/// what was tried.
/// *Errors:* the trial's.
[[nodiscard]] apm::result<sweep_result> search(const sweep_axis& axis,
                                               const sweep_trial& trial);

} // namespace flushtrace
