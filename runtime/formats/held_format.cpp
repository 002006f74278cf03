#include "runtime/formats/held_format.hpp"

#include <zlib.h>

#include <algorithm>

namespace apm {

namespace {

constexpr std::string_view magic{"APMHELD\1", 8};

/// Where the checksum begins, which ends the text.
constexpr size_t checksum_place = held_text_size - sizeof(uint32_t);

uint32_t checksum(std::string_view text) noexcept {
  const auto* data = reinterpret_cast<const Bytef*>(text.data());
  return static_cast<uint32_t>(crc32_z(0, data, text.size()));
}

template <class T>
char* put(char* to, T number) noexcept {
  for (size_t i = 0; i < sizeof(T); ++i)
    *to++ = static_cast<char>(number >> (8 * i) & 0xFF);
  return to;
}

uint64_t number_at(std::string_view text, size_t place) noexcept {
  uint64_t x = 0;
  for (size_t i = 0; i < sizeof x; ++i)
    x |= uint64_t{static_cast<uint8_t>(text[place + i])} << (8 * i);
  return x;
}

} // namespace

held_text write_held(std::string_view owner, const held_figures& x) noexcept {
  held_text text{};
  auto* to = std::copy(magic.begin(), magic.end(), text.data());
  to = put(to, checksum(owner));
  for (const auto number :
       {x.lines, x.bytes, x.lines_under_way, x.deliveries, x.dropped})
    to = put(to, number);
  put(to, checksum({text.data(), checksum_place}));
  return text;
}

std::optional<held_figures> read_held(std::string_view owner,
                                      std::string_view text) {
  if (text.size() != held_text_size)
    return std::nullopt;
  constexpr size_t place = magic.size() + sizeof(uint32_t);
  held_figures x;
  x.lines = number_at(text, place);
  x.bytes = number_at(text, place + 8);
  x.lines_under_way = number_at(text, place + 16);
  x.deliveries = number_at(text, place + 24);
  x.dropped = number_at(text, place + 32);
  // Magic, version, owner and checksum are as we would write them, or it is
  // not ours.
  const auto expected = write_held(owner, x);
  if (text != std::string_view{expected.data(), expected.size()})
    return std::nullopt;
  return x;
}

} // namespace apm
