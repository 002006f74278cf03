// The proxy by Boost.Beast; see http_proxy.hpp.
#include "tools/lambda-sandbox/network/http_proxy.hpp"

#include "tools/lambda-sandbox/network/relay.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <openssl/evp.h>

#include <optional>
#include <vector>

namespace sandbox {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// Larger than any batch an extension may send, on the wire.
constexpr std::uint64_t body_bytes_max = 256u << 20;

/// Length of http:// in front of a target's host.
constexpr std::size_t scheme_size = 7;

std::string base64(const std::string& text) {
  std::vector<unsigned char> encoded(text.size() / 3 * 4 + 5);
  const int size = EVP_EncodeBlock(
      encoded.data(), reinterpret_cast<const unsigned char*>(text.data()),
      static_cast<int>(text.size()));
  return {encoded.begin(), encoded.begin() + size};
}

std::string to_string(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

} // namespace

struct http_proxy::state : std::enable_shared_from_this<http_proxy::state> {
  explicit state(asio::io_context& io) : acceptor{io} {}

  void accept();

  void tell(const proxied_request& request) const {
    if (on_request)
      on_request(request);
  }

  tcp::acceptor acceptor;
  std::uint16_t target = 0;
  std::string authorization; ///< that it wants; empty: none
  request_handler on_request;
};

/// One client: request, answer, request … or a CONNECT, and from then on bytes.
class http_proxy::connection
    : public std::enable_shared_from_this<http_proxy::connection> {
public:
  connection(tcp::socket front, std::shared_ptr<state> owner)
      : front_(std::move(front)),
        back_(front_.get_executor()),
        owner_(std::move(owner)) {}

  void read() {
    parser_.emplace();
    parser_->body_limit(body_bytes_max);
    http::async_read(
        front_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, std::size_t) {
          if (error)
            return self->close();
          self->take();
        });
  }

private:
  void close() {
    error_code ignored;
    front_.close(ignored);
    back_.close(ignored);
  }

  void take() {
    const auto& request = parser_->get();
    told_ = {to_string(request.method_string()), to_string(request.target()),
             0};
    if (!owner_->authorization.empty()
        && request[http::field::proxy_authorization] != owner_->authorization)
      return refuse();
    if (back_.is_open())
      return forward();
    back_.async_connect({asio::ip::address_v4::loopback(), owner_->target},
                        [self = shared_from_this()](error_code error) {
                          if (error)
                            return self->answer(http::status::bad_gateway);
                          self->forward();
                        });
  }

  void refuse() { answer(http::status::proxy_authentication_required); }

  void answer(http::status status) {
    answer_ = {};
    answer_.version(11);
    answer_.result(status);
    if (status == http::status::proxy_authentication_required)
      answer_.set(http::field::proxy_authenticate, "Basic realm=\"sandbox\"");
    answer_.content_length(0);
    write_answer();
  }

  void forward() {
    error_code ignored;
    back_.set_option(tcp::no_delay{true}, ignored);
    if (parser_->get().method() == http::verb::connect)
      return open_tunnel();
    request_ = parser_->release();
    request_.erase(http::field::proxy_authorization);
    const auto target = request_.target();
    const auto path = target.find('/', scheme_size);
    // By value: the target is a part of what is replaced.
    request_.target(path == boost::beast::string_view::npos
                        ? std::string{"/"}
                        : to_string(target.substr(path)));
    http::async_write(
        back_, request_,
        [self = shared_from_this()](error_code error, std::size_t) {
          if (error)
            return self->end_without_answer();
          self->read_answer();
        });
  }

  void read_answer() {
    answer_ = {};
    http::async_read(
        back_, back_buffer_, answer_,
        [self = shared_from_this()](error_code error, std::size_t) {
          if (error)
            return self->end_without_answer();
          self->write_answer();
        });
  }

  void end_without_answer() {
    owner_->tell(told_);
    close();
  }

  void write_answer() {
    told_.status = static_cast<int>(answer_.result_int());
    owner_->tell(told_);
    http::async_write(
        front_, answer_,
        [self = shared_from_this()](error_code error, std::size_t) {
          if (error || self->answer_.need_eof())
            return self->close();
          self->read();
        });
  }

  void open_tunnel() {
    told_.status = 200;
    owner_->tell(told_);
    static constexpr char established[] =
        "HTTP/1.1 200 Connection established\r\n\r\n";
    asio::async_write(
        front_, asio::buffer(established, sizeof established - 1),
        [self = shared_from_this()](error_code error, std::size_t) {
          if (error)
            return self->close();
          std::make_shared<relay<tcp::socket, tcp::socket>>(
              std::move(self->front_), std::move(self->back_))
              ->start();
        });
  }

  tcp::socket front_;
  tcp::socket back_;
  std::shared_ptr<state> owner_;
  boost::beast::flat_buffer buffer_;
  boost::beast::flat_buffer back_buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::request<http::string_body> request_;
  http::response<http::string_body> answer_;
  proxied_request told_;
};

void http_proxy::state::accept() {
  acceptor.async_accept(
      [self = shared_from_this()](error_code error, tcp::socket peer) {
        if (error == asio::error::operation_aborted)
          return;
        if (!error) {
          error_code ignored;
          peer.set_option(tcp::no_delay{true}, ignored);
          std::make_shared<connection>(std::move(peer), self)->read();
        }
        self->accept();
      });
}

http_proxy::http_proxy(asio::io_context& io, const std::string& credentials,
                       request_handler on_request)
    : state_(std::make_shared<state>(io)) {
  state_->on_request = std::move(on_request);
  if (!credentials.empty())
    state_->authorization = "Basic " + base64(credentials);
}

http_proxy::~http_proxy() {
  close();
}

std::uint16_t http_proxy::listen(std::uint16_t target) {
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

void http_proxy::close() {
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->on_request = nullptr;
}

} // namespace sandbox
