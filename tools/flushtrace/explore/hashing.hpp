// Mixing numbers into one of 64 bits, for fingerprints: of two different rows
// they are the same once in 2^64.
#pragma once

#include <cstdint>
#include <string_view>

namespace flushtrace {

/// *Source:* the finisher of splitmix64.
inline uint64_t mixed(uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

template <class... Ts>
uint64_t mix(uint64_t first, Ts... others) noexcept {
  uint64_t hash = mixed(first + 0x9E3779B97F4A7C15U);
  ((hash = mixed(hash ^ (static_cast<uint64_t>(others) + 0x9E3779B97F4A7C15U))),
   ...);
  return hash;
}

inline uint64_t text_hash(std::string_view text) noexcept {
  uint64_t hash = text.size();
  for (const char c : text)
    hash = mixed(hash ^ static_cast<unsigned char>(c)) + 0x9E3779B97F4A7C15U;
  return hash;
}

} // namespace flushtrace
