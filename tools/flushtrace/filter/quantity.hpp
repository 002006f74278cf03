// Numbers of the filter language, with their units: `50ms`, `1.5MiB`, `-3`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace flushtrace {

/// A whole number of 64 bits, signed or not.
struct whole_number {
  bool is_negative = false;
  uint64_t magnitude = 0;

  static whole_number of(int64_t x) noexcept {
    return x < 0 ? whole_number{true, ~static_cast<uint64_t>(x) + 1}
                 : whole_number{false, static_cast<uint64_t>(x)};
  }

  static whole_number of(uint64_t x) noexcept { return {false, x}; }

  double real() const noexcept {
    const auto x = static_cast<double>(magnitude);
    return is_negative ? -x : x;
  }
};

enum class unit_kind : uint8_t { none, time, bytes };

struct quantity {
  unit_kind unit = unit_kind::none;
  /// *Units:* ns, bytes; without a unit what was written.
  double real = 0;
  std::optional<whole_number> exact; ///< none: it has a fraction

  /// Less than 0 where `x` is less than it, 0 where they are equal.
  int compare(whole_number x) const noexcept;
};

/// Of ns us µs ms s min h, B kB MB GB KiB MiB GiB; nothing where it is no
/// number, or one beyond 64 bits.
std::optional<quantity> parse_quantity(std::string_view text);

} // namespace flushtrace
