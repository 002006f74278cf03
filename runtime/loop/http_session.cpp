#include "runtime/loop/http_session.hpp"

#include <boost/beast/http/status.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace apm {

namespace {

namespace http = boost::beast::http;
using boost::asio::buffer;
using boost::asio::buffer_copy;
using boost::system::error_code;

/// One read's worth, and a round's of one connection: then others have their
/// turn, above all the APM Server's answers. If agents were read for longer,
/// they would fill the outbox while a request is under way, and what is sent
/// would go to the disk and back before. Shared by all connections: a read
/// never nests.
constexpr size_t read_bytes = 64 * 1024;

/// A session reads on this long after a refusal, so that the peer gets to see
/// the answer before the connection goes down.
constexpr std::chrono::milliseconds linger{1000};

/// A timer this late went off after a freeze, not because the peer was slow.
constexpr std::chrono::milliseconds thaw_slack{1000};

uint16_t status_of(const error_code& ec) {
  if (ec == http::error::body_limit)
    return 413;
  if (ec == http::error::header_limit)
    return 431;
  return 400;
}

/// Of a target what comes behind the server's name, as clients send it that
/// take us for a proxy; it has to begin with a slash.
/// *Source:* RFC 9112, 3.2.
std::string_view origin_form(std::string_view target) {
  constexpr std::string_view scheme = "http://";
  if (target.substr(0, scheme.size()) != scheme)
    return target;
  const auto path = target.find('/', scheme.size());
  return path == std::string_view::npos ? "/" : target.substr(path);
}

std::string_view target_of(const http::request<request_body>& parsed) {
  const auto target = parsed.target();
  return origin_form({target.data(), target.size()});
}

/// All but the body, which is moved where it is needed.
server_request make_request(const http::request<request_body>& parsed) {
  server_request request;
  request.method = std::string{parsed.method_string()};
  request.target = std::string{target_of(parsed)};
  for (const auto& field : parsed)
    request.headers.push_back(
        {std::string{field.name_string()}, std::string{field.value()}});
  return request;
}

/// *Source:* RFC 9110, 15.2, 15.3.5 and 15.4.5.
bool may_have_body(uint16_t status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string render_head(uint16_t status,
                        const std::vector<http_header>& headers,
                        std::optional<size_t> body_bytes, bool is_last) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + ' ';
  const auto reason = http::obsolete_reason(http::int_to_status(status));
  head.append(reason.data(), reason.size());
  head += "\r\n";
  for (const auto& h : headers)
    head += h.name + ": " + h.value + "\r\n";
  if (body_bytes)
    head += "Content-Length: " + std::to_string(*body_bytes) + "\r\n";
  if (is_last)
    head += "Connection: close\r\n";
  head += "\r\n";
  return head;
}

} // namespace

void http_server::session::end() {
  if (server_ == nullptr)
    return;
  server_->loop_.timers().cancel(timer_);
  server_->paused_.erase(std::exchange(pause_order_, 0));
  note_answering_bytes(0);
  end_incoming();
  note_held_bytes(0);
  auto* server = std::exchange(server_, nullptr);
  watch_.release();
  ::close(socket_);
  // The last owner of this session, unless its caller is one.
  if (server->sessions_.erase(this) > 0)
    server->on_room();
}

