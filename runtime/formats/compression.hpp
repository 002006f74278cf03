// Content-Encodings in and out. Whole bodies go through libdeflate, which is
// the faster; a body that was cut short goes through zlib, which can stream.
//
//   auto encoding = parse_content_encoding(header);
//   auto text = decompress(encoding.value(), body, intake_bytes_max);
#pragma once

#include "runtime/result.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct libdeflate_compressor;

namespace apm {

/// How an HTTP body is packed.
enum class content_encoding {
  identity, ///< not at all
  gzip,     ///< RFC 1952, one member or several
  deflate,  ///< RFC 1950 (zlib), or RFC 1951 alone as some clients send it
};

/// Reads the value of a Content-Encoding header; empty means `identity`.
/// *Errors:* `unsupported_encoding`, naming it.
[[nodiscard]] result<content_encoding>
parse_content_encoding(std::string_view header_value);

/// What may come out of a packed body: `bytes_max`, or less where that would be
/// absurdly much of so few bytes.
[[nodiscard]] size_t unpacked_bytes_limit(std::string_view body,
                                          size_t bytes_max);

/// Unpacks a whole body. An empty one is empty whatever the encoding says:
/// Elastic's Python agent labels the empty body of its flush signal gzip.
/// *Errors:* `too_large` where the result is longer than `bytes_max`, or
/// absurdly longer than the body; `bad_compression` where the body is damaged,
/// cut short or followed by something else, `io` where there is no memory.
[[nodiscard]] result<std::string>
decompress(content_encoding encoding, std::string_view body, size_t bytes_max);

/// Unpacks what can be had of a body that was cut short, at most `bytes_max`
/// of it, and no more than is credible. Damage ends it too: what came before is
/// given. The end is wherever the data ends, in the middle of a line as a rule:
/// see `prefix_bytes`.
[[nodiscard]] std::string decompress_prefix(content_encoding encoding,
                                            std::string_view cut_body,
                                            size_t bytes_max);

/// How much of that there is up to the last `end`, found without memory for
/// what is unpacked: a bomb of one line has none that is whole.
[[nodiscard]] size_t prefix_bytes(content_encoding encoding,
                                  std::string_view cut_body, size_t bytes_max,
                                  char end);

/// Packs request bodies. One is kept for the life of the process: its tables
/// are large, and making them anew for each request costs more than packing.
class gzip_compressor {
public:
  /// Level 1: on the bodies of tests/data/agent-captures level 6 saves 2 to 9 %
  /// of the bytes and takes 1.6 to 2.3 times as long (measured, libdeflate
  /// 1.14), and the time is the function's.
  explicit gzip_compressor(int level = 1);

  /// Packs the parts, in their order, as one gzip member.
  /// *Errors:* `io` where there is no memory.
  [[nodiscard]] result<std::string>
  compress(const std::vector<std::string_view>& parts);

private:
  struct freed {
    void operator()(libdeflate_compressor* x) const noexcept;
  };

  std::unique_ptr<libdeflate_compressor, freed> compressor_;
};

} // namespace apm
