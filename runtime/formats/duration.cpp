// Works in unsigned nanoseconds and checks each step before it could overflow.
// Fractions go through floating point because Go's do: what both make of a text
// agrees to the nanosecond.
#include "runtime/formats/duration.hpp"

#include <cstdint>
#include <optional>

namespace apm {

namespace {

struct unit {
  std::string_view name;
  uint64_t ns;
};

/// Both letters that look like a mu count: U+00B5 and U+03BC.
constexpr unit units[] = {
    {"ns", 1},
    {"us", 1'000},
    {"\xC2\xB5s", 1'000},
    {"\xCE\xBCs", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
};

/// The most that fits. *Source:* Go's Duration is a signed 64-bit number too.
constexpr uint64_t ns_max = INT64_MAX;

bool is_digit(char x) {
  return x >= '0' && x <= '9';
}

/// Takes the longest prefix whose characters all satisfy `belongs`.
template <class Predicate>
std::string_view take_while(std::string_view& text, Predicate belongs) {
  size_t count = 0;
  while (count < text.size() && belongs(text[count]))
    ++count;
  std::string_view prefix = text.substr(0, count);
  text.remove_prefix(count);
  return prefix;
}

/// A number made of `digits` times `unit_ns`, or nothing if that does not fit.
std::optional<uint64_t> whole_ns(std::string_view digits, uint64_t unit_ns) {
  uint64_t value = 0;
  for (char x : digits) {
    auto digit = static_cast<uint64_t>(x - '0');
    if (value > (ns_max - digit) / 10)
      return {};
    value = value * 10 + digit;
  }
  if (value > ns_max / unit_ns)
    return {};
  return value * unit_ns;
}

/// The fraction `0.digits` of a unit. Go computes it in floating point, and
/// rounds a third of an hour up to 20 minutes by that; so do we. Digits that no
/// longer fit 63 bits do not count.
uint64_t fraction_ns(std::string_view digits, uint64_t unit_ns) {
  uint64_t value = 0;
  double scale = 1;
  for (char x : digits) {
    auto digit = static_cast<uint64_t>(x - '0');
    if (value > (ns_max - digit) / 10)
      break;
    value = value * 10 + digit;
    scale *= 10;
  }
  return static_cast<uint64_t>(static_cast<double>(value)
                               * (static_cast<double>(unit_ns) / scale));
}

/// One number with its unit, as taken from the front of a duration.
struct term {
  uint64_t ns = 0;
  std::string_view problem; ///< empty if there is none
};

term take_term(std::string_view& text) {
  std::string_view whole = take_while(text, is_digit);
  std::string_view fraction;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    fraction = take_while(text, is_digit);
  }
  if (whole.empty() && fraction.empty())
    return {0, "has no number where one should be"};
  std::string_view name =
      take_while(text, [](char x) { return x != '.' && !is_digit(x); });
  if (name.empty())
    return {0, "has a number without a unit"};
  for (auto& known : units) {
    if (known.name != name)
      continue;
    auto ns = whole_ns(whole, known.ns);
    if (!ns)
      return {0, "is too long"};
    return {*ns + fraction_ns(fraction, known.ns), {}};
  }
  return {0, "has an unknown unit"};
}

error bad_duration(std::string_view text, std::string_view problem) {
  return {errc::bad_duration,
          "\"" + std::string{text} + "\" " + std::string{problem}
              + "; a duration is written like 15s, 1m30s or "
                "500ms"};
}

/// Appends a number whose last `digits` digits are its fraction, without the
/// zeros at its end: 1500 with 3 is 1.5.
void append_decimal(std::string& out, uint64_t value, size_t digits) {
  std::string fraction(digits, '0');
  for (size_t i = digits; i > 0; value /= 10)
    fraction[--i] = static_cast<char>('0' + value % 10);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  out += std::to_string(value);
  if (!fraction.empty())
    out += '.' + fraction;
}

} // namespace

result<std::chrono::nanoseconds> parse_go_duration(std::string_view text) {
  std::string_view rest = text;
  if (!rest.empty() && rest.front() == '-')
    return bad_duration(text, "is negative");
  if (!rest.empty() && rest.front() == '+')
    rest.remove_prefix(1);
  if (rest.empty())
    return bad_duration(text, "is empty");
  if (rest == "0")
    return std::chrono::nanoseconds{0};
  uint64_t sum = 0;
  while (!rest.empty()) {
    term next = take_term(rest);
    if (!next.problem.empty())
      return bad_duration(text, next.problem);
    if (next.ns > ns_max - sum)
      return bad_duration(text, "is too long");
    sum += next.ns;
  }
  return std::chrono::nanoseconds{static_cast<int64_t>(sum)};
}

std::string format_go_duration(std::chrono::nanoseconds value) {
  // Unsigned, since the least number has no positive counterpart.
  auto ns = static_cast<uint64_t>(value.count());
  std::string out;
  if (value.count() < 0) {
    out = "-";
    ns = 0 - ns;
  }
  if (ns == 0)
    return "0s";
  if (ns < 1'000)
    return out + std::to_string(ns) + "ns";
  if (ns < 1'000'000) {
    append_decimal(out, ns, 3);
    return out + "\xC2\xB5s";
  }
  if (ns < 1'000'000'000) {
    append_decimal(out, ns, 6);
    return out + "ms";
  }
  uint64_t minutes = ns / 60'000'000'000;
  if (minutes >= 60)
    out += std::to_string(minutes / 60) + 'h';
  if (minutes > 0)
    out += std::to_string(minutes % 60) + 'm';
  append_decimal(out, ns % 60'000'000'000, 9);
  return out + 's';
}

} // namespace apm
