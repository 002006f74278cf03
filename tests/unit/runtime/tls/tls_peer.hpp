// An https server in a test of the real loop: one connection at a time, driven
// by hand between the loop's turns. Answers each request with 200 and "ok".
#pragma once

#include "tools/lambda-sandbox/network/certificates.hpp"

#include <openssl/ssl.h>

#include <cstdint>
#include <string>

namespace apm::test {

class tls_peer {
public:
  explicit tls_peer(const sandbox::certificate& own);
  ~tls_peer();

  tls_peer(const tls_peer&) = delete;
  tls_peer& operator=(const tls_peer&) = delete;

  /// Speaks TLS 1.0 and 1.1 alone.
  void speak_only_old_versions();

  /// Goes on as far as it can without waiting.
  void pump();

  std::string url(const std::string& host) const {
    return "https://" + host + ':' + std::to_string(port_) + "/x";
  }

  SSL_CTX* context() const { return context_; }

  int connections() const { return connections_; }

  int requests() const { return requests_; }

  /// What the client called us in its hello; empty: nothing.
  const std::string& server_name() const { return server_name_; }

  /// Version of the last handshake that succeeded.
  const std::string& version() const { return version_; }

private:
  void accept();
  void end_connection();

  SSL_CTX* context_;
  int listener_;
  uint16_t port_ = 0;
  int socket_ = -1;
  SSL* ssl_ = nullptr;
  bool is_shaken_ = false;
  int connections_ = 0;
  int requests_ = 0;
  std::string received_;
  std::string server_name_;
  std::string version_;
};

} // namespace apm::test
