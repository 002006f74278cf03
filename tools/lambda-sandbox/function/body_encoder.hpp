// Body encoder: a request body as agents make it, piece by piece: plain, gzip
// or deflate (zlib format). What comes out of one `write` is what zlib let go
// of, as in Node's zlib streams: first the bare 10-byte gzip header, then
// nothing until a block is full.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sandbox::builtin {

enum class body_encoding { identity, gzip, deflate };

/// Returns the encoding of that name, as Content-Encoding has it; an unknown
/// name counts as identity.
body_encoding body_encoding_of(std::string_view name);

class body_encoder {
public:
  /// *Units*: `level` is zlib's 1 (fast) to 9.
  explicit body_encoder(body_encoding encoding, int level = 1);
  body_encoder(body_encoder&&) noexcept;
  body_encoder& operator=(body_encoder&&) noexcept;
  ~body_encoder();

  /// Takes more of the body, returns the bytes that are ready for the wire.
  std::string write(std::string_view plain);
  /// Ends the body, returns the last bytes. Nothing may be written after it.
  std::string finish();

private:
  struct stream;
  std::string run(std::string_view plain, bool is_last);

  std::unique_ptr<stream> stream_;
};

/// Returns a whole body in that encoding.
std::string encode_body(body_encoding encoding, std::string_view plain,
                        int level = 1);

} // namespace sandbox::builtin
