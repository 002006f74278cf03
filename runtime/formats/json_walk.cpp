// All scanning is by position in the one text, and each byte is looked at once
// or twice: by the walk that steps over a value, and by the one inside of it.
#include "runtime/formats/json_walk.hpp"

#include <algorithm>

namespace apm {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr auto npos = std::string_view::npos;

bool is_blank(char x) noexcept {
  return x == ' ' || x == '\t' || x == '\r' || x == '\n';
}

size_t skip_blanks(std::string_view text, size_t at) noexcept {
  while (at < text.size() && is_blank(text[at]))
    ++at;
  return at;
}

/// The end of the string that begins at `at`. A quote ends it if the number of
/// backslashes before it is even; the runs of them are disjoint, so this stays
/// linear.
size_t skip_string(std::string_view text, size_t at) noexcept {
  for (size_t from = at + 1;;) {
    size_t quote = text.find('"', from);
    if (quote == npos)
      return npos;
    size_t backslashes = 0;
    while (quote - backslashes > at + 1
           && text[quote - backslashes - 1] == '\\')
      ++backslashes;
    if (backslashes % 2 == 0)
      return quote + 1;
    from = quote + 1;
  }
}

/// The end of the object or array that begins at `at`: where as many brackets
/// have closed as were opened.
size_t skip_compound(std::string_view text, size_t at) noexcept {
  for (size_t depth = 0; at < text.size();) {
    switch (text[at]) {
    case '"':
      at = skip_string(text, at);
      if (at == npos)
        return npos;
      continue;
    case '{':
    case '[':
      ++depth;
      break;
    case '}':
    case ']':
      if (--depth == 0)
        return at + 1;
      break;
    default:
      break;
    }
    ++at;
  }
  return npos;
}

/// The end of the number, `true`, `false` or `null` that begins at `at`. Only
/// characters that such words have belong to it: a quote that follows begins a
/// string for all who look at the text, so that all find the same strings.
size_t skip_word(std::string_view text, size_t at) noexcept {
  auto belongs = [](char x) {
    return (x >= '0' && x <= '9') || (x >= 'a' && x <= 'z')
           || (x >= 'A' && x <= 'Z') || x == '+' || x == '-' || x == '.';
  };
  while (at < text.size() && belongs(text[at]))
    ++at;
  return at;
}

/// The end of the value that begins at `at`, or `npos`.
size_t skip_value(std::string_view text, size_t at) noexcept {
  switch (json_kind_of(text.substr(at))) {
  case json_kind::none:
    return npos;
  case json_kind::string:
    return skip_string(text, at);
  case json_kind::object:
  case json_kind::array:
    return skip_compound(text, at);
  default:
    return skip_word(text, at);
  }
}

} // namespace

json_kind json_kind_of(std::string_view value) noexcept {
  size_t at = skip_blanks(value, 0);
  if (at == value.size())
    return json_kind::none;
  switch (value[at]) {
  case '{':
    return json_kind::object;
  case '[':
    return json_kind::array;
  case '"':
    return json_kind::string;
  case 't':
  case 'f':
    return json_kind::boolean;
  case 'n':
    return json_kind::null;
  default:
    return value[at] == '-' || (value[at] >= '0' && value[at] <= '9')
               ? json_kind::number
               : json_kind::none;
  }
}

json_walk::json_walk(std::string_view text) noexcept : text_(text) {
  position_ = skip_blanks(text, 0);
  if (position_ < text.size() && text[position_] == '{')
    end_ = '}';
  else if (position_ < text.size() && text[position_] == '[')
    end_ = ']';
}

bool json_walk::stop() noexcept {
  end_ = '\0';
  return false;
}

size_t json_walk::value_end() noexcept {
  if (value_end_ == 0)
    value_end_ = skip_value(text_, position_);
  return value_end_;
}

bool json_walk::read_key() noexcept {
  if (position_ == text_.size() || text_[position_] != '"')
    return false;
  size_t end = skip_string(text_, position_);
  if (end == npos)
    return false;
  key_ = text_.substr(position_ + 1, end - position_ - 2);
  position_ = skip_blanks(text_, end);
  if (position_ == text_.size() || text_[position_] != ':')
    return false;
  position_ = skip_blanks(text_, position_ + 1);
  return true;
}

bool json_walk::next() noexcept {
  if (end_ == '\0')
    return false;
  size_t at = is_first_ ? position_ + 1 : value_end();
  if (at == npos)
    return stop();
  at = skip_blanks(text_, at);
  if (at == text_.size())
    return stop();
  if (text_[at] == end_) {
    position_ = at + 1;
    is_whole_ = true;
    return stop();
  }
  if (!is_first_) {
    if (text_[at] != ',')
      return stop();
    at = skip_blanks(text_, at + 1);
  }
  is_first_ = false;
  position_ = at;
  value_end_ = 0;
  if (end_ == '}' && !read_key())
    return stop();
  return json_kind_of(text_.substr(position_)) != json_kind::none || stop();
}

std::string_view json_walk::value() noexcept {
  size_t end = value_end();
  return end == npos ? std::string_view{}
                     : text_.substr(position_, end - position_);
}

std::string compact_json(std::string_view value) {
  std::string text;
  text.reserve(value.size());
  for (size_t at = 0; at < value.size();) {
    if (value[at] == '"') {
      size_t end = std::min(skip_string(value, at), value.size());
      text.append(value, at, end - at);
      at = end;
    } else {
      if (!is_blank(value[at]))
        text += value[at];
      ++at;
    }
  }
  return text;
}

std::string_view trim_json(std::string_view text) noexcept {
  size_t begin = text.find_first_not_of(blanks);
  if (begin == npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

} // namespace apm
