// libdeflate has no streams: it wants the whole input and room for the whole
// output, so unpacking guesses the size and doubles up to the limit, which is
// what makes a bomb harmless. zlib is the slower, but gives what there is.
#include "runtime/formats/compression.hpp"

#define ZLIB_CONST // zlib's input pointers are const
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace apm {

namespace {

/// The wrapping of a compressed stream.
enum class wrapping { gzip, zlib, none };

/// What is packed better than so many times is a bomb. Deflate's own limit is
/// 1032. Agents' bodies in tests/data come to 13 at most, 500 equal logs of 8
/// KB to 294, 300 spans with 10 KB of one letter each to 387 (measured, level
/// 9).
constexpr size_t expansion_max = 500;

/// Whatever the ratio, so much may come out: no memory worth a word.
constexpr size_t harmless_bytes = 64 * 1024;

/// What intake lines come to, as a first guess: agents' bodies are packed 4 to
/// 20 times.
constexpr size_t expansion_guess = 8;

error out_of_memory() {
  return {errc::io, "no memory to pack or unpack a body"};
}

/// Tells zlib's header from bare deflate: the method is 8 and the two bytes are
/// a multiple of 31. Bare deflate could only look so if it began with a stored
/// block whose padding is not zero, which no encoder writes.
/// *Source:* RFC 1950, section 2.2.
bool has_zlib_header(std::string_view body) {
  if (body.size() < 2)
    return false;
  auto method = static_cast<unsigned char>(body[0]);
  auto flags = static_cast<unsigned char>(body[1]);
  return (method & 0x0F) == 8 && (method * 256 + flags) % 31 == 0;
}

wrapping wrapping_of(content_encoding encoding, std::string_view body) {
  if (encoding == content_encoding::gzip)
    return wrapping::gzip;
  return has_zlib_header(body) ? wrapping::zlib : wrapping::none;
}

/// What may come out of a body, and why no more.
struct limit {
  limit(std::string_view body, size_t most)
      : bytes_max(std::min(
          most, std::max(harmless_bytes, body.size() * expansion_max))),
        is_ratio(bytes_max < most) {}

  error passed() const {
    return {errc::too_large,
            is_ratio ? "the body unpacks to more than "
                           + std::to_string(expansion_max) + " times its size"
                     : "the body unpacks to more than "
                           + std::to_string(bytes_max) + " bytes"};
  }

  size_t bytes_max;
  bool is_ratio;
};

/// How long the unpacked body will be, as a guess. A gzip body ends with the
/// length of its last part.
size_t guessed_size(wrapping form, std::string_view body) {
  if (form != wrapping::gzip || body.size() < 18) // header and trailer
    return body.size() * expansion_guess;
  size_t size = 0;
  for (size_t i = 1; i <= 4; ++i)
    size = size << 8 | static_cast<unsigned char>(body[body.size() - i]);
  return size;
}

error damaged() {
  return {errc::bad_compression,
          "the body's compressed data is damaged or cut short"};
}

/// Makes room for more: no copy is kept where nothing has come out yet.
void grow(std::string& out, size_t length, size_t size) {
  if (length == 0)
    out = std::string{};
  out.resize(size);
}

struct decompressor_freed {
  void operator()(libdeflate_decompressor* x) const noexcept {
    libdeflate_free_decompressor(x);
  }
};

using decompressor =
    std::unique_ptr<libdeflate_decompressor, decompressor_freed>;

/// Unpacks one stream from the front of `in` into `out`.
libdeflate_result unpack_one(libdeflate_decompressor* state, wrapping form,
                             std::string_view in, char* out, size_t out_size,
                             size_t& taken, size_t& made) {
  auto unpack = form == wrapping::gzip   ? libdeflate_gzip_decompress_ex
                : form == wrapping::zlib ? libdeflate_zlib_decompress_ex
                                         : libdeflate_deflate_decompress_ex;
  return unpack(state, in.data(), in.size(), out, out_size, &taken, &made);
}

/// zlib's streaming state for one body.
class inflate_stream {
public:
  inflate_stream(wrapping form, std::string_view in)
      : is_gzip_(form == wrapping::gzip) {
    // 15: the largest window, 32 KB. 16 more: gzip; negative: no wrapping.
    int window = form == wrapping::gzip   ? 15 + 16
                 : form == wrapping::zlib ? 15
                                          : -15;
    stream_.next_in = reinterpret_cast<const Bytef*>(in.data());
    // A body beyond 4 GB is no body of ours: its front will do.
    stream_.avail_in = static_cast<uInt>(
        std::min<size_t>(in.size(), std::numeric_limits<uInt>::max()));
    is_sound_ = inflateInit2(&stream_, window) == Z_OK;
  }

  inflate_stream(const inflate_stream&) = delete;
  inflate_stream& operator=(const inflate_stream&) = delete;

  ~inflate_stream() { inflateEnd(&stream_); }

  /// Unpacks a piece; an empty one is the end of what can be had.
  std::string_view next() {
    stream_.next_out = reinterpret_cast<Bytef*>(piece_.data());
    stream_.avail_out = static_cast<uInt>(piece_.size());
    while (is_sound_ && stream_.avail_out > 0) {
      // Without input it may still have output; Z_BUF_ERROR says that it has
      // neither.
      int outcome = inflate(&stream_, Z_NO_FLUSH);
      if (outcome == Z_STREAM_END && is_gzip_)
        outcome = inflateReset(&stream_); // for the next member
      is_sound_ = outcome == Z_OK;
    }
    return {piece_.data(), piece_.size() - stream_.avail_out};
  }

private:
  z_stream stream_ = {};
  std::array<char, 16'384> piece_; // what zlib's own examples take
  bool is_gzip_;
  bool is_sound_ = false;
};

/// Whether more comes out of it than may, found without keeping any.
bool passes(const limit& most, wrapping form, std::string_view in) {
  inflate_stream stream{form, in};
  size_t length = 0;
  for (;;) {
    const auto piece = stream.next();
    length += piece.size();
    if (length > most.bytes_max || piece.empty())
      return length > most.bytes_max;
  }
}

/// Unpacks all of `in`; only gzip may have several streams.
result<std::string> unpack(libdeflate_decompressor* state, wrapping form,
                           std::string_view in, const limit& most) {
  const auto guess = guessed_size(form, in);
  // What says itself that it is too long, or is damaged, costs no memory.
  if (form == wrapping::gzip && guess > most.bytes_max)
    return passes(most, form, in) ? most.passed() : damaged();
  constexpr size_t least = 64;
  std::string out(std::clamp(guess, least, std::max(least, most.bytes_max)),
                  '\0');
  size_t length = 0;
  while (!in.empty()) {
    size_t taken = 0;
    size_t made = 0;
    switch (unpack_one(state, form, in, out.data() + length,
                       out.size() - length, taken, made)) {
    case LIBDEFLATE_SUCCESS:
      in.remove_prefix(taken);
      length += made;
      break;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      if (out.size() >= most.bytes_max)
        return most.passed();
      grow(out, length, std::min(out.size() * 2, most.bytes_max));
      continue;
    default:
      return damaged();
    }
    if (form != wrapping::gzip && !in.empty())
      return error{errc::bad_compression,
                   "something follows the body's compressed data"};
  }
  if (length > most.bytes_max)
    return most.passed();
  out.resize(length);
  return out;
}

/// Unpacks what can be had of a body that was cut short, a piece at a time.
template <class F>
void for_each_piece(content_encoding encoding, std::string_view cut_body,
                    const limit& most, F take) {
  inflate_stream stream{wrapping_of(encoding, cut_body), cut_body};
  for (size_t left = most.bytes_max; left > 0;) {
    const auto piece = stream.next().substr(0, left);
    if (piece.empty())
      return;
    take(piece);
    left -= piece.size();
  }
}

} // namespace

result<content_encoding> parse_content_encoding(std::string_view header_value) {
  constexpr std::pair<std::string_view, content_encoding> encodings[] = {
      {"", content_encoding::identity},
      {"identity", content_encoding::identity},
      {"gzip", content_encoding::gzip},
      {"x-gzip", content_encoding::gzip},
      {"deflate", content_encoding::deflate},
  };
  constexpr std::string_view blanks = " \t";
  size_t begin =
      std::min(header_value.find_first_not_of(blanks), header_value.size());
  size_t end = header_value.find_last_not_of(blanks) + 1;
  std::string name{header_value.substr(begin, std::max(begin, end) - begin)};
  for (char& x : name)
    if (x >= 'A' && x <= 'Z')
      x = static_cast<char>(x - 'A' + 'a');
  for (auto [known, encoding] : encodings)
    if (name == known)
      return encoding;
  // A value that is no coding's name may be anybody's data: it is not repeated.
  static constexpr std::string_view others[] = {"br", "zstd", "compress", "dcb",
                                                "dcz"};
  const bool is_named =
      std::find(std::begin(others), std::end(others), name) != std::end(others);
  return error{errc::unsupported_encoding,
               "the Content-Encoding " + (is_named ? name + ' ' : "")
                   + "is none of gzip, deflate, identity"};
}

size_t unpacked_bytes_limit(std::string_view body, size_t bytes_max) {
  return limit{body, bytes_max}.bytes_max;
}

result<std::string> decompress(content_encoding encoding, std::string_view body,
                               size_t bytes_max) {
  if (body.empty())
    return std::string{};
  if (encoding == content_encoding::identity) {
    if (body.size() > bytes_max)
      return error{errc::too_large, "the body has more than "
                                        + std::to_string(bytes_max) + " bytes"};
    return std::string{body};
  }
  // Its tables are cleared when it is made, which takes a third as long as
  // unpacking an agent's body.
  thread_local const decompressor state{libdeflate_alloc_decompressor()};
  if (!state)
    return out_of_memory();
  return unpack(state.get(), wrapping_of(encoding, body), body,
                limit{body, bytes_max});
}

std::string decompress_prefix(content_encoding encoding,
                              std::string_view cut_body, size_t bytes_max) {
  if (encoding == content_encoding::identity)
    return std::string{cut_body.substr(0, bytes_max)};
  const limit most{cut_body, bytes_max};
  std::string out;
  out.reserve(most.bytes_max); // growing would hold it twice
  for_each_piece(encoding, cut_body, most,
                 [&](std::string_view piece) { out += piece; });
  return out;
}

size_t prefix_bytes(content_encoding encoding, std::string_view cut_body,
                    size_t bytes_max, char end) {
  if (encoding == content_encoding::identity)
    return cut_body.substr(0, bytes_max).rfind(end) + 1;
  size_t length = 0;
  size_t size = 0;
  for_each_piece(encoding, cut_body, {cut_body, bytes_max},
                 [&](std::string_view piece) {
                   const auto at = piece.rfind(end);
                   if (at != std::string_view::npos)
                     size = length + at + 1;
                   length += piece.size();
                 });
  return size;
}

gzip_compressor::gzip_compressor(int level)
    : compressor_(libdeflate_alloc_compressor(level)) {
  // nop
}

void gzip_compressor::freed::operator()(
    libdeflate_compressor* x) const noexcept {
  libdeflate_free_compressor(x);
}

result<std::string>
gzip_compressor::compress(const std::vector<std::string_view>& parts) {
  if (!compressor_)
    return out_of_memory();
  size_t size = 0;
  for (auto part : parts)
    size += part.size();
  std::string gathered;
  if (parts.size() != 1) {
    gathered.reserve(size);
    for (auto part : parts)
      gathered += part;
  }
  std::string_view in = parts.size() == 1 ? parts.front() : gathered;
  // The bound is a little more than the input, the result a tenth of it: a
  // buffer that is neither cleared nor kept, and a string of the right size.
  size_t bound = libdeflate_gzip_compress_bound(compressor_.get(), in.size());
  std::unique_ptr<char[]> buffer{new char[bound]};
  size_t length = libdeflate_gzip_compress(compressor_.get(), in.data(),
                                           in.size(), buffer.get(), bound);
  if (length == 0)
    return error{errc::io, "libdeflate could not pack a body"};
  return std::string{buffer.get(), length};
}

} // namespace apm
