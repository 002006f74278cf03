// TLS front: a port that ends TLS and passes what was in it to another port of
// this machine. Counts handshakes that failed.
#pragma once

#include "tools/lambda-sandbox/network/certificates.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace sandbox {

class tls_front {
public:
  /// Told of each handshake, with what went wrong; empty: nothing.
  using handshake_handler = std::function<void(const std::string& problem)>;

  /// @param version_max "1.3", "1.2" or "1.1"
  tls_front(boost::asio::io_context& io, const certificate& own,
            const std::string& version_max, handshake_handler on_handshake);
  ~tls_front();
  tls_front(const tls_front&) = delete;
  tls_front& operator=(const tls_front&) = delete;

  /// Opens a port on 127.0.0.1 in front of `target`. *Errors*: 0.
  [[nodiscard]] std::uint16_t listen(std::uint16_t target);

  /// Accepts nothing more. What is connected stays.
  void close();

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace sandbox
