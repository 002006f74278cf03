#include "tools/flushtrace/filter/token.hpp"

#include <algorithm>
#include <optional>

namespace flushtrace {

namespace {

/// Of a filter that an error shows, on each side of the place.
constexpr size_t shown_bytes = 60;

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9')
         || std::string_view{"_./:#+-*?@%^$[]\\"}.find(c)
                != std::string_view::npos
         || static_cast<unsigned char>(c) >= 0x80; // such as the u of µs
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class splitter {
public:
  explicit splitter(std::string_view filter) : filter_(filter) {}

  apm::result<std::vector<token>> split() {
    if (filter_.size() > filter_bytes_max)
      return apm::error{apm::errc::too_large,
                        "the filter is longer than 16 KiB"};
    for (;;) {
      while (at_ < filter_.size() && is_blank(filter_[at_]))
        ++at_;
      token next;
      next.at = at_;
      if (at_ < filter_.size())
        take(next);
      if (!problem_.empty())
        return apm::error{apm::errc::bad_value, problem_};
      next.size = at_ - next.at;
      tokens_.push_back(std::move(next));
      if (tokens_.back().kind == token_kind::end)
        return std::move(tokens_);
    }
  }

private:
  void take(token& to) {
    const char c = filter_[at_];
    if (c == '(' || c == ')') {
      to.kind = c == '(' ? token_kind::open : token_kind::close;
      ++at_;
    } else if (c == '"' || c == '\'') {
      take_text(to, c);
    } else if (is_word_character(c)) {
      const auto begin = at_;
      while (at_ < filter_.size() && is_word_character(filter_[at_]))
        ++at_;
      to.kind = token_kind::word;
      to.text = filter_.substr(begin, at_ - begin);
    } else {
      take_sign(to);
    }
  }

  void take_text(token& to, char quote) {
    to.kind = token_kind::text;
    const auto begin = at_++;
    while (at_ < filter_.size() && filter_[at_] != quote) {
      // A backslash is kept before all but quotes: patterns have them.
      if (filter_[at_] == '\\' && at_ + 1 < filter_.size()
          && filter_[at_ + 1] == quote)
        ++at_;
      to.text += filter_[at_++];
    }
    if (at_ == filter_.size())
      fail(begin, 1, "this quote is never closed");
    else
      ++at_;
  }

  bool takes(std::string_view sign) {
    if (filter_.substr(at_, sign.size()) != sign)
      return false;
    at_ += sign.size();
    return true;
  }

  void take_sign(token& to) {
    static constexpr struct {
      std::string_view sign;
      token_kind kind;
      comparison_kind comparison;
    } signs[] = {
        // The longer ones first.
        {"&&", token_kind::both, {}},
        {"||", token_kind::either, {}},
        {"==", token_kind::comparison, comparison_kind::equal},
        {"!=", token_kind::comparison, comparison_kind::different},
        {"<=", token_kind::comparison, comparison_kind::at_most},
        {">=", token_kind::comparison, comparison_kind::at_least},
        {"<", token_kind::comparison, comparison_kind::less},
        {">", token_kind::comparison, comparison_kind::greater},
        {"~", token_kind::comparison, comparison_kind::alike},
        {"!", token_kind::invert, {}},
    };
    for (const auto& each : signs)
      if (takes(each.sign)) {
        to.kind = each.kind;
        to.comparison = each.comparison;
        return;
      }
    const char c = filter_[at_];
    fail(at_, 1,
         c == '=' || c == '&' || c == '|'
             ? std::string{"write "} + c + c
             : "this stands for nothing here; possible are names, numbers, "
               "texts in quotes, ( ) ! && || == != < <= > >= ~");
  }

  void fail(size_t at, size_t size, const std::string& what) {
    problem_ = point_at(filter_, at, size, what);
  }

  std::string_view filter_;
  size_t at_ = 0;
  std::vector<token> tokens_;
  std::string problem_;
};

/// Characters of UTF-8, as a terminal has a column for each.
size_t columns(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
      }));
}

} // namespace

std::string point_at(std::string_view filter, size_t at, size_t size,
                     const std::string& what) {
  const auto begin = at > shown_bytes ? at - shown_bytes : 0;
  const auto end = std::min(filter.size(), at + size + shown_bytes);
  std::string shown{filter.substr(begin, end - begin)};
  for (auto& c : shown)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
      c = ' '; // one line, and nothing that a terminal would obey
  const std::string front = begin > 0 ? "… " : "";
  const auto before = std::min(at - begin, shown.size());
  const auto marked = std::string_view{shown}.substr(before, size);
  return what + "\n  " + front + shown + (end < filter.size() ? " …" : "")
         + "\n  "
         + std::string(columns(front)
                           + columns(std::string_view{shown}.substr(0, before)),
                       ' ')
         + std::string(std::max<size_t>(columns(marked), 1), '^');
}

apm::result<std::vector<token>> split_tokens(std::string_view filter) {
  return splitter{filter}.split();
}

} // namespace flushtrace
