// Body encoder: see the header.
#include "tools/lambda-sandbox/function/body_encoder.hpp"

#include <zlib.h>

#include <array>

namespace sandbox::builtin {

struct body_encoder::stream {
  z_stream zlib{};
};

body_encoding body_encoding_of(std::string_view name) {
  if (name == "gzip")
    return body_encoding::gzip;
  return name == "deflate" ? body_encoding::deflate : body_encoding::identity;
}

body_encoder::body_encoder(body_encoding encoding, int level) {
  if (encoding == body_encoding::identity)
    return;
  stream_ = std::make_unique<stream>();
  // 15: the largest window; + 16: gzip's header and trailer; 8: the default
  // memory level, as Node, Python and Java leave it.
  const int window_bits = encoding == body_encoding::gzip ? 15 + 16 : 15;
  if (deflateInit2(&stream_->zlib, level, Z_DEFLATED, window_bits, 8,
                   Z_DEFAULT_STRATEGY)
      != Z_OK)
    stream_.reset();
}

body_encoder::body_encoder(body_encoder&&) noexcept = default;

body_encoder& body_encoder::operator=(body_encoder&& other) noexcept {
  stream_.swap(other.stream_);
  return *this;
}

body_encoder::~body_encoder() {
  if (stream_)
    deflateEnd(&stream_->zlib);
}

std::string body_encoder::write(std::string_view plain) {
  return run(plain, false);
}

std::string body_encoder::finish() {
  return run({}, true);
}

std::string body_encoder::run(std::string_view plain, bool is_last) {
  if (!stream_)
    return std::string{plain};
  auto& zlib = stream_->zlib;
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  zlib.avail_in = static_cast<uInt>(plain.size());
  std::string encoded;
  std::array<char, 16 * 1024> piece;
  do {
    zlib.next_out = reinterpret_cast<Bytef*>(piece.data());
    zlib.avail_out = static_cast<uInt>(piece.size());
    deflate(&zlib, is_last ? Z_FINISH : Z_NO_FLUSH);
    encoded.append(piece.data(), piece.size() - zlib.avail_out);
  } while (zlib.avail_out == 0);
  return encoded;
}

std::string encode_body(body_encoding encoding, std::string_view plain,
                        int level) {
  body_encoder encoder{encoding, level};
  auto encoded = encoder.write(plain);
  encoded += encoder.finish();
  return encoded;
}

} // namespace sandbox::builtin
