#include "runtime/loop/http_server.hpp"

#include "runtime/loop/http_session.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace apm {

namespace {

/// Pause after `accept` fails, for want of descriptors as a rule; the backlog
/// waits.
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
      watch_(owner.reactor(), *this) {
  // nop
}

http_server::~http_server() {
  loop_.timers().cancel(accept_timer_);
  is_full_ = false;
  while (!sessions_.empty()) {
    const auto last = sessions_.begin()->second;
    last->end();
  }
  const int listening = watch_.fd();
  watch_.release();
  if (listening >= 0)
    ::close(listening);
}

result<uint16_t> http_server::listen() {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(options_.port);
  place.sin_addr.s_addr =
      htonl(options_.is_loopback ? INADDR_LOOPBACK : INADDR_ANY);
  const int yes = 1;
  socklen_t size = sizeof place;
  auto* address = reinterpret_cast<sockaddr*>(&place);
  const int fd =
      ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  // Connections inherit that nothing waits for company before it leaves.
  if (fd < 0
      || ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
      || ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0
      || ::bind(fd, address, size) != 0 || ::listen(fd, SOMAXCONN) != 0
      || ::getsockname(fd, address, &size) != 0) {
    const int problem = errno;
    if (fd >= 0)
      ::close(fd);
    return error{errc::io,
                 std::string{"cannot listen on "}
                     + (options_.is_loopback ? "127.0.0.1:" : "0.0.0.0:")
                     + std::to_string(options_.port) + ": "
                     + std::strerror(problem)};
  }
  watch_.assign(fd);
  watch_.want(reactor::readable);
  return ntohs(place.sin_port);
}

void http_server::on_ready(unsigned) {
  loop_.enter();
  accept();
}

/// All that wait, as far as there is room; where there is none, one that idles
/// makes it.
void http_server::accept() {
  is_full_ = false;
  do {
    while (sessions_.size() < options_.connections_max) {
      const int fd = ::accept4(watch_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0)
        return errno == EAGAIN ? watch_.want(reactor::readable) : pause();
      auto next = std::make_shared<session>(*this, fd);
      sessions_.emplace(next.get(), next);
      next->begin();
    }
  } while (close_oldest_idle());
  is_full_ = true;
  watch_.want(0);
}

void http_server::pause() {
  watch_.want(0);
  accept_timer_ = loop_.timers().set(loop_.time().now() + accept_pause, [this] {
    watch_.want(reactor::readable);
  });
}

/// Those that are busy say `Connection: close` with their answer, and make room
/// then.
bool http_server::close_oldest_idle() {
  std::shared_ptr<session> oldest;
  for (const auto& [_, x] : sessions_)
    if (x->is_idle() && (!oldest || x->idle_order() < oldest->idle_order()))
      oldest = x;
  if (oldest)
    oldest->end();
  return oldest != nullptr;
}

void http_server::on_room() {
  if (is_full_)
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
