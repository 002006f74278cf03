#include "tests/unit/runtime/tls/tls_peer.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

namespace apm::test {

namespace {

void use(SSL_CTX* context, const sandbox::certificate& own) {
  BIO* bio = BIO_new_mem_buf(own.certificate_pem.data(), -1);
  X509* x = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  bio = BIO_new_mem_buf(own.key_pem.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  EXPECT_EQ(SSL_CTX_use_certificate(context, x), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key), 1);
  X509_free(x);
  EVP_PKEY_free(key);
}

} // namespace

tls_peer::tls_peer(const sandbox::certificate& own)
    : context_(SSL_CTX_new(TLS_server_method())),
      listener_(
          ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  ::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to clients that are gone
  use(context_, own);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(
      ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener_, 16), 0);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

tls_peer::~tls_peer() {
  end_connection();
  ::close(listener_);
  SSL_CTX_free(context_);
}

void tls_peer::speak_only_old_versions() {
  EXPECT_EQ(SSL_CTX_set_cipher_list(context_, "DEFAULT@SECLEVEL=0"), 1);
  EXPECT_EQ(SSL_CTX_set_min_proto_version(context_, TLS1_VERSION), 1);
  EXPECT_EQ(SSL_CTX_set_max_proto_version(context_, TLS1_1_VERSION), 1);
}

void tls_peer::accept() {
  const int socket =
      ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket < 0)
    return;
  end_connection();
  ++connections_;
  socket_ = socket;
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, socket_);
}

void tls_peer::end_connection() {
  SSL_free(ssl_);
  ssl_ = nullptr;
  if (socket_ >= 0)
    ::close(socket_);
  socket_ = -1;
  is_shaken_ = false;
  received_.clear();
}

void tls_peer::pump() {
  accept();
  if (ssl_ == nullptr)
    return;
  if (!is_shaken_) {
    const int result = SSL_accept(ssl_);
    const int problem = SSL_get_error(ssl_, result);
    if (result != 1) {
      if (problem != SSL_ERROR_WANT_READ && problem != SSL_ERROR_WANT_WRITE)
        end_connection();
      return;
    }
    is_shaken_ = true;
    version_ = SSL_get_version(ssl_);
    const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    server_name_ = name != nullptr ? name : "";
  }
  char buffer[4096];
  const int size = SSL_read(ssl_, buffer, sizeof buffer);
  if (size <= 0) {
    if (SSL_get_error(ssl_, size) != SSL_ERROR_WANT_READ)
      end_connection();
    return;
  }
  received_.append(buffer, static_cast<size_t>(size));
  if (received_.find("\r\n\r\n") == std::string::npos)
    return;
  received_.clear();
  ++requests_;
  static constexpr char answer[] =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  EXPECT_GT(SSL_write(ssl_, answer, sizeof answer - 1), 0);
}

} // namespace apm::test
