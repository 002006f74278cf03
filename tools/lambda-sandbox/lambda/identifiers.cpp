// Random identifiers; see identifiers.hpp.
#include "tools/lambda-sandbox/lambda/identifiers.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <cctype>
#include <cstddef>
#include <random>

namespace sandbox {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

std::string random_hex(std::size_t digits) {
  static std::mt19937_64 generator{std::random_device{}()};
  std::uniform_int_distribution<std::size_t> digit{0, 15};
  std::string text;
  text.reserve(digits);
  for (std::size_t i = 0; i < digits; ++i)
    text += hex_digits[digit(generator)];
  return text;
}

bool is_dash_place(std::size_t place) {
  return place == 8 || place == 13 || place == 18 || place == 23;
}

} // namespace

std::string make_uuid() {
  auto text = random_hex(36);
  for (std::size_t i = 0; i < text.size(); ++i)
    if (is_dash_place(i))
      text[i] = '-';
  text[14] = '4';                        // version
  text[19] = text[19] < '8' ? '8' : 'a'; // variant: binary 10xx
  return text;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (is_dash_place(i)
            ? text[i] != '-'
            : std::isxdigit(static_cast<unsigned char>(text[i])) == 0)
      return false;
  return true;
}

std::string make_trace_header() {
  auto seconds = static_cast<unsigned long long>(unix_now_ns() / 1'000'000'000);
  std::string time(8, '0');
  for (auto place = time.rbegin(); place != time.rend(); ++place) {
    *place = hex_digits[seconds % 16];
    seconds /= 16;
  }
  return "Root=1-" + time + "-" + random_hex(24) + ";Parent=" + random_hex(16)
         + ";Sampled=1";
}

} // namespace sandbox
