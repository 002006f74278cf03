#include "tools/flushtrace/filter/quantity.hpp"

#include <algorithm>
#include <iterator>

namespace flushtrace {

namespace {

struct unit_row {
  std::string_view name;
  unit_kind kind;
  uint64_t factor;
};

constexpr unit_row units[] = {
    {"", unit_kind::none, 1},
    {"ns", unit_kind::time, 1},
    {"us", unit_kind::time, 1'000},
    {"\xC2\xB5s", unit_kind::time, 1'000}, // the micro sign
    {"ms", unit_kind::time, 1'000'000},
    {"s", unit_kind::time, 1'000'000'000},
    {"min", unit_kind::time, 60'000'000'000},
    {"h", unit_kind::time, 3'600'000'000'000},
    {"B", unit_kind::bytes, 1},
    {"kB", unit_kind::bytes, 1'000},
    {"MB", unit_kind::bytes, 1'000'000},
    {"GB", unit_kind::bytes, 1'000'000'000},
    {"KiB", unit_kind::bytes, 1 << 10},
    {"MiB", unit_kind::bytes, 1 << 20},
    {"GiB", unit_kind::bytes, 1 << 30},
};

/// Digits after the point that count: a nanosecond of a second has nine.
constexpr uint64_t fraction_max = 1'000'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A number in decimal, taken apart.
struct decimal {
  bool is_negative = false;
  uint64_t whole = 0;
  uint64_t fraction = 0;
  uint64_t divisor = 1; ///< of the fraction: a power of ten
};

/// Takes a number off the front. @returns whether one is there
bool take_decimal(std::string_view& text, decimal& to) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    to.is_negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || !is_digit(text.front()))
    return false;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1))
    if (__builtin_mul_overflow(to.whole, uint64_t{10}, &to.whole)
        || __builtin_add_overflow(
            to.whole, static_cast<uint64_t>(text.front() - '0'), &to.whole))
      return false;
  if (text.size() < 2 || text[0] != '.' || !is_digit(text[1]))
    return true;
  text.remove_prefix(1);
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    if (to.divisor == fraction_max)
      continue;
    to.fraction = to.fraction * 10 + static_cast<uint64_t>(text.front() - '0');
    to.divisor *= 10;
  }
  return true;
}

int order(uint64_t x, uint64_t y) {
  return x < y ? -1 : x > y ? 1 : 0;
}

} // namespace

int quantity::compare(whole_number x) const noexcept {
  if (!exact) {
    const auto value = x.real();
    return value < real ? -1 : value > real ? 1 : 0;
  }
  if (x.is_negative != exact->is_negative)
    return x.is_negative ? -1 : 1;
  const auto ordered = order(x.magnitude, exact->magnitude);
  return x.is_negative ? -ordered : ordered;
}

std::optional<quantity> parse_quantity(std::string_view text) {
  decimal number;
  if (!take_decimal(text, number))
    return {};
  const auto unit = std::find_if(std::begin(units), std::end(units),
                                 [&](const auto& x) { return x.name == text; });
  if (unit == std::end(units))
    return {};
  quantity x;
  x.unit = unit->kind;
  uint64_t whole = 0;
  uint64_t fraction = 0;
  if (__builtin_mul_overflow(number.whole, unit->factor, &whole))
    return {};
  // Less than 10^9 times 3.6 * 10^12 would not have room for all hours.
  const auto divided = static_cast<double>(number.fraction)
                       / static_cast<double>(number.divisor)
                       * static_cast<double>(unit->factor);
  x.real = (static_cast<double>(whole) + divided)
           * (number.is_negative ? -1.0 : 1.0);
  const bool is_exact =
      !__builtin_mul_overflow(number.fraction, unit->factor, &fraction)
      && fraction % number.divisor == 0
      && !__builtin_add_overflow(whole, fraction / number.divisor, &whole);
  if (is_exact)
    x.exact = whole_number{number.is_negative && whole != 0, whole};
  return x;
}

} // namespace flushtrace
