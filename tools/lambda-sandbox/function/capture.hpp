// Capture: the requests a real agent sent to an extension during one
// invocation, as recorded: requests.json with headers, framing, chunk sizes and
// times, and one NDJSON file per body.
#pragma once

#include "tools/lambda-sandbox/function/http_connection.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sandbox::builtin {

/// One recorded request.
/// *Units*: times are ms since the runtime got the invocation.
struct captured_request {
  int connection = 1;
  std::string method;
  std::string target;
  http_headers headers;
  double head_ms = 0;
  double end_ms = 0;
  /// False: it was opened and never finished, the process was killed.
  bool is_complete = true;
  bool is_chunked = false;
  /// Value of Content-Encoding, empty if there is none.
  std::string content_encoding;
  /// Bytes on the wire and time of each chunk.
  std::vector<std::pair<std::size_t, double>> chunks;
  /// Before compression.
  std::string body;
};

struct capture {
  /// Empty for a capture of the init phase.
  std::string request_id;
  std::vector<captured_request> requests;
  /// How the invocation ended, in the words of a script's `outcome`…
  std::string outcome = "success";
  /// …with which exit status, if the process exited…
  int exit_status = 0;
  /// …and when.
  double outcome_ms = 0;
};

/// Reads a capture.
/// *Errors*: absent if a file is missing or not as expected; `message` says
/// which.
std::optional<capture> load_capture(const std::string& folder,
                                    std::string& message);

/// Returns the sizes of the chunks into which `bytes` bytes are to be cut, so
/// that they are to each other as the captured ones; their sum is `bytes`. A
/// first chunk of 10 bytes is gzip's bare header and stays one.
std::vector<std::size_t>
cut_like(const std::vector<std::pair<std::size_t, double>>& chunks,
         std::size_t bytes);

/// Returns the whole content of a file.
std::optional<std::string> read_file(const std::string& path);

} // namespace sandbox::builtin
