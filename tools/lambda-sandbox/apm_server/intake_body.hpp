// Intake body: what a request to /intake/v2/events carries, decompressed, cut
// into lines and checked as an APM Server would. Knows no HTTP connection:
// bytes in, lines and complaints out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

/// One line of the body.
struct intake_line {
  /// The line's only top-level key if it is a known one, else "other".
  std::string kind;
  /// Its bytes without the newline.
  std::string text;
};

struct intake_body {
  std::vector<intake_line> lines;
  /// Bytes after decompression.
  std::size_t body_bytes = 0;
  /// One sentence per violation; line numbers count from 1.
  std::vector<std::string> errors;
};

/// Reads a complete body.
/// *Shape*: `content_encoding` is the header's value; empty, `identity`, `gzip`
/// and `deflate` (zlib format) are known.
/// *Errors*: go to `errors`; whatever could be read is in `lines` all the same.
/// *Source*: https://www.elastic.co/guide/en/apm/guide/current/api-events.html
intake_body read_intake_body(std::string_view wire,
                             std::string_view content_encoding);

/// Returns the kind of one line, "other" if it has none.
/// *Errors*: `error` says what is wrong with the line, and is left alone
/// otherwise.
std::string kind_of_line(std::string_view line, std::string& error);

} // namespace sandbox
