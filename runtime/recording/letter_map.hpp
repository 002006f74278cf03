// What the characters of a text are, a bit each, so that masking looks at 64 at
// once; and the text with each letter and digit replaced.
//
//   letter_map map;
//   map.read(text, size, shown); // "Bob 42" is shown as "Xxx 11"
//   map.digits.has(4);
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace apm {

/// One bit for each character of a text.
class letter_bits {
public:
  static constexpr size_t texts_max = 4096;

  bool has(size_t at) const noexcept {
    return (words_[at / 64] >> at % 64) & 1;
  }

  void set(size_t at) noexcept { words_[at / 64] |= uint64_t{1} << at % 64; }

  /// *Units:* count: 1 … 64.
  void clear(size_t at, unsigned count) noexcept {
    const auto bits = ~uint64_t{0} >> (64 - count);
    words_[at / 64] &= ~(bits << at % 64);
    if (at % 64 != 0)
      words_[at / 64 + 1] &= ~(bits >> (64 - at % 64));
  }

  void clear(size_t at) noexcept {
    words_[at / 64] &= ~(uint64_t{1} << at % 64);
  }

  void set_word(size_t index, uint64_t bits) noexcept { words_[index] = bits; }

  /// The 64 from `64 * index`.
  uint64_t word(size_t index) const noexcept { return words_[index]; }

private:
  /// Two more than the text needs: one for its end, one to look ahead.
  std::array<uint64_t, texts_max / 64 + 2> words_;
};

/// Goes from one bit to the next; the text's end is to have one.
class bit_cursor {
public:
  explicit bit_cursor(const letter_bits& of) noexcept
      : of_(of), left_(of.word(0)) {}

  size_t next() noexcept {
    while (left_ == 0)
      left_ = of_.word(++index_);
    const auto at = index_ * 64 + static_cast<size_t>(__builtin_ctzll(left_));
    left_ &= left_ - 1;
    return at;
  }

private:
  const letter_bits& of_;
  uint64_t left_;
  size_t index_ = 0;
};

struct letter_map {
  letter_bits digits;
  letter_bits letters; ///< of ASCII
  letter_bits quotes;
  bool has_escapes = false; ///< backslashes, of which most texts have none
  size_t words = 0; ///< of the bits: all that the text reaches into, and one

  /// @param size `letter_bits::texts_max` at most
  /// @param shown room for as much, and 63 more
  void read(const char* text, size_t size, char* shown) noexcept;
};

} // namespace apm
