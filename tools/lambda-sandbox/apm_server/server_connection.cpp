// Server connection: the life of one request is header, rule, body, answer,
// each an asynchronous step of its own.
#include "tools/lambda-sandbox/apm_server/server_connection.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>

#include <chrono>
#include <utility>

namespace sandbox {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

/// Larger than any batch an extension may send, on the wire.
constexpr std::uint64_t wire_bytes_max = 256u << 20;
constexpr std::uint32_t header_bytes_max = 64u << 10;

std::string to_string(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

std::string error_body(std::size_t accepted, int status) {
  return "{\"accepted\":" + std::to_string(accepted)
         + ",\"errors\":[{\"message\":\""
         + to_string(http::obsolete_reason(
             http::int_to_status(static_cast<unsigned>(status))))
         + "\"}]}";
}

} // namespace

server_connection::server_connection(asio::ip::tcp::socket socket,
                                     std::shared_ptr<server_state> state)
    : socket_(std::move(socket)),
      state_(std::move(state)),
      timer_(socket_.get_executor()) {}

void server_connection::start() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  read_header();
}

void server_connection::close() {
  if (is_closed_)
    return;
  is_closed_ = true;
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  if (request_ != 0)
    settle(true);
  state_->remove(shared_from_this());
}

void server_connection::read_header() {
  parser_.emplace();
  parser_->body_limit(wire_bytes_max);
  parser_->header_limit(header_bytes_max);
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) {
        self->on_header(error);
      });
}

void server_connection::on_header(const error_code& error) {
  if (is_closed_)
    return;
  if (error)
    return on_unreadable(error);
  received_request request;
  request.method = to_string(parser_->get().method_string());
  request.target = to_string(parser_->get().target());
  for (const auto& field : parser_->get())
    request.headers.emplace_back(to_string(field.name_string()),
                                 to_string(field.value()));
  request.begin_ns = server_now_ns();
  request_ = state_->begin_request(std::move(request));
  rule_ = {};
  if (!is_authorized())
    rule_.status = 401;
  else if (is_intake())
    rule_ = state_->take_rule();
  if (rule_.close == server_close::before_body) {
    settle(false);
    return close();
  }
  const auto expect = parser_->get()[http::field::expect];
  if (!boost::beast::iequals(expect, "100-continue"))
    return read_body();
  static constexpr char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(go_on, sizeof go_on - 1),
                    [self = shared_from_this()](error_code, std::size_t) {
                      if (!self->is_closed_)
                        self->read_body();
                    });
}

/// The client closed the connection between two requests, or what it sent is no
/// HTTP.
void server_connection::on_unreadable(const error_code& error) {
  const bool is_http_error =
      error.category() == make_error_code(http::error::bad_version).category();
  if (is_http_error && error != http::error::end_of_stream) {
    received_request request;
    request.begin_ns = server_now_ns();
    request.protocol_errors.push_back("header is no HTTP: " + error.message());
    request_ = state_->begin_request(std::move(request));
    settle(error == http::error::partial_message);
  }
  close();
}

void server_connection::read_body() {
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](error_code error, std::size_t) {
                     self->on_body(error);
                   });
}

void server_connection::on_body(const error_code& error) {
  if (is_closed_)
    return;
  const auto& body = parser_->get().body();
  auto& record = state_->request(request_);
  record.wire_bytes = body.size();
  if (error) {
    const bool is_gone = error == http::error::partial_message
                         || error == asio::error::connection_reset
                         || error == asio::error::eof;
    if (!is_gone)
      record.protocol_errors.push_back("body: " + error.message());
    settle(is_gone);
    return close();
  }
  record.end_ns = server_now_ns();
  if (!is_intake())
    return answer_other();
  state_->add_body(request_, body, rule_.record);
  // What a rule says about lines holds even if no answer ever comes.
  if (rule_.accepted)
    state_->accept_lines(request_, *rule_.accepted);
  obey_rule();
}

/// Notices a client that goes away while we wait with our answer.
void server_connection::watch_for_end() {
  socket_.async_wait(
      asio::socket_base::wait_read,
      [self = shared_from_this(), watched = request_](error_code error) {
        if (error || self->is_closed_ || self->request_ != watched)
          return;
        if (self->is_client_gone())
          self->close();
      });
}

