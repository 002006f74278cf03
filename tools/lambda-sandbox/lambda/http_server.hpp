// A small HTTP/1.1 server on loopback for Lambda's three APIs. It differs from
// others in two ways: an answer may come hours after its request (event/next),
// and each request carries the moment at which its first bytes reached the
// machine's network stack, taken by the kernel, so that a busy sandbox does not
// falsify what it measures.
//   http_server server{io, [](http_exchange_ptr exchange) {…}};
//   auto port = server.listen();
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbox {

using http_headers = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method;
  std::string target;
  http_headers headers;
  std::string body;
  /// CLOCK_MONOTONIC ns at which the request's first bytes arrived.
  std::int64_t arrived_ns = 0;
  /// The connection ended before the body did.
  bool is_truncated = false;

  /// Returns a header's value, its name in any case; empty if absent.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
};

/// A request and the one chance to answer it.
class http_exchange {
public:
  virtual ~http_exchange() = default;

  const http_request& request() const { return request_; }

  /// Sends the answer. Only the first call counts.
  virtual void answer(int status, std::string_view body,
                      const http_headers& headers = {}) = 0;

  /// Whether the client closed its connection; nobody will read an answer.
  virtual bool is_abandoned() const = 0;

protected:
  http_request request_;
};

using http_exchange_ptr = std::shared_ptr<http_exchange>;

class http_server {
public:
  using handler = std::function<void(http_exchange_ptr)>;

  http_server(boost::asio::io_context& io, handler on_request);
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;
  ~http_server();

  /// Opens a port on 127.0.0.1 that the kernel chooses.
  /// *Errors*: 0 if no socket can be had.
  [[nodiscard]] std::uint16_t listen();

  /// Closes all connections, with what they had not delivered yet. New ones are
  /// accepted. For resets: the dead must not speak to the next generation.
  void close_connections();

private:
  class connection;

  void accept();

  boost::asio::ip::tcp::acceptor acceptor_;
  handler on_request_;
  std::set<std::shared_ptr<connection>> connections_;
};

} // namespace sandbox
