// Posting batches; see telemetry_connection.hpp.
#include "tools/lambda-sandbox/lambda/telemetry_connection.hpp"

#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <utility>

namespace sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

/// One socket and what is under way on it.
class telemetry_connection::exchange
    : public std::enable_shared_from_this<telemetry_connection::exchange> {
public:
  exchange(asio::io_context& io, std::uint16_t port, bool is_tcp)
      : socket_{io}, port_{port}, is_tcp_{is_tcp} {}

  void send(std::string text, handlers handle) {
    text_ = std::move(text);
    handlers_ = std::move(handle);
    has_answer_begun_ = false;
    is_reused_ = socket_.is_open();
    if (is_reused_)
      return write();
    connect();
  }

  void abort() {
    handlers_.reset();
    close();
  }

private:
  void connect() {
    const asio::ip::tcp::endpoint place{asio::ip::address_v4::loopback(),
                                        port_};
    socket_.async_connect(place, [self = shared_from_this()](error_code error) {
      if (error)
        return self->end(0, error.message());
      error_code ignored;
      self->socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
      self->write();
    });
  }

  void write() {
    if (!handlers_)
      return;
    handlers_->on_begin(now_ns());
    asio::async_write(
        socket_, asio::buffer(text_),
        [self = shared_from_this()](error_code error, std::size_t) {
          if (error)
            return self->failed(error);
          if (self->is_tcp_)
            return self->end(200, {}); // nobody answers on plain TCP
          self->read();
        });
  }

  void read() {
    parser_.emplace();
    http::async_read(
        socket_, input_, *parser_,
        [self = shared_from_this()](error_code error, std::size_t bytes) {
          self->has_answer_begun_ = bytes > 0;
          if (error)
            return self->failed(error);
          const bool keep_alive = self->parser_->keep_alive();
          const auto status = self->parser_->get().result_int();
          if (!keep_alive)
            self->close();
          self->end(static_cast<int>(status), {});
        });
  }

  /// A kept connection may have been closed by the other side meanwhile; HTTP
  /// clients then begin once more on a new one.
  void failed(error_code error) {
    close();
    if (!is_reused_ || has_answer_begun_ || !handlers_)
      return end(0, error.message());
    is_reused_ = false;
    connect();
  }

  void end(int status, const std::string& reason) {
    if (status == 0)
      close();
    if (const auto handle = std::exchange(handlers_, std::nullopt))
      handle->on_end(status, reason);
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
    input_.clear();
  }

  asio::ip::tcp::socket socket_;
  std::uint16_t port_;
  bool is_tcp_;
  bool is_reused_ = false;
  bool has_answer_begun_ = false;
  std::string text_;
  beast::flat_buffer input_;
  std::optional<http::response_parser<http::string_body>> parser_;
  std::optional<handlers> handlers_;
};

telemetry_connection::telemetry_connection(asio::io_context& io,
                                           std::uint16_t port, std::string path,
                                           bool is_tcp)
    : io_{io}, port_{port}, path_{std::move(path)}, is_tcp_{is_tcp} {}

telemetry_connection::~telemetry_connection() {
  abort();
}

void telemetry_connection::post(const std::string& body, handlers handle) {
  if (!exchange_)
    exchange_ = std::make_shared<exchange>(io_, port_, is_tcp_);
  std::string text;
  if (!is_tcp_)
    text = "POST " + path_
           + " HTTP/1.1\r\nHost: sandbox.localdomain:" + std::to_string(port_)
           + "\r\nContent-Type: application/json\r\nContent-Length: "
           + std::to_string(body.size()) + "\r\n\r\n";
  exchange_->send(text + body, std::move(handle));
}

void telemetry_connection::abort() {
  if (exchange_)
    exchange_->abort();
  exchange_.reset();
}

} // namespace sandbox
