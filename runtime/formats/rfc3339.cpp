// A reader that notes the first thing that does not fit, and the arithmetic of
// the Gregorian calendar in days since 1970.
#include "runtime/formats/rfc3339.hpp"

#include <algorithm>
#include <array>

namespace apm {

namespace {

constexpr int64_t day_seconds = 86'400;

/// Days from 1970-01-01 to a date of the Gregorian calendar.
/// *Source:* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// days_from_civil: years begin in March, so that the leap day comes last, and
/// repeat every 400 years, 146,097 days.
int64_t days_from_date(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
  int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

struct date {
  int64_t year;
  int64_t month;
  int64_t day;
};

/// The other way round: civil_from_days of the same source.
date date_from_days(int64_t days) {
  days += 719'468;
  int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  int64_t day_of_era = days - era * 146'097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524
                         - day_of_era / 146'096)
                        / 365;
  int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted_month = (5 * day_of_year + 2) / 153;
  int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_era + era * 400 + (month <= 2), month, day};
}

int64_t days_of_month(int64_t year, int64_t month) {
  constexpr std::array<int64_t, 12> days{31, 28, 31, 30, 31, 30,
                                         31, 31, 30, 31, 30, 31};
  bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && is_leap ? 29 : days[static_cast<size_t>(month - 1)];
}

/// Reads a text piece by piece; once something does not fit, nothing does.
class date_reader {
public:
  explicit date_reader(std::string_view text) : text_(text) {
    // nop
  }

  bool is_sound() const { return is_sound_; }

  bool is_at_end() const { return text_.empty(); }

  /// Takes one of the characters if it is next, and says so.
  bool skip(std::string_view characters) {
    if (text_.empty()
        || characters.find(text_.front()) == std::string_view::npos)
      return false;
    text_.remove_prefix(1);
    return true;
  }

  void need(std::string_view characters) { is_sound_ &= skip(characters); }

  /// Takes `count` digits that make a number from `low` to `high`.
  int64_t number(size_t count, int64_t low, int64_t high) {
    int64_t value = 0;
    for (size_t i = 0; i < count; ++i)
      value = value * 10 + digit();
    is_sound_ &= value >= low && value <= high;
    return value;
  }

  /// Takes all digits of a fraction; the first six are its microseconds.
  int64_t fraction_us() {
    int64_t value = 0;
    int64_t weight = 100'000;
    do {
      value += digit() * weight;
      weight /= 10;
    } while (is_sound_ && !text_.empty() && is_digit(text_.front()));
    return value;
  }

private:
  static bool is_digit(char x) { return x >= '0' && x <= '9'; }

  int64_t digit() {
    is_sound_ &= !text_.empty() && is_digit(text_.front());
    if (!is_sound_)
      return 0;
    int64_t value = text_.front() - '0';
    text_.remove_prefix(1);
    return value;
  }

  std::string_view text_;
  bool is_sound_ = true;
};

/// Takes `Z` or `+01:00`. *Units:* seconds east of Greenwich.
int64_t read_offset(date_reader& in) {
  if (in.skip("Zz"))
    return 0;
  int64_t sign = in.skip("-") ? -1 : 1;
  if (sign == 1)
    in.need("+");
  int64_t hours = in.number(2, 0, 23);
  in.skip(":");
  return sign * (hours * 3600 + in.number(2, 0, 59) * 60);
}

/// Appends a number with leading zeros, and what stands behind it.
void append_digits(std::string& out, int64_t value, size_t count, char after) {
  out.resize(out.size() + count, '0');
  for (size_t i = out.size(); value > 0; value /= 10)
    out[--i] = static_cast<char>('0' + value % 10);
  out += after;
}

} // namespace

result<int64_t> parse_rfc3339_us(std::string_view text) {
  date_reader in{text};
  int64_t year = in.number(4, 0, 9999);
  in.need("-");
  int64_t month = in.number(2, 1, 12);
  in.need("-");
  int64_t day = in.number(2, 1, in.is_sound() ? days_of_month(year, month) : 1);
  in.need("Tt ");
  int64_t seconds = in.number(2, 0, 23) * 3600;
  in.need(":");
  seconds += in.number(2, 0, 59) * 60;
  in.need(":");
  seconds += in.number(2, 0, 60); // a leap second counts as the next minute's
  int64_t us = in.skip(".,") ? in.fraction_us() : 0;
  seconds -= read_offset(in);
  if (!in.is_sound() || !in.is_at_end())
    return error{errc::bad_value, "not a time as RFC 3339 writes it, such as "
                                  "2026-11-22T11:58:28.123Z"};
  seconds += days_from_date(year, month, day) * day_seconds;
  return seconds * 1'000'000 + us;
}

std::string format_rfc3339_ms(int64_t unix_ms) {
  constexpr int64_t day_ms = day_seconds * 1000;
  const int64_t first_day = days_from_date(0, 1, 1);
  const int64_t end_day = days_from_date(10'000, 1, 1);
  unix_ms = std::clamp(unix_ms, first_day * day_ms, end_day * day_ms - 1);
  // Counted from the first day nothing is negative, and division rounds down.
  int64_t ms = unix_ms - first_day * day_ms;
  date day = date_from_days(ms / day_ms + first_day);
  ms %= day_ms;
  std::string text;
  append_digits(text, day.year, 4, '-');
  append_digits(text, day.month, 2, '-');
  append_digits(text, day.day, 2, 'T');
  append_digits(text, ms / 3'600'000, 2, ':');
  append_digits(text, ms / 60'000 % 60, 2, ':');
  append_digits(text, ms / 1000 % 60, 2, '.');
  append_digits(text, ms % 1000, 3, 'Z');
  return text;
}

} // namespace apm
