// Packing and unpacking segments; see segment_body.hpp.
#include "runtime/trace/segment_body.hpp"

#include "runtime/trace/ring_layout.hpp"
#include "runtime/trace/segment.hpp"
#include "runtime/trace/words.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <memory>

namespace apm::trace {

namespace {

/// Of 1 to 12: beyond 9 it takes far more memory. A segment is a few kilobytes.
constexpr int level = 9;

/// libdeflate's greatest ratio is below this: a claim beyond it is a lie, for
/// which no memory is asked.
constexpr uint64_t ratio_max = 1100;

struct freed {
  void operator()(libdeflate_compressor* x) const noexcept {
    libdeflate_free_compressor(x);
  }
  void operator()(libdeflate_decompressor* x) const noexcept {
    libdeflate_free_decompressor(x);
  }
};

result<std::string> unpack(std::string_view packed, uint32_t bytes,
                           uint32_t crc) {
  if (bytes > segment_bytes_max || bytes > ratio_max * (packed.size() + 1))
    return error{errc::bad_shape, "has a damaged header"};
  const std::unique_ptr<libdeflate_decompressor, freed> decompressor{
      libdeflate_alloc_decompressor()};
  if (!decompressor)
    return error{errc::io, "no memory to unpack it"};
  std::string body(bytes, '\0');
  size_t got = 0;
  const auto outcome =
      libdeflate_zlib_decompress(decompressor.get(), packed.data(),
                                 packed.size(), body.data(), bytes, &got);
  if (outcome != LIBDEFLATE_SUCCESS || got != bytes
      || libdeflate_crc32(0, body.data(), body.size()) != crc)
    return error{errc::bad_shape, "is damaged"};
  return body;
}

} // namespace

result<segment_body> unpack_segment(std::string_view content) {
  if (content.substr(0, segment_magic.size()) != segment_magic)
    return error{errc::bad_shape, "is no segment of a trace"};
  if (content.size() < segment_header_bytes)
    return error{errc::bad_shape, "is cut short"};
  const char* at = content.data();
  if (load<uint32_t>(at + 20) != libdeflate_crc32(0, at, 20))
    return error{errc::bad_shape, "has a damaged header"};
  segment_body found;
  found.version = load<uint16_t>(at + 4);
  if (found.version != segment_version)
    return error{errc::bad_value, "is of version "
                                      + std::to_string(found.version)
                                      + "; this program knows version 1, and a "
                                        "newer flushtrace may know it"};
  found.words = load<uint16_t>(at + 6);
  if (found.words > word_table)
    return error{errc::bad_value, "has words of table "
                                      + std::to_string(found.words)
                                      + "; this program knows table 1"};
  const size_t packed = load<uint32_t>(at + 8);
  if (packed > content.size() - segment_header_bytes)
    return error{errc::bad_shape, "is cut short"};
  auto body = unpack(content.substr(segment_header_bytes, packed),
                     load<uint32_t>(at + 12), load<uint32_t>(at + 16));
  if (body && found.words == word_table)
    body = put_words_back(body.value(), segment_bytes_max);
  if (!body)
    return body.error();
  found.content = std::move(body.value());
  found.bytes = segment_header_bytes + packed;
  return found;
}

result<std::string> pack_segment(std::string body) {
  const auto unpacked = body.size();
  if (unpacked <= segment_bytes_max)
    body = put_words_aside(body);
  // A body of marks alone is twice as long as before.
  if (std::max(unpacked, body.size()) > segment_bytes_max)
    return error{errc::too_large, "would be longer than a segment can be"};
  const std::unique_ptr<libdeflate_compressor, freed> compressor{
      libdeflate_alloc_compressor(level)};
  if (!compressor)
    return error{errc::io, "no memory to pack it"};
  const auto bound =
      libdeflate_zlib_compress_bound(compressor.get(), body.size());
  std::string text(segment_header_bytes + bound, '\0');
  const auto packed =
      libdeflate_zlib_compress(compressor.get(), body.data(), body.size(),
                               text.data() + segment_header_bytes, bound);
  if (packed == 0)
    return error{errc::io, "cannot be packed"};
  text.resize(segment_header_bytes + packed);
  char* at = text.data();
  std::memcpy(at, segment_magic.data(), segment_magic.size());
  store(at + 4, segment_version);
  store(at + 6, word_table);
  store(at + 8, static_cast<uint32_t>(packed));
  store(at + 12, static_cast<uint32_t>(body.size()));
  store(at + 16, libdeflate_crc32(0, body.data(), body.size()));
  store(at + 20, libdeflate_crc32(0, at, 20));
  return text;
}

} // namespace apm::trace
