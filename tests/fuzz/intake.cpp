// Fuzzes intake bodies in each Content-Encoding. Properties: no line is lost or
// invented; packing and unpacking gives the text back; unpacking stops at its
// bound; what a cut body gives is a prefix of what the whole one gives.
#include "runtime/formats/compression.hpp"
#include "runtime/formats/intake_scan.hpp"
#include "tests/fuzz/property.hpp"

#include <zlib.h>

#include <string>

namespace apm {
namespace {

using test::require;

/// Small, so that inputs of a few hundred bytes reach it.
constexpr size_t unpacked_max = 64 * 1024;

/// Without what a line may end in beside its newline.
std::string_view without_returns(std::string_view line) {
  while (!line.empty() && line.back() == '\r')
    line.remove_suffix(1);
  return line;
}

void check_lines(const std::string& text) {
  const auto lines_in = split_lines(text);
  const auto scanned = scan_intake(bytes{text});
  if (!scanned) {
    require(!scanned.error().detail.empty(), "a refusal says why");
    return;
  }
  const auto& body = scanned.value();
  const auto lines_out = split_lines(body.events.view());
  require(lines_out.size() == body.lines, "lines are counted right");
  require(lines_in.size() == body.lines + (body.metadata.empty() ? 0U : 1U),
          "lines out = lines in");
  require(body.transactions.size() <= body.lines, "a line, a transaction");
  for (size_t i = 0; i < lines_out.size(); ++i)
    require(lines_out[i] == without_returns(lines_in[i + 1]),
            "a line passes unchanged");
  require(body.events.empty() || body.events.view().back() == '\n',
          "the last line is ended");
  for (const auto& x : body.transactions) {
    const auto rest = without_transaction(body.events, x.id);
    require(split_lines(rest.view()).size() < lines_out.size(),
            "a transaction's line can be taken out");
  }
}

void check_round_trip(const std::string& text) {
  static gzip_compressor compressor;
  const size_t half = text.size() / 2;
  const std::string_view view{text};
  const auto packed =
      compressor.compress({view.substr(0, half), view.substr(half)});
  require(packed.has_value(), "everything can be packed");
  const auto& gzip = packed.value();
  const auto whole = decompress(content_encoding::gzip, gzip, unpacked_max);
  require(whole.has_value() && whole.value() == text, "gzip gives it back");
  uLongf size = compressBound(text.size());
  std::string zlib(size, '\0');
  compress2(reinterpret_cast<Bytef*>(zlib.data()), &size,
            reinterpret_cast<const Bytef*>(text.data()), text.size(), 1);
  zlib.resize(size);
  const auto deflated =
      decompress(content_encoding::deflate, zlib, unpacked_max);
  require(deflated.has_value() && deflated.value() == text,
          "deflate gives it back");
  for (const size_t cut : {gzip.size() / 3, gzip.size() - 1}) {
    const auto part =
        decompress_prefix(content_encoding::gzip,
                          std::string_view{gzip}.substr(0, cut), unpacked_max);
    require(text.compare(0, part.size(), part) == 0,
            "a cut body gives a prefix");
  }
}

/// Of bytes that nobody packed.
void check_foreign(std::string_view packed) {
  for (const auto encoding :
       {content_encoding::gzip, content_encoding::deflate}) {
    const auto whole = decompress(encoding, packed, unpacked_max);
    const auto prefix = decompress_prefix(encoding, packed, unpacked_max);
    require(prefix.size() <= unpacked_max, "a prefix keeps to the bound");
    if (whole) {
      require(whole.value().size() <= unpacked_max, "the bound holds");
      require(whole.value() == prefix, "both ways of unpacking agree");
      check_lines(whole.value());
    }
  }
}

} // namespace
} // namespace apm

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > apm::unpacked_max)
    return 0;
  const std::string text{reinterpret_cast<const char*>(data), size};
  apm::check_lines(text);
  apm::check_round_trip(text);
  apm::check_foreign(text);
  return 0;
}
