// TLS by Boost.Asio; see tls_front.hpp.
#include "tools/lambda-sandbox/network/tls_front.hpp"

#include "tools/lambda-sandbox/network/relay.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

namespace sandbox {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct tls_front::state : std::enable_shared_from_this<tls_front::state> {
  using tls_relay = relay<asio::ssl::stream<tcp::socket>, tcp::socket>;

  explicit state(asio::io_context& io) : acceptor{io} {}

  void accept() {
    acceptor.async_accept(
        [self = shared_from_this()](error_code error, tcp::socket peer) {
          if (error == asio::error::operation_aborted)
            return;
          if (!error)
            self->shake_hands(std::move(peer));
          self->accept();
        });
  }

  void shake_hands(tcp::socket peer) {
    error_code ignored;
    peer.set_option(tcp::no_delay{true}, ignored);
    tcp::socket back{peer.get_executor()};
    auto made = std::make_shared<tls_relay>(
        asio::ssl::stream<tcp::socket>{std::move(peer), context},
        std::move(back));
    made->front().async_handshake(
        asio::ssl::stream_base::server,
        [self = shared_from_this(), made](error_code error) {
          if (self->on_handshake)
            self->on_handshake(error ? error.message() : "");
          if (error)
            return made->close();
          made->back().async_connect(
              {asio::ip::address_v4::loopback(), self->target},
              [made](error_code refused) {
                if (refused)
                  return made->close();
                error_code failed;
                made->back().set_option(tcp::no_delay{true}, failed);
                made->start();
              });
        });
  }

  asio::ssl::context context{asio::ssl::context::tls_server};
  tcp::acceptor acceptor;
  std::uint16_t target = 0;
  handshake_handler on_handshake;
};

namespace {

/// *Errors*: false.
bool configure(asio::ssl::context& context, const certificate& own,
               const std::string& version_max) {
  auto* raw = context.native_handle();
  error_code error;
  context.use_certificate_chain(asio::buffer(own.certificate_pem), error);
  if (!error)
    context.use_private_key(asio::buffer(own.key_pem), asio::ssl::context::pem,
                            error);
  if (error)
    return false;
  if (version_max != "1.1")
    return SSL_CTX_set_max_proto_version(
               raw, version_max == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION)
           == 1;
  // What OpenSSL 3 no longer does unless told that security is no matter.
  return SSL_CTX_set_cipher_list(raw, "DEFAULT@SECLEVEL=0") == 1
         && SSL_CTX_set_min_proto_version(raw, TLS1_VERSION) == 1
         && SSL_CTX_set_max_proto_version(raw, TLS1_1_VERSION) == 1;
}

} // namespace

tls_front::tls_front(asio::io_context& io, const certificate& own,
                     const std::string& version_max,
                     handshake_handler on_handshake)
    : state_(std::make_shared<state>(io)) {
  state_->on_handshake = std::move(on_handshake);
  if (!configure(state_->context, own, version_max))
    state_ = nullptr;
}

tls_front::~tls_front() {
  close();
}

std::uint16_t tls_front::listen(std::uint16_t target) {
  if (!state_)
    return 0;
  state_->target = target;
  auto& acceptor = state_->acceptor;
  error_code error;
  const tcp::endpoint place{asio::ip::address_v4::loopback(), 0};
  acceptor.open(place.protocol(), error);
  if (!error)
    acceptor.bind(place, error);
  if (!error)
    acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return 0;
  state_->accept();
  return acceptor.local_endpoint(error).port();
}

void tls_front::close() {
  if (!state_)
    return;
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->on_handshake = nullptr;
}

} // namespace sandbox
