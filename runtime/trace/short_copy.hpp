// Copies a few bytes without a call, by loads and stores that overlap: most of
// what a record is made of is shorter than a call is worth.
//
//   copy_short(to, from, size); // size < 64
#pragma once

#include "runtime/trace/wire.hpp"

namespace apm::trace {

/// Its begin and its end, each as one value.
template <class T>
void copy_ends(char* to, const char* from, size_t size) noexcept {
  const T last = load<T>(from + size - sizeof(T));
  store(to, load<T>(from));
  store(to + size - sizeof(T), last);
}

/// *Shape:* size is less than 64.
inline void copy_short(char* to, const char* from, size_t size) noexcept {
  struct half_line {
    uint64_t words[4];
  };
  struct pair {
    uint64_t words[2];
  };
  if (size >= sizeof(half_line))
    copy_ends<half_line>(to, from, size);
  else if (size >= sizeof(pair))
    copy_ends<pair>(to, from, size);
  else if (size >= sizeof(uint64_t))
    copy_ends<uint64_t>(to, from, size);
  else if (size >= sizeof(uint32_t))
    copy_ends<uint32_t>(to, from, size);
  else
    for (size_t i = 0; i < size; ++i)
      to[i] = from[i];
}

} // namespace apm::trace
