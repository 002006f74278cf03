// Strings are read here and not by RapidJSON, which gives up at half a
// surrogate pair; numbers and whole texts are RapidJSON's, iteratively.
#include "runtime/formats/json_value.hpp"

#include "runtime/formats/json_walk.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>

namespace apm {

namespace {

/// Lets everything pass but nesting deeper than `json_depth_max`.
struct depth_check
    : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, depth_check> {
  bool Default() { return true; }

  bool StartObject() { return ++depth <= json_depth_max; }
  bool EndObject(rapidjson::SizeType) { return --depth, true; }
  bool StartArray() { return ++depth <= json_depth_max; }
  bool EndArray(rapidjson::SizeType) { return --depth, true; }

  size_t depth = 0;
};

/// Takes one number; refuses everything else.
struct number_taker
    : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, number_taker> {
  bool Default() { return false; }

  bool Int(int x) { return take(x); }
  bool Uint(unsigned x) { return take(x); }
  bool Int64(int64_t x) { return take(static_cast<double>(x)); }
  bool Uint64(uint64_t x) { return take(static_cast<double>(x)); }
  bool Double(double x) { return take(x); }

  bool take(double x) {
    value = x;
    return true;
  }

  std::optional<double> value;
};

/// The value of four hexadecimal digits, or nothing.
std::optional<uint32_t> hex4(std::string_view text) noexcept {
  if (text.size() < 4)
    return {};
  uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
  if (error != std::errc{} || end != text.data() + 4)
    return {};
  return value;
}

void append_utf8(std::string& out, uint32_t code) {
  auto put = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

/// Undoes a `\uXXXX` whose digits begin at `text`, with the second half of a
/// pair where there is one. Returns how many bytes of `text` that took; 0 where
/// there are no four digits.
size_t append_unicode_escape(std::string& out, std::string_view text) {
  constexpr uint32_t replacement = 0xFFFD;
  auto first = hex4(text);
  if (!first)
    return 0;
  if (*first < 0xD800 || *first > 0xDFFF) {
    append_utf8(out, *first);
    return 4;
  }
  if (*first < 0xDC00 && text.substr(4, 2) == "\\u") {
    auto second = hex4(text.substr(6));
    if (second && *second >= 0xDC00 && *second <= 0xDFFF) {
      append_utf8(out,
                  0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00));
      return 10;
    }
  }
  append_utf8(out, replacement);
  return 4;
}

/// Undoes the escape whose backslash is the first character of `text`, which
/// has two at least. Returns how many bytes of `text` that took.
size_t append_escape(std::string& out, std::string_view text) {
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  size_t letter = letters.find(text[1]);
  if (letter != std::string_view::npos) {
    out += meanings[letter];
    return 2;
  }
  if (text[1] == 'u') {
    size_t taken = append_unicode_escape(out, text.substr(2));
    if (taken > 0)
      return 2 + taken;
  }
  out += '\\';
  return 1;
}

} // namespace

std::optional<error> check_json(std::string_view text) {
  constexpr unsigned flags = rapidjson::kParseIterativeFlag
                             | rapidjson::kParseNumbersAsStringsFlag
                             | rapidjson::kParseStopWhenDoneFlag;
  rapidjson::MemoryStream stream{text.data(), text.size()};
  rapidjson::Reader reader;
  depth_check handler;
  auto outcome = reader.Parse<flags>(stream, handler);
  if (outcome.Code() == rapidjson::kParseErrorTermination)
    return error{errc::bad_json, "nested deeper than "
                                     + std::to_string(json_depth_max)
                                     + " levels"};
  if (outcome.IsError()) {
    std::string_view reason = rapidjson::GetParseError_En(outcome.Code());
    reason.remove_suffix(reason.back() == '.');
    return error{errc::bad_json, std::string{reason} + ", at byte "
                                     + std::to_string(outcome.Offset())};
  }
  // The reader takes a zero byte for the end of the text.
  std::string_view rest = trim_json(text.substr(stream.Tell()));
  if (!rest.empty())
    return error{errc::bad_json,
                 "something follows the value, at byte "
                     + std::to_string(rest.data() - text.data())};
  return {};
}

std::optional<std::string> json_string(std::string_view value) {
  value = trim_json(value);
  if (value.size() < 2 || value.front() != '"' || value.back() != '"')
    return {};
  value = value.substr(1, value.size() - 2);
  std::string text;
  text.reserve(value.size());
  for (size_t at = 0; at < value.size();) {
    size_t backslash = std::min(value.find('\\', at), value.size());
    text.append(value, at, backslash - at);
    at = backslash;
    if (at + 1 < value.size())
      at += append_escape(text, value.substr(at));
    else
      break;
  }
  return text;
}

std::optional<double> json_number(std::string_view value) {
  constexpr unsigned flags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag;
  value = trim_json(value);
  if (json_kind_of(value) != json_kind::number)
    return {};
  rapidjson::MemoryStream stream{value.data(), value.size()};
  rapidjson::Reader reader;
  number_taker handler;
  if (reader.Parse<flags>(stream, handler).IsError()
      || stream.Tell() != value.size())
    return {};
  return handler.value;
}

std::optional<int64_t> json_integer(std::string_view value) noexcept {
  value = trim_json(value);
  int64_t number = 0;
  auto [end, error] = std::from_chars(value.begin(), value.end(), number);
  if (error != std::errc{} || end != value.end())
    return {};
  return number;
}

} // namespace apm
