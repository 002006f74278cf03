// Server state: the port and the record.
#include "tools/lambda-sandbox/apm_server/server_state.hpp"

#include "tools/lambda-sandbox/apm_server/intake_body.hpp"
#include "tools/lambda-sandbox/apm_server/server_connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace sandbox {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

std::string_view header_value(const received_request& request,
                              const char* name) {
  for (const auto& [key, value] : request.headers)
    if (boost::beast::iequals(key, name))
      return value;
  return {};
}

void check_head(received_request& request) {
  // A parameter such as `; charset=utf-8` is fine.
  const auto type = header_value(request, "Content-Type");
  if (type.substr(0, type.find(';')) != "application/x-ndjson")
    request.protocol_errors.push_back("Content-Type is \"" + std::string{type}
                                      + "\", not application/x-ndjson");
  if (request.method != "POST")
    request.protocol_errors.push_back("method is " + request.method
                                      + ", not POST");
}

} // namespace

std::int64_t server_now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

server_state::server_state(asio::io_context& io, apm_server_settings settings,
                           apm_server::request_handler on_request)
    : io_(io),
      settings_(std::move(settings)),
      on_request_(std::move(on_request)),
      rules_(settings_.rules),
      acceptor_(io),
      refusal_timer_(io) {}

std::optional<std::uint16_t> server_state::listen(std::uint16_t port) {
  port_ = port;
  if (!open_port(!settings_.refuse && rules_.refusal_ms() == 0))
    return std::nullopt;
  if (!settings_.refuse)
    refuse_if_due();
  return port_;
}

/// Binds the port, and listens on it unless connects are to be refused: a port
/// that is bound stays ours, and the kernel resets who connects to it.
bool server_state::open_port(bool is_listening) {
  const asio::ip::tcp::endpoint here{asio::ip::address_v4::loopback(), port_};
  error_code error;
  acceptor_.close(error);
  acceptor_.open(here.protocol(), error);
  if (!error)
    acceptor_.set_option(asio::socket_base::reuse_address{true}, error);
  if (!error)
    acceptor_.bind(here, error);
  if (!error && is_listening)
    acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    error_ = "can't open port " + std::to_string(port_)
             + " on 127.0.0.1: " + error.message();
    return false;
  }
  port_ = acceptor_.local_endpoint().port();
  if (is_listening)
    accept_next();
  return true;
}

void server_state::accept_next() {
  acceptor_.async_accept([self = shared_from_this()](
                             error_code error, asio::ip::tcp::socket peer) {
    if (self->is_closed_ || error == asio::error::operation_aborted)
      return;
    if (!error) {
      auto connection =
          std::make_shared<server_connection>(std::move(peer), self);
      self->connections_.insert(connection);
      connection->start();
    }
    if (self->acceptor_.is_open() && !self->is_refusing_)
      self->accept_next();
  });
}

void server_state::refuse_if_due() {
  const auto refusal_ms = rules_.refusal_ms();
  // Requests that took an earlier rule get their answers first.
  if (refusal_ms == 0 || is_refusing_ || is_closed_ || open_requests_ > 0)
    return;
  is_refusing_ = true;
  open_port(false);
  close_connections();
  refusal_timer_.expires_after(std::chrono::milliseconds{refusal_ms});
  refusal_timer_.async_wait([self = shared_from_this()](error_code error) {
    if (error || self->is_closed_)
      return;
    self->is_refusing_ = false;
    self->rules_.end_refusal();
    if (self->rules_.refusal_ms() > 0)
      self->refuse_if_due();
    else
      self->open_port(true);
  });
}

void server_state::close_connections() {
  // close() removes the connection from the set: walk a copy.
  const auto connections = connections_;
  for (const auto& connection : connections)
    connection->close();
}

void server_state::close() {
  if (is_closed_)
    return;
  is_closed_ = true;
  // Our user may be gone when what is still queued runs.
  on_request_ = nullptr;
  error_code ignored;
  acceptor_.close(ignored);
  refusal_timer_.cancel();
  close_connections();
}

std::uint64_t server_state::begin_request(received_request request) {
  request.number = requests_.size() + 1;
  requests_.push_back(std::move(request));
  ++open_requests_;
  return requests_.back().number;
}

received_request& server_state::request(std::uint64_t number) {
  return requests_[number - 1];
}

apm_server_rule server_state::take_rule() {
  return rules_.take(server_now_ns());
}

void server_state::add_body(std::uint64_t number, const std::string& wire,
                            bool is_recorded) {
  auto& record = request(number);
  check_head(record);
  auto body = read_intake_body(wire, header_value(record, "Content-Encoding"));
  record.body_bytes = body.body_bytes;
  for (auto& error : body.errors)
    record.protocol_errors.push_back(std::move(error));
  const auto first_line = lines_.size();
  for (auto& line : body.lines) {
    if (line.kind != "metadata")
      ++record.lines;
    if (is_recorded)
      lines_.push_back({std::move(line.kind), std::move(line.text), number,
                        record.end_ns, false});
  }
  line_ranges_[number] = {first_line, lines_.size()};
}

void server_state::accept_lines(std::uint64_t number, std::size_t count) {
  auto& record = request(number);
  record.lines_accepted = std::min(count, record.lines);
  const auto [begin, end] = line_ranges_[number];
  std::size_t events = 0;
  for (auto i = begin; i < end; ++i) {
    auto& line = lines_[i];
    if (line.kind == "metadata")
      line.accepted = count > 0 || record.lines == 0;
    else
      line.accepted = events++ < count;
  }
}

void server_state::settle(std::uint64_t number) {
  --open_requests_;
  if (on_request_) {
    // By value: the handler may have us add requests, which moves the others.
    const auto record = request(number);
    on_request_(record);
  }
  asio::post(io_, [self = shared_from_this()] { self->refuse_if_due(); });
}

void server_state::remove(
    const std::shared_ptr<server_connection>& connection) {
  connections_.erase(connection);
}

} // namespace sandbox
