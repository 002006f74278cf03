#include "runtime/loop/http_server.hpp"

#include "runtime/loop/http_session.hpp"

#include <algorithm>
#include <utility>

namespace apm {

namespace {

using tcp = boost::asio::ip::tcp;
using boost::system::error_code;

/// Pause after `accept` fails for want of descriptors; the backlog waits.
constexpr std::chrono::milliseconds accept_pause{50};

bool equals_ignoring_case(std::string_view x, std::string_view y) {
  return boost::beast::iequals({x.data(), x.size()}, {y.data(), y.size()});
}

} // namespace

// -- server_request -----------------------------------------------------------

std::string_view server_request::header(std::string_view name) const {
  for (const auto& h : headers)
    if (equals_ignoring_case(h.name, name))
      return h.value;
  return {};
}

std::string_view server_request::path() const {
  return std::string_view{target}.substr(0, target.find('?'));
}

std::string_view server_request::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view{}
                                   : std::string_view{target}.substr(mark + 1);
}

// -- http_server --------------------------------------------------------------

http_server::http_server(loop& owner, http_server_options options,
                         handler on_request, refusal_handler on_refusal)
    : loop_(owner),
      options_(options),
      on_request_(std::move(on_request)),
      on_refusal_(std::move(on_refusal)),
      acceptor_(owner.io().get_executor()) {
  // nop
}

http_server::~http_server() {
  // Handlers that are still to run hold on to their sessions.
  loop_.timers().cancel(accept_timer_);
  is_full_ = false;
  if (next_)
    next_->detach();
  while (!sessions_.empty())
    (*sessions_.begin())->detach();
}

result<uint16_t> http_server::listen() {
  const auto address = options_.is_loopback
                           ? boost::asio::ip::address_v4::loopback()
                           : boost::asio::ip::address_v4::any();
  const tcp::endpoint endpoint{address, options_.port};
  error_code ec;
  acceptor_.open(tcp::v4(), ec);
  if (!ec)
    acceptor_.set_option(tcp::acceptor::reuse_address{true}, ec);
  if (!ec)
    acceptor_.bind(endpoint, ec);
  if (!ec)
    acceptor_.listen(boost::asio::socket_base::max_listen_connections, ec);
  if (ec)
    return error{errc::io, "cannot listen on " + address.to_string() + ':'
                               + std::to_string(options_.port) + ": "
                               + ec.message()};
  accept();
  return acceptor_.local_endpoint(ec).port();
}

void http_server::accept() {
  next_ = std::make_shared<session>(*this);
  acceptor_.async_accept(next_->peer(), [next = next_](error_code ec) {
    if (auto* server = next->server())
      server->on_accepted(ec);
  });
}

void http_server::on_accepted(error_code ec) {
  loop_.enter();
  if (ec) {
    accept_timer_ = loop_.timers().set(loop_.time().now() + accept_pause,
                                       [this] { accept(); });
    return;
  }
  sessions_.insert(next_.get());
  next_->begin();
  if (sessions_.size() < options_.connections_max)
    return accept();
  is_full_ = true;
  close_oldest_idle();
}

/// Those that are busy say `Connection: close` with their answer, and make room
/// then.
void http_server::close_oldest_idle() {
  session* oldest = nullptr;
  for (auto* x : sessions_)
    if (x->is_idle() && (!oldest || x->idle_order() < oldest->idle_order()))
      oldest = x;
  if (oldest != nullptr)
    oldest->detach();
}

void http_server::on_room() {
  if (std::exchange(is_full_, false))
    accept();
}

/// How many bytes more may be taken of a connection now.
size_t http_server::may_read(const session& x) const {
  const auto most = options_.held_bytes_max;
  const bool is_first = !incoming_.empty() && incoming_.begin()->second == &x;
  if (held_bytes_ < most || (is_first && answering_bytes_ < most))
    return SIZE_MAX;
  return options_.small_bytes - std::min(x.held_bytes(), options_.small_bytes);
}

/// Some bytes are free, or another connection is the first.
void http_server::read_paused() {
  for (auto i = paused_.begin(); i != paused_.end();) {
    const auto paused = i->second;
    if (may_read(*paused) == 0) {
      ++i;
      continue;
    }
    i = paused_.erase(i);
    paused->resume();
  }
}

void http_server::answer(uint64_t id, uint16_t status,
                         const std::vector<http_header>& headers,
                         const bytes& body) {
  if (auto node = waiting_.extract(id))
    node.mapped()->answer(status, headers, body);
  if (observer_.on_answered)
    observer_.on_answered(id);
}

} // namespace apm
