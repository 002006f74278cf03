// Integers and checksums as FORMAT.md has them.
//
//   byte_reader in{bytes};
//   auto count = in.u();
//   if (!in.is_sound())
//     …
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace apm::trace {

template <class T>
T load(const char* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void store(char* to, T value) noexcept {
  std::memcpy(to, &value, sizeof value);
}

/// *Shape:* `size` is a multiple of 4.
inline uint32_t checksum(const char* data, size_t size) noexcept {
  uint64_t h = 0x9E3779B97F4A7C15;
  size_t at = 0;
  if (size % 8 != 0) {
    h ^= load<uint32_t>(data);
    at = 4;
  }
  for (; at < size; at += 8) {
    h = (h ^ load<uint64_t>(data + at)) * 0xFF51AFD7ED558CCD;
    h ^= h >> 32;
  }
  return static_cast<uint32_t>(h);
}

/// 32 bits of a text, which tell nothing of it to those who have no key.
inline uint32_t keyed_hash(uint64_t key, std::string_view text) noexcept {
  constexpr uint64_t odd = 0xFF51AFD7ED558CCD;
  uint64_t h = key ^ (text.size() * odd);
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    h = (h ^ load<uint64_t>(at)) * odd;
    h ^= h >> 29;
  }
  uint64_t rest = 0;
  std::memcpy(&rest, at, left);
  h = (h ^ rest) * odd;
  h = (h ^ (h >> 32) ^ key) * odd;
  return static_cast<uint32_t>(h >> 32);
}

constexpr uint64_t zigzag(int64_t x) noexcept {
  return (static_cast<uint64_t>(x) << 1) ^ static_cast<uint64_t>(x >> 63);
}

constexpr int64_t unzigzag(uint64_t x) noexcept {
  return static_cast<int64_t>(x >> 1) ^ -static_cast<int64_t>(x & 1);
}

constexpr size_t varint_bytes_max = 10;

/// Writes one. @returns its end
inline char* put_varint(char* to, uint64_t x) noexcept {
  while (x >= 0x80) {
    *to++ = static_cast<char>(x | 0x80);
    x >>= 7;
  }
  *to++ = static_cast<char>(x);
  return to;
}

inline void append_varint(std::string& to, uint64_t x) {
  char buffer[varint_bytes_max];
  to.append(buffer, put_varint(buffer, x));
}

/// Writes values into a buffer of fixed size; what has no room is left out, and
/// everything after it.
class byte_writer {
public:
  byte_writer(char* buffer, size_t size) noexcept
      : begin_(buffer), at_(buffer), end_(buffer + size) {}

  void u(uint64_t x) noexcept {
    if (!has_room(varint_bytes_max))
      return;
    if (x < 0x80) // as most are
      *at_++ = static_cast<char>(x);
    else
      at_ = put_varint(at_, x);
  }

  void i(int64_t x) noexcept { u(zigzag(x)); }

  void byte(uint8_t x) noexcept {
    if (has_room(1))
      *at_++ = static_cast<char>(x);
  }

  void number(uint32_t x) noexcept {
    if (has_room(sizeof x)) {
      store(at_, x);
      at_ += sizeof x;
    }
  }

  void number(double x) noexcept {
    if (has_room(sizeof x)) {
      store(at_, x);
      at_ += sizeof x;
    }
  }

  /// @returns where it stands now; null where there was no room
  char* text(std::string_view x) noexcept {
    if (!has_room(x.size()))
      return nullptr;
    char* begin = at_;
    if (!x.empty())
      std::memcpy(begin, x.data(), x.size());
    at_ += x.size();
    return begin;
  }

  /// Whether everything had room.
  bool is_whole() const noexcept { return is_whole_; }

  size_t room() const noexcept { return static_cast<size_t>(end_ - at_); }

  std::string_view written() const noexcept {
    return {begin_, static_cast<size_t>(at_ - begin_)};
  }

private:
  bool has_room(size_t bytes) noexcept {
    if (static_cast<size_t>(end_ - at_) >= bytes)
      return true;
    is_whole_ = false;
    end_ = at_;
    return false;
  }

  char* begin_;
  char* at_;
  char* end_;
  bool is_whole_ = true;
};

/// Reads values; after the first that is not there all are 0 or empty.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) noexcept : left_(bytes) {}

  bool is_sound() const noexcept { return is_sound_; }
  bool is_at_end() const noexcept { return left_.empty(); }
  size_t left() const noexcept { return left_.size(); }

  uint64_t u() noexcept {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (left_.empty())
        break;
      const auto next = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      if (shift == 63 && next > 1)
        break; // more than 64 bits
      value |= static_cast<uint64_t>(next & 0x7F) << shift;
      if ((next & 0x80) == 0)
        return value;
    }
    fail();
    return 0;
  }

  int64_t i() noexcept { return unzigzag(u()); }

  uint8_t byte() noexcept {
    const auto one = text(1);
    return one.empty() ? uint8_t{0} : static_cast<uint8_t>(one.front());
  }

  template <class T>
  T number() noexcept {
    const auto bytes = text(sizeof(T));
    return bytes.empty() ? T{} : load<T>(bytes.data());
  }

  std::string_view text(uint64_t size) noexcept {
    if (size > left_.size()) {
      fail();
      return {};
    }
    const auto taken = left_.substr(0, static_cast<size_t>(size));
    left_.remove_prefix(taken.size());
    return taken;
  }

private:
  void fail() noexcept {
    is_sound_ = false;
    left_ = {};
  }

  std::string_view left_;
  bool is_sound_ = true;
};

} // namespace apm::trace