bool server_connection::is_client_gone() {
  char byte = 0;
  error_code peeked;
  socket_.non_blocking(true, peeked);
  socket_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek,
                  peeked);
  // Data is a further request (pipelining): its turn comes later.
  return peeked && peeked != asio::error::would_block;
}

void server_connection::obey_rule() {
  if (rule_.hang) {
    settle(false);
    return watch_for_end();
  }
  if (rule_.delay_ms == 0)
    return answer_intake();
  watch_for_end();
  timer_.expires_after(std::chrono::milliseconds{rule_.delay_ms});
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error && !self->is_closed_)
      self->answer_intake();
  });
}

void server_connection::answer_intake() {
  // Who is gone gets no answer, even where we have not had time to notice.
  if (is_client_gone())
    return close();
  if (rule_.close == server_close::after_body) {
    settle(false);
    return close();
  }
  if (rule_.close == server_close::within_answer)
    return break_off_answer();
  const bool is_good = rule_.status < 300;
  if (is_good && !rule_.accepted)
    state_->accept_lines(request_, SIZE_MAX);
  response_type response;
  response.result(static_cast<unsigned>(rule_.status));
  if (!rule_.body.empty())
    response.body() = rule_.body;
  else if (!is_good)
    response.body() =
        error_body(state_->request(request_).lines_accepted, rule_.status);
  if (!response.body().empty())
    response.set(http::field::content_type, "application/json");
  write(std::move(response));
}

/// The header promises a byte, and no byte comes.
void server_connection::break_off_answer() {
  static constexpr char begin[] = "HTTP/1.1 202 Accepted\r\n"
                                  "Content-Length: 1\r\n\r\n";
  asio::async_write(socket_, asio::buffer(begin, sizeof begin - 1),
                    [self = shared_from_this()](error_code, std::size_t) {
                      if (self->is_closed_)
                        return;
                      self->settle(false);
                      self->close();
                    });
}

void server_connection::answer_other() {
  const auto& request = parser_->get();
  response_type response;
  if (rule_.status == 401) {
    response.result(http::status::unauthorized);
    response.body() = "{\"error\":\"Unauthorized\"}";
  } else if (request.target() == "/"
             && (request.method() == http::verb::get
                 || request.method() == http::verb::head)) {
    response.body() = "{\"build_date\":\"2024-08-08T00:00:00Z\",\"build_sha\":"
                      "\"0000000000000000000000000000000000000000\","
                      "\"publish_ready\":true,\"version\":\""
                      + state_->version() + "\"}";
  } else {
    response.result(http::status::not_found);
    response.body() = "{\"error\":\"404 page not found\"}";
  }
  response.set(http::field::content_type, "application/json");
  write(std::move(response));
}

void server_connection::write(response_type response) {
  response_.emplace(std::move(response));
  response_->version(11);
  response_->keep_alive(parser_->get().keep_alive());
  for (const auto& [name, value] : rule_.headers)
    response_->set(name, value);
  if (parser_->get().method() == http::verb::head)
    response_->body().clear();
  response_->prepare_payload();
  // Beast sets no length for an empty body of some statuses; clients wait.
  if (!response_->has_content_length())
    response_->content_length(response_->body().size());
  state_->request(request_).status = static_cast<int>(response_->result_int());
  http::async_write(socket_, *response_,
                    [self = shared_from_this()](error_code error, std::size_t) {
                      self->on_written(error, self->response_->need_eof());
                    });
}

void server_connection::on_written(const error_code& error, bool is_last) {
  if (is_closed_)
    return;
  if (error)
    return close();
  state_->request(request_).answered_ns = server_now_ns();
  settle(false);
  if (is_last)
    return close();
  read_header();
}

void server_connection::settle(bool is_aborted) {
  const auto number = std::exchange(request_, 0);
  state_->request(number).is_aborted = is_aborted;
  state_->settle(number);
}

bool server_connection::is_authorized() const {
  const auto given = parser_->get()[http::field::authorization];
  return state_->authorization().empty()
         || to_string(given) == state_->authorization();
}

bool server_connection::is_intake() const {
  static constexpr boost::beast::string_view path = "/intake/v2/events";
  const auto target = parser_->get().target();
  return target.substr(0, target.find('?')) == path;
}

} // namespace sandbox
