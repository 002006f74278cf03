#include "runtime/recording/letter_map.hpp"

#include "runtime/trace/short_copy.hpp"

namespace apm {

namespace {

/// Compilers make of it what the processor has.
using block = uint8_t __attribute__((vector_size(16)));

constexpr size_t block_bytes = sizeof(block);

/// A bit for each of a comparison's 16 results.
uint64_t bits_of(block is_so) noexcept {
#ifdef __SSE2__
  using signed_block = char __attribute__((vector_size(16)));
  return static_cast<uint16_t>(
      __builtin_ia32_pmovmskb128(reinterpret_cast<signed_block>(is_so)));
#else
  uint64_t halves[2];
  std::memcpy(halves, &is_so, sizeof halves);
  uint64_t bits = 0;
  for (int i = 0; i < 2; ++i) // each byte's lowest bit, moved to the top byte
    bits |= ((halves[i] & 0x0101010101010101) * 0x0102040810204080 >> 56)
            << 8 * i;
  return bits;
#endif
}

struct block_bits {
  uint64_t digits, letters, quotes;
};

inline block_bits read_block(const char* text, char* shown,
                             block& escapes) noexcept {
  block c;
  std::memcpy(&c, text, sizeof c);
  const auto is_digit = reinterpret_cast<block>(c - '0' < 10);
  const auto is_letter = reinterpret_cast<block>((c | 0x20) - 'a' < 26);
  const auto is_beyond = reinterpret_cast<block>(c >= 0x80);
  // The bit that tells 'x' from 'X' is that which tells 'b' from 'B'.
  const block as_letter = (c & 0x20) | 'X';
  const block as_mark = c & ~(is_digit | is_letter | is_beyond);
  const block result =
      as_mark | (is_digit & '1') | (is_letter & as_letter) | (is_beyond & 'x');
  std::memcpy(shown, &result, sizeof result);
  escapes |= reinterpret_cast<block>(c == '\\');
  return {bits_of(is_digit), bits_of(is_letter),
          bits_of(reinterpret_cast<block>(c == '"'))};
}

} // namespace

void letter_map::read(const char* text, size_t size, char* shown) noexcept {
  constexpr size_t word_bytes = 64;
  char last[word_bytes];
  block escapes{};
  words = 0;
  for (size_t at = 0; at < size; at += word_bytes, ++words) {
    const char* from = text + at;
    if (size - at < word_bytes) {
      std::memset(last, 0, sizeof last);
      trace::copy_short(last, from, size - at);
      from = last;
    }
    block_bits all{};
#pragma GCC unroll 4
    for (unsigned place = 0; place < word_bytes; place += block_bytes) {
      const auto next = read_block(from + place, shown + at + place, escapes);
      all.digits |= next.digits << place;
      all.letters |= next.letters << place;
      all.quotes |= next.quotes << place;
    }
    digits.set_word(words, all.digits);
    letters.set_word(words, all.letters);
    quotes.set_word(words, all.quotes);
  }
  has_escapes = bits_of(escapes) != 0;
  for (auto* bits : {&digits, &letters, &quotes}) {
    bits->set_word(words, 0);
    bits->set_word(words + 1, 0);
  }
  ++words;
}

} // namespace apm
