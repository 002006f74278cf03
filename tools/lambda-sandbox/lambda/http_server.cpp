// The server of Lambda's APIs; see http_server.hpp. Beast parses, but reading
// is done by hand, as Beast knows no arrival stamps.
#include "tools/lambda-sandbox/lambda/http_server.hpp"

#include "tools/lambda-sandbox/lambda/arrival_stamp.hpp"
#include "tools/lambda-sandbox/lambda/clock.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <strings.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

/// Bodies above are cut off with the connection. Far above Lambda's own limit
/// of 6 MiB, so that it is the Runtime API that refuses them.
constexpr std::uint64_t body_bytes_max = 64 * 1024 * 1024;
/// Lambda's runtimes send headers of some KB (traces of exceptions).
constexpr std::uint32_t header_bytes_max = 256 * 1024;
constexpr std::size_t read_bytes = 64 * 1024;

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string render(int status, std::string_view body,
                   const http_headers& headers, bool keep_alive) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " ";
  const auto reason =
      http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  text.append(reason.data(), reason.size());
  text += "\r\n";
  for (const auto& [name, value] : headers)
    text += name + ": " + value + "\r\n";
  if (!keep_alive)
    text += "Connection: close\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  text += body;
  return text;
}

} // namespace

std::string_view http_request::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (equals_ignoring_case(known, name))
      return value;
  return {};
}

bool http_request::has_header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (equals_ignoring_case(known, name))
      return true;
  return false;
}

