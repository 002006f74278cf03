#include "runtime/recording/masked_text.hpp"

#include "runtime/recording/known_names.hpp"
#include "runtime/recording/letter_map.hpp"
#include "runtime/trace/short_copy.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace apm {

namespace {

constexpr size_t uuid_bytes = 36;
constexpr unsigned uuid_dashes[] = {8, 13, 18, 23};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_hexadecimal(char c) noexcept {
  const char lower = static_cast<char>(c | 0x20);
  return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

uint64_t two_halves(const char* first, const char* second) noexcept {
  return trace::load<uint32_t>(first)
         | static_cast<uint64_t>(trace::load<uint32_t>(second)) << 32;
}

/// All eight of them at once.
bool are_hexadecimal(uint64_t x) noexcept {
  constexpr uint64_t each = 0x0101010101010101;
  constexpr uint64_t tops = 0x80 * each;
  // The top bit of each that is at least one character and below another.
  const auto within = [](uint64_t of, uint64_t first, uint64_t behind) {
    return (of + (0x80 - first) * each) & ~(of + (0x80 - behind) * each);
  };
  const auto digits = within(x & ~tops, '0', '9' + 1);
  const auto letters = within((x | 0x20 * each) & ~tops, 'a', 'f' + 1);
  return ((digits | letters) & ~x & tops) == tops;
}

/// Masks one text, whose letters and digits are looked up in a map: words as a
/// whole first, then what of them is to stay is taken from the text again.
class masker {
public:
  masker(char* text, size_t size) noexcept : text_(text), size_(size) {
    map_.read(text, size, shown_);
    if (map_.has_escapes)
      show_escapes();
    if (size >= uuid_bytes)
      for (size_t i = 0; i + 1 < map_.words; ++i)
        show_uuids(i);
    for (size_t i = 0; i + 1 < map_.words; ++i)
      hide_mixed_words(i);
  }

  void mask_plain() noexcept { mask(0, size_); }

  void mask_json(bool is_protocol) noexcept {
    mask_between_strings(is_protocol);
    map_.quotes.set(size_); // the end of what has none
    bit_cursor quotes{map_.quotes};
    auto name = name_kind::unknown;
    for (size_t open = quotes.next(); open + 1 < size_;) {
      const auto begin = open + 1;
      const auto close = quotes.next();
      const std::string_view content{text_ + begin, close - begin};
      if (is_name(close + 1)) {
        name = known_name(content);
        if (name == name_kind::unknown)
          mask(begin, close);
      } else {
        if (!is_protocol || !is_open_value(name, content))
          mask_value(is_protocol ? name : name_kind::unknown, begin, close);
        name = name_kind::unknown;
      }
      open = close < size_ ? quotes.next() : size_;
    }
  }

private:
  void mask(size_t begin, size_t end) noexcept {
    if (end - begin < 64)
      trace::copy_short(text_ + begin, shown_ + begin, end - begin);
    else
      std::memcpy(text_ + begin, shown_ + begin, end - begin);
  }

  bool is_word(size_t at) const noexcept {
    return map_.digits.has(at) || map_.letters.has(at);
  }

  uint64_t word_bits(size_t index) const noexcept {
    return map_.digits.word(index) | map_.letters.word(index);
  }

  /// What is escaped keeps its length, and is no part of a word.
  void show_escapes() noexcept {
    for (size_t at = 0; at + 1 < size_;)
      at = text_[at] == '\\' ? show_escape(at) : at + 1;
  }

  /// @returns where it ends
  size_t show_escape(size_t at) noexcept {
    const bool is_code = text_[at + 1] == 'u';
    show(at + 1, text_[at + 1]);
    at += 2;
    for (int i = 0; is_code && i < 4 && at < size_ && is_hexadecimal(text_[at]);
         ++i)
      show(at++, '1'); // U+1111 is a letter
    return at;
  }

  void show(size_t at, char as) noexcept {
    shown_[at] = as;
    for (auto* bits : {&map_.digits, &map_.letters, &map_.quotes})
      bits->clear(at);
  }

  /// Those that begin within one word of the map.
  void show_uuids(size_t index) noexcept {
    const auto here = word_bits(index);
    const auto next = word_bits(index + 1);
    auto may_begin = here;
    for (const auto dash : uuid_dashes)
      may_begin &= ~(here >> dash | next << (64 - dash));
    for (; may_begin != 0; may_begin &= may_begin - 1) {
      const auto at =
          index * 64 + static_cast<size_t>(__builtin_ctzll(may_begin));
      const bool is_long = size_ - at >= uuid_bytes;
      if (is_long && text_[at + uuid_dashes[0]] == '-'
          && (at == 0 || !is_word(at - 1))
          && is_uuid({text_ + at, uuid_bytes})) {
        std::memcpy(shown_ + at, text_ + at, uuid_bytes);
        map_.digits.clear(at, uuid_bytes);
        map_.letters.clear(at, uuid_bytes);
      }
    }
  }

  /// Of ids and keys: where in them the digits are tells something, too.
  void hide_mixed_words(size_t index) noexcept {
    const auto after = [&](const letter_bits& bits) {
      return bits.word(index) << 1
             | (index > 0 ? bits.word(index - 1) >> 63 : 0);
    };
    auto meet = (map_.digits.word(index) & after(map_.letters))
                | (map_.letters.word(index) & after(map_.digits));
    while (meet != 0) {
      const auto at = index * 64 + static_cast<size_t>(__builtin_ctzll(meet));
      const auto begin = word_begin(at);
      const auto end = word_end(at);
      hide(begin, end);
      if (end >= (index + 1) * 64)
        return;
      meet &= ~uint64_t{0} << end % 64;
    }
  }

  void hide(size_t begin, size_t end) noexcept {
    static constexpr auto marks = [] {
      std::array<char, 64> all{};
      for (auto& each : all)
        each = 'x';
      return all;
    }();
    for (; end - begin >= marks.size(); begin += marks.size())
      std::memcpy(shown_ + begin, marks.data(), marks.size());
    trace::copy_short(shown_ + begin, marks.data(), end - begin);
  }

  size_t word_begin(size_t at) const noexcept {
    auto index = at / 64;
    auto others = ~word_bits(index) << (63 - at % 64) >> (63 - at % 64);
    while (others == 0 && index > 0)
      others = ~word_bits(--index);
    return others == 0 ? 0
                       : (index + 1) * 64
                             - static_cast<size_t>(__builtin_clzll(others));
  }

  size_t word_end(size_t at) const noexcept {
    auto index = at / 64;
    auto others = ~word_bits(index) >> at % 64 << at % 64;
    while (others == 0)
      others = ~word_bits(++index);
    return index * 64 + static_cast<size_t>(__builtin_ctzll(others));
  }

  /// Numbers and words of JSON; what is neither is masked.
  void mask_between_strings(bool is_protocol) noexcept {
    uint64_t within = 0; // all bits: the last 64 have ended in a string
    size_t word_end_before = 0;
    for (size_t i = 0; i + 1 < map_.words; ++i) {
      auto inside = map_.quotes.word(i);
      for (unsigned by = 1; by < 64; by *= 2)
        inside ^= inside << by;
      inside ^= within;
      within = inside >> 63 != 0 ? ~uint64_t{0} : 0;
      for (auto left = map_.letters.word(i) & ~inside; left != 0;
           left &= left - 1) {
        const auto at = i * 64 + static_cast<size_t>(__builtin_ctzll(left));
        if (at >= word_end_before)
          word_end_before = mask_json_word(at, std::min(word_end(at), size_));
      }
      if (is_protocol)
        continue;
      for (auto left = map_.digits.word(i) & ~inside; left != 0;
           left &= left - 1)
        text_[i * 64 + static_cast<size_t>(__builtin_ctzll(left))] = '1';
    }
  }

  /// @returns where it ends; of an exponent that is before its digits
  size_t mask_json_word(size_t begin, size_t end) noexcept {
    const bool is_exponent =
        (text_[begin] | 0x20) == 'e'
        && std::all_of(text_ + begin + 1, text_ + end, is_digit);
    if (is_exponent)
      return begin + 1;
    const std::string_view word{text_ + begin, end - begin};
    const bool is_cut = end == size_;
    for (const std::string_view known : {"true", "false", "null"})
      if (word == known || (is_cut && word == known.substr(0, word.size())))
        return end;
    mask(begin, end);
    return end;
  }

  bool is_name(size_t at) const noexcept {
    while (at < size_
           && (text_[at] == ' ' || text_[at] == '\n' || text_[at] == '\t'))
      ++at;
    return at < size_ && text_[at] == ':';
  }

  void mask_value(name_kind of, size_t begin, size_t end) noexcept {
    if (of != name_kind::arn)
      return mask(begin, end);
    for (; begin < end; ++begin) // its digits are the account
      if (is_digit(text_[begin]))
        text_[begin] = '1';
  }

  char* text_;
  size_t size_;
  letter_map map_;
  char shown_[letter_bits::texts_max + 64];
};

} // namespace

bool is_uuid(std::string_view text) noexcept {
  if (text.size() != uuid_bytes)
    return false;
  for (const auto dash : uuid_dashes)
    if (text[dash] != '-')
      return false;
  const char* at = text.data();
  return are_hexadecimal(trace::load<uint64_t>(at))
         && are_hexadecimal(two_halves(at + 9, at + 14))
         && are_hexadecimal(two_halves(at + 19, at + 24))
         && are_hexadecimal(trace::load<uint64_t>(at + 28));
}

void mask_text(char* text, size_t size, bool is_protocol) noexcept {
  if (size == 0)
    return;
  if (size > letter_bits::texts_max) { // longer than what anybody wants kept
    std::memset(text + letter_bits::texts_max, 'x',
                size - letter_bits::texts_max);
    size = letter_bits::texts_max;
  }
  masker all{text, size};
  if (*text == '{' || *text == '[' || *text == '"')
    all.mask_json(is_protocol);
  else
    all.mask_plain();
}

} // namespace apm
