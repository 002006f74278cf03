// HTTP proxy stand-in: takes CONNECT and absolute-form requests for any host,
// and passes all of them to one port of this machine, where the APM Server
// stand-in (or the TLS in front of it) listens. Keeps a record.
#pragma once

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sandbox {

/// What the proxy was asked for.
struct proxied_request {
  std::string method;
  /// host:port of a CONNECT, a URL otherwise.
  std::string target;
  /// 407 if the credentials were wrong or absent; 0: no answer came.
  int status = 0;
};

class http_proxy {
public:
  using request_handler = std::function<void(const proxied_request&)>;

  /// @param credentials "user:password" that it wants; empty: none
  http_proxy(boost::asio::io_context& io, const std::string& credentials,
             request_handler on_request);
  ~http_proxy();
  http_proxy(const http_proxy&) = delete;
  http_proxy& operator=(const http_proxy&) = delete;

  /// Opens a port on 127.0.0.1. *Errors*: 0.
  [[nodiscard]] std::uint16_t listen(std::uint16_t target);

  /// Accepts nothing more. What is connected stays.
  void close();

private:
  struct state;
  class connection;
  std::shared_ptr<state> state_;
};

} // namespace sandbox
