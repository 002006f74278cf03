// Runs of bytes that stand for themselves are copied at once; everything else
// is escaped, checked to be UTF-8, or replaced.
#include "runtime/formats/json_write.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>
#include <cmath>

namespace apm {

namespace {

/// U+FFFD in UTF-8.
constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Whether a byte stands for itself inside a JSON string.
constexpr bool is_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

constexpr std::array<bool, 256> make_plain_table() {
  std::array<bool, 256> table{};
  for (size_t i = 0; i < table.size(); ++i)
    table[i] = is_plain(static_cast<unsigned char>(i));
  return table;
}

/// One look-up a byte: log lines go through here a byte at a time.
constexpr auto plain_table = make_plain_table();

/// What stands at the front of a text that is meant to be UTF-8.
struct utf8_run {
  size_t length = 1; ///< bytes that belong together
  bool is_valid = false;
};

/// Looks at a lead byte above 0x7F and what follows it. The range of the second
/// byte depends on the first: that keeps out overlong forms, surrogates and
/// what lies behind U+10FFFF.
utf8_run utf8_run_at(std::string_view text) noexcept {
  auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(0);
  size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4)
    return {};
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (size_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < low || byte(i) > high)
      return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true};
}

void append_escaped(std::string& out, unsigned char byte) {
  constexpr char hex[] = "0123456789abcdef";
  switch (byte) {
  case '"':
    out += "\\\"";
    break;
  case '\\':
    out += "\\\\";
    break;
  case '\n':
    out += "\\n";
    break;
  case '\r':
    out += "\\r";
    break;
  case '\t':
    out += "\\t";
    break;
  default:
    out += "\\u00";
    out += hex[byte >> 4];
    out += hex[byte & 0x0F];
  }
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (size_t i = 0; i < text.size();) {
    size_t begin = i;
    while (i < text.size() && plain_table[static_cast<unsigned char>(text[i])])
      ++i;
    out.append(text, begin, i - begin);
    if (i == text.size())
      break;
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      append_escaped(out, byte);
      ++i;
      continue;
    }
    utf8_run run = utf8_run_at(text.substr(i));
    out += run.is_valid ? text.substr(i, run.length) : replacement;
    i += run.length;
  }
  out += '"';
}

void append_json_integer(std::string& out, int64_t value) {
  std::array<char, 24> digits; // 20 are the most that 64 bits need
  auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  out.append(digits.begin(), end);
}

void append_json_number(std::string& out, double value) {
  // Above 2^53 a double's neighbours are further apart than 1, and a long row
  // of digits would claim more than is known.
  constexpr double integers_max = 9007199254740992.0;
  if (!std::isfinite(value)) {
    out += "null";
  } else if (value == std::trunc(value) && std::fabs(value) <= integers_max) {
    append_json_integer(out, static_cast<int64_t>(value));
  } else {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
    writer.Double(value);
    out.append(buffer.GetString(), buffer.GetSize());
  }
}

void json_object::key(std::string_view name) {
  key({}, name);
}

void json_object::key(std::string_view prefix, std::string_view name) {
  if (!is_empty_)
    out_.push_back(',');
  is_empty_ = false;
  out_.push_back('"');
  out_.append(prefix);
  out_.append(name);
  out_.append("\":", 2);
}

void json_object::string(std::string_view name, std::string_view value) {
  key(name);
  append_json_string(out_, value);
}

void json_object::string_if_any(std::string_view name, std::string_view value) {
  if (!value.empty())
    string(name, value);
}

void json_object::integer(std::string_view name, int64_t value) {
  key(name);
  append_json_integer(out_, value);
}

void json_object::number(std::string_view name, double value) {
  key(name);
  append_json_number(out_, value);
}

void json_object::boolean(std::string_view name, bool value) {
  key(name);
  out_ += value ? "true" : "false";
}

void json_object::members(std::string_view object) {
  if (object.size() <= 2) // {}
    return;
  if (!is_empty_)
    out_ += ',';
  is_empty_ = false;
  out_ += object.substr(1, object.size() - 2);
}

std::string_view prefix_of_characters(std::string_view text,
                                      size_t characters_max) {
  if (text.size() <= characters_max)
    return text;
  size_t end = 0;
  for (size_t count = 0; count < characters_max && end < text.size(); ++count)
    end += static_cast<unsigned char>(text[end]) < 0x80
               ? 1
               : utf8_run_at(text.substr(end)).length;
  return text.substr(0, end);
}

} // namespace apm