bool http_server::session::is_idle() {
  char byte;
  return phase_ == phase::reading && !is_begun_ && idle_order_ > 0
         && ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

void http_server::session::note_held() {
  const auto body =
      parser_->is_header_done() ? parser_->get().body().size() : 0;
  note_held_bytes(pending_.size() + body);
}

void http_server::session::note_held_bytes(uint64_t now) {
  server_->held_bytes_ += now - held_bytes_;
  if (std::exchange(held_bytes_, now) > now)
    server_->read_paused();
}

void http_server::session::note_answering_bytes(uint64_t now) {
  server_->answering_bytes_ += now - std::exchange(answering_bytes_, now);
}

void http_server::session::end_incoming() {
  if (server_->incoming_.erase(std::exchange(begun_order_, 0)) > 0)
    server_->read_paused();
}

void http_server::session::answer(uint16_t status,
                                  const std::vector<http_header>& headers,
                                  const bytes& body) {
  note_answering_bytes(0);
  note_held_bytes(pending_.size());
  // To close a connection silently would lose what its peer sends next.
  is_keeping_alive_ = is_keeping_alive_ && !server_->is_full_;
  const bool has_body = may_have_body(status);
  // To HEAD, the length of what GET would have got, where that is known.
  const bool has_length = has_body && !(is_head_ && body.empty());
  out_ = render_head(status, headers,
                     has_length ? std::optional{body.size()} : std::nullopt,
                     !is_keeping_alive_);
  if (has_body && !is_head_)
    out_ += body.view();
  sent_ = 0;
  is_answer_timed_ = false;
  write();
}

void http_server::session::expect_request() {
  phase_ = phase::reading;
  is_begun_ = false;
  is_continue_sent_ = false;
  is_head_ = false;
  parser_.emplace();
  parser_->header_limit(server_->options_.header_bytes_max);
  parser_->body_limit(server_->options_.body_bytes_max);
  parser_->eager(true);
}

/// With the request that follows one that has been answered.
void http_server::session::read_on() {
  expect_request();
  idle_order_ = ++server_->idle_count_;
  watch_.want(reactor::readable);
  // Where the handler answers at once, `advance` goes on by itself: a nested
  // call for each of a thousand pipelined requests would use up the stack.
  if (!is_handing_over_)
    advance();
}

void http_server::session::on_ready(unsigned events) {
  const auto self = shared_from_this(); // it may end
  server_->loop_.enter();
  if ((events & reactor::writable) != 0)
    write();
  else
    read();
}

void http_server::session::read() {
  static char in[read_bytes];
  const auto room = phase_ == phase::reading
                        ? std::min(server_->may_read(*this), sizeof in)
                        : sizeof in;
  if (room == 0)
    return pause();
  const auto n = ::recv(socket_, in, room, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0) { // gone
    note_cut(true);
    return end();
  }
  if (phase_ == phase::reading)
    take({in, static_cast<size_t>(n)});
}

/// Until there is room again: what the peer sends waits in the kernel, and it
/// is not to blame for the time that this takes.
void http_server::session::pause() {
  pause_order_ = ++server_->pause_count_;
  server_->paused_.emplace(pause_order_, this);
  watch_.want(0);
  server_->loop_.timers().cancel(timer_);
}

void http_server::session::resume() {
  pause_order_ = 0;
  arm_timer(server_->options_.request_timeout);
  watch_.want(reactor::readable);
}

/// Adds `data` to the request.
void http_server::session::take(std::string_view data) {
  begin_request();
  if (pending_.size() == 0) { // as nearly always: it is not copied there
    const auto used = parse(data);
    if (!used)
      return;
    data.remove_prefix(*used);
  }
  pending_.commit(buffer_copy(pending_.prepare(data.size()),
                              buffer(data.data(), data.size())));
  advance();
}

void http_server::session::begin_request() {
  if (is_begun_)
    return;
  is_begun_ = true;
  begun_order_ = ++server_->begun_count_;
  server_->incoming_.emplace(begun_order_, this);
  arm_timer(server_->options_.request_timeout);
}

/// Takes what can be taken from what is pending: the rest of a request, and
/// further ones for as long as they are answered at once.
void http_server::session::advance() {
  do {
    if (pending_.size() > 0)
      begin_request();
    const auto pending = pending_.data();
    const auto used =
        parse({static_cast<const char*>(pending.data()), pending.size()});
    if (!used)
      return;
    pending_.consume(*used);
    // The header's buffer is not kept while the body comes in.
    if (pending_.size() == 0
        && pending_.capacity() > server_->options_.small_bytes)
      pending_ = {};
    note_held();
    if (!parser_->is_done()) {
      if (parser_->is_header_done())
        note_begun();
      return continue_if_expected();
    }
    complete();
  } while (phase_ == phase::reading);
}

/// @returns how many bytes the request has taken, or nothing where it is
/// unsound: then it has been refused
std::optional<size_t> http_server::session::parse(std::string_view data) {
  const auto size = data.size();
  while (!data.empty() && !parser_->is_done()) {
    error_code ec;
    data.remove_prefix(parser_->put(buffer(data.data(), data.size()), ec));
    if (ec == http::error::need_more)
      break;
    if (ec) {
      refuse(status_of(ec), ec.message());
      return std::nullopt;
    }
  }
  // Behind a server's name anything else would lead to another server.
  if (parser_->is_header_done() && !is_noted_
      && target_of(parser_->get()).substr(0, 1) != "/") {
    refuse(400, "a request's target begins with a slash");
    return std::nullopt;
  }
  return size - data.size();
}

void http_server::session::note_begun() {
  if (is_noted_)
    return;
  is_noted_ = true;
  if (server_->observer_.on_begun)
    server_->observer_.on_begun(make_request(parser_->get()));
}

void http_server::session::note_cut(bool is_sound) {
  if (std::exchange(is_noted_, false) && server_->observer_.on_cut) {
    auto cut = make_request(parser_->get());
    if (is_sound)
      cut.body = std::move(parser_->get().body());
    server_->observer_.on_cut(std::move(cut));
  }
}

void http_server::session::continue_if_expected() {
  if (is_continue_sent_ || !parser_->is_header_done()
      || !boost::beast::iequals(parser_->get()[http::field::expect],
                                "100-continue"))
    return;
  is_continue_sent_ = true;
  constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
  ::send(socket_, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void http_server::session::complete() {
  phase_ = phase::answering;
  watch_.want(0);
  server_->loop_.timers().cancel(timer_);
  note_answering_bytes(held_bytes_);
  end_incoming();
  is_keeping_alive_ = parser_->keep_alive();
  auto parsed = parser_->release();
  is_head_ = parsed.method() == http::verb::head;
  auto request = make_request(parsed);
  request.id = server_->next_id_++;
  request.has_begun = std::exchange(is_noted_, false);
  request.body = std::move(parsed.body());
  server_->waiting_.emplace(request.id, shared_from_this());
  is_handing_over_ = true;
  server_->on_request_(std::move(request));
  is_handing_over_ = false;
}

void http_server::session::refuse(uint16_t status, const std::string& reason) {
  const uint64_t body_bytes =
      parser_->is_header_done() ? parser_->get().body().size() : 0;
  server_->on_refusal_({status, reason, body_bytes});
  note_cut(status == 408);
  end_incoming();
  parser_.emplace(); // its body is not kept while the connection drains
  is_keeping_alive_ = false;
  pending_ = {};
  phase_ = phase::draining;
  answer(status, {{"Content-Type", "text/plain; charset=utf-8"}},
         bytes{reason + '\n'});
}

void http_server::session::write() {
  while (sent_ < out_.size()) {
    const auto n = ::send(socket_, out_.data() + sent_, out_.size() - sent_,
                          MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
      if (!is_answer_timed_)
        arm_timer(server_->options_.request_timeout);
      is_answer_timed_ = true;
      return watch_.want(reactor::writable);
    }
    if (n < 0)
      return end(); // gone
    sent_ += static_cast<size_t>(n);
  }
  finish_answer();
}

void http_server::session::finish_answer() {
  server_->loop_.timers().cancel(timer_);
  out_ = {}; // a long one is not kept while the connection idles
  if (is_keeping_alive_)
    return read_on();
  ::shutdown(socket_, SHUT_WR);
  phase_ = phase::draining;
  arm_timer(linger);
  watch_.want(reactor::readable);
}

void http_server::session::arm_timer(std::chrono::milliseconds after) {
  auto& loop = server_->loop_;
  loop.timers().cancel(timer_);
  const auto due = loop.time().now() + after;
  timer_ = loop.timers().set(due, [weak = weak_from_this(), due] {
    if (auto self = weak.lock())
      self->on_timer(due);
  });
}

void http_server::session::on_timer(steady_time due) {
  if (server_->loop_.time().now() - due > thaw_slack) {
    arm_timer(server_->options_.request_timeout);
  } else if (phase_ == phase::reading && !is_begun_) {
    idle_order_ = ++server_->idle_count_; // it may go, where others wait
    if (server_->is_full_)
      server_->close_oldest_idle();
  } else if (phase_ == phase::reading) {
    refuse(408, "the request was not complete in time");
  } else {
    end();
  }
}

} // namespace apm
