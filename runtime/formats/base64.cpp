#include "runtime/formats/base64.hpp"

#include <cstdint>

namespace apm {

namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const auto part = bytes.substr(at, 3);
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i)
      group = group << 8
              | (i < part.size() ? static_cast<unsigned char>(part[i]) : 0U);
    for (size_t i = 0; i < 4; ++i)
      text += i <= part.size() ? digits[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

result<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t group = 0;
  size_t count = 0;
  size_t padding = 0;
  for (const char c : text) {
    const auto digit = digits.find(c);
    padding += c == '=' ? 1 : 0;
    if ((c != '=' && (digit == std::string_view::npos || padding > 0))
        || padding > 2)
      return error{errc::bad_value, "it is no base64"};
    group = group << 6 | (c == '=' ? 0U : static_cast<uint32_t>(digit));
    if (++count % 4 != 0)
      continue;
    for (size_t i = 0; i < 3 - padding; ++i)
      bytes += static_cast<char>(group >> (16 - 8 * i));
    group = 0;
  }
  if (count % 4 != 0)
    return error{errc::bad_value, "it is no base64"};
  return bytes;
}

} // namespace apm
