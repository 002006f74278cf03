// HTTP connection: a blocking HTTP/1.1 client connection with deadlines, and
// with full control over what goes on the wire when: agents are told apart by
// header order, chunk sizes and the moments of their writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbox::builtin {

using http_headers = std::vector<std::pair<std::string, std::string>>;

struct http_address {
  std::string host;
  std::uint16_t port = 0;
};

struct http_answer {
  int status = 0;
  http_headers headers;
  std::string body;
  /// Returns the value of a header, empty if there is none.
  std::string_view header(std::string_view name) const;
};

/// Returns request line and headers, as they go on the wire.
std::string request_head(std::string_view method, std::string_view target,
                         const http_headers& headers);
/// Returns `bytes` as one chunk of chunked framing; nothing for nothing.
std::string chunk_of(std::string_view bytes);
/// Ends a chunked body.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";
/// Whether two header names are the same.
bool is_same_header(std::string_view left, std::string_view right);

/// One connection. All deadlines are CLOCK_MONOTONIC ns.
/// *Errors*: a call that returns false or nothing leaves the reason in
/// `error()`, named as Node names it: ECONNREFUSED, ECONNRESET, ETIMEDOUT…,
/// and the connection closed.
class http_connection {
public:
  http_connection() = default;
  http_connection(http_connection&& other) noexcept;
  http_connection& operator=(http_connection&& other) noexcept;
  ~http_connection();

  bool connect(const http_address& address, std::int64_t deadline_ns);
  bool send(std::string_view bytes, std::int64_t deadline_ns);
  /// Reads one answer; the connection stays open if the server keeps it so.
  std::optional<http_answer> receive(std::int64_t deadline_ns);
  /// Ends our direction (FIN); we can still read.
  void end_sending();
  void close();

  bool is_open() const { return descriptor_ >= 0; }
  /// Whether the server sent something, or closed its side.
  bool has_input() const;
  int descriptor() const { return descriptor_; }
  const std::string& error() const { return error_; }
  /// When the last answer was complete, or the connection was opened.
  std::int64_t idle_since_ns() const { return idle_since_ns_; }

private:
  bool fail(int number);
  bool wait_for(short events, std::int64_t deadline_ns);
  bool read_more(std::int64_t deadline_ns);
  bool read_line(std::string& line, std::int64_t deadline_ns);
  bool read_bytes(std::size_t count, std::string& target,
                  std::int64_t deadline_ns);
  bool read_body(http_answer& answer, std::int64_t deadline_ns);
  bool read_chunks(http_answer& answer, std::int64_t deadline_ns);

  int descriptor_ = -1;
  std::string input_;
  std::string error_;
  std::int64_t idle_since_ns_ = 0;
};

} // namespace sandbox::builtin