class http_server::connection
    : public std::enable_shared_from_this<http_server::connection> {
public:
  connection(asio::ip::tcp::socket socket, http_server& server)
      : socket_{std::move(socket)}, server_{&server} {}

  void start() {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
    begin_request();
    wait();
  }

  /// Detaches from the server and closes.
  void drop() {
    server_ = nullptr;
    error_code ignored;
    socket_.close(ignored);
  }

  bool is_at_end() const { return is_at_end_ || !socket_.is_open(); }

  void send(int status, std::string_view body, const http_headers& headers) {
    if (!socket_.is_open())
      return;
    const bool keep_alive = keep_alive_ && !is_at_end_;
    output_ = render(status, body, headers, keep_alive);
    asio::async_write(
        socket_, asio::buffer(output_),
        [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
          if (error || !keep_alive)
            return self->finish();
          self->is_answering_ = false;
          self->begin_request();
          self->parse();
          self->wait();
        });
  }

private:
  class exchange : public http_exchange {
  public:
    exchange(std::shared_ptr<connection> owner, http_request request)
        : owner_{std::move(owner)} {
      request_ = std::move(request);
    }
    void answer(int status, std::string_view body,
                const http_headers& headers) override {
      if (const auto owner = std::move(owner_))
        owner->send(status, body, headers);
    }
    bool is_abandoned() const override { return owner_ && owner_->is_at_end(); }

  private:
    std::shared_ptr<connection> owner_;
  };

  using request_parser = http::request_parser<http::string_body>;

  void begin_request() {
    parser_.emplace();
    parser_->eager(true);
    parser_->body_limit(body_bytes_max);
    parser_->header_limit(header_bytes_max);
    told_to_continue_ = false;
    // What is left over came together with the request before.
    first_bytes_ns_ = input_.size() > 0 ? now_ns() : 0;
  }

  /// Goes on while an answer is pending, to notice a client that left; but not
  /// for one that floods us meanwhile.
  void wait() {
    if (is_waiting_ || is_at_end_ || !socket_.is_open()
        || (is_answering_ && input_.size() > read_bytes))
      return;
    is_waiting_ = true;
    socket_.async_wait(asio::ip::tcp::socket::wait_read,
                       [self = shared_from_this()](error_code error) {
                         self->is_waiting_ = false;
                         if (!error)
                           self->read();
                       });
  }

  void read() {
    const auto place = input_.prepare(read_bytes);
    const auto got =
        read_stamped(socket_.native_handle(), static_cast<char*>(place.data()),
                     place.size());
    if (got.bytes < 0) {
      if (got.error == EAGAIN || got.error == EWOULDBLOCK)
        return wait();
      is_at_end_ = true;
      return finish();
    }
    if (got.bytes == 0)
      return end_of_input();
    if (first_bytes_ns_ == 0)
      first_bytes_ns_ = got.arrived_ns;
    input_.commit(static_cast<std::size_t>(got.bytes));
    if (!is_answering_)
      parse();
    wait();
  }

  void end_of_input() {
    is_at_end_ = true;
    if (is_answering_)
      return; // kept until its answer, which nobody may read
    if (parser_->is_header_done())
      return dispatch(true);
    finish();
  }

  void parse() {
    while (!is_answering_ && input_.size() > 0) {
      error_code error;
      const auto used = parser_->put(input_.data(), error);
      input_.consume(used);
      if (error == http::error::need_more)
        break;
      if (error) {
        keep_alive_ = false;
        is_answering_ = true;
        return send(400,
                    "{\"errorMessage\":\"not HTTP/1.1\","
                    "\"errorType\":\"InvalidRequestFormat\"}\n",
                    {{"Content-Type", "application/json"}});
      }
      if (parser_->is_done())
        return dispatch(false);
    }
    continue_if_asked();
  }

  /// curl waits up to a second for this before it sends a large body.
  void continue_if_asked() {
    if (told_to_continue_ || is_answering_ || !parser_->is_header_done())
      return;
    const auto expect = parser_->get()[http::field::expect];
    if (!equals_ignoring_case({expect.data(), expect.size()}, "100-continue"))
      return;
    told_to_continue_ = true;
    static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    error_code ignored;
    socket_.write_some(asio::buffer(text.data(), text.size()), ignored);
  }

  void dispatch(bool is_truncated) {
    is_answering_ = true;
    auto message = parser_->release();
    keep_alive_ = message.keep_alive();
    http_request request;
    request.method = std::string{message.method_string()};
    request.target = std::string{message.target()};
    for (const auto& field : message)
      request.headers.emplace_back(std::string{field.name_string()},
                                   std::string{field.value()});
    request.body = std::move(message.body());
    request.arrived_ns = first_bytes_ns_;
    request.is_truncated = is_truncated;
    if (server_ != nullptr)
      server_->on_request_(
          std::make_shared<exchange>(shared_from_this(), std::move(request)));
  }

  void finish() {
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    if (server_ != nullptr)
      server_->connections_.erase(shared_from_this());
    server_ = nullptr;
  }

  asio::ip::tcp::socket socket_;
  http_server* server_;
  beast::flat_buffer input_;
  std::optional<request_parser> parser_;
  std::string output_;
  std::int64_t first_bytes_ns_ = 0;
  bool is_answering_ = false;
  bool is_at_end_ = false;
  bool is_waiting_ = false;
  bool keep_alive_ = true;
  bool told_to_continue_ = false;
};

http_server::http_server(asio::io_context& io, handler on_request)
    : acceptor_{io}, on_request_{std::move(on_request)} {}

http_server::~http_server() {
  close_connections();
}

std::uint16_t http_server::listen() {
  error_code error;
  const asio::ip::tcp::endpoint place{asio::ip::address_v4::loopback(), 0};
  acceptor_.open(place.protocol(), error);
  if (!error)
    acceptor_.bind(place, error);
  if (!error)
    acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return 0;
  enable_arrival_stamps(acceptor_.native_handle());
  const auto port = acceptor_.local_endpoint(error).port();
  accept();
  return port;
}

void http_server::accept() {
  acceptor_.async_accept(
      [this](error_code error, asio::ip::tcp::socket socket) {
        if (error == asio::error::operation_aborted)
          return;
        if (!error) {
          auto made = std::make_shared<connection>(std::move(socket), *this);
          connections_.insert(made);
          made->start();
        }
        accept();
      });
}

void http_server::close_connections() {
  const auto all = std::move(connections_);
  connections_.clear();
  for (const auto& each : all)
    each->drop();
}

} // namespace sandbox
