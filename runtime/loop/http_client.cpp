#include "runtime/loop/http_client.hpp"

#include "runtime/loop/http_transfer.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/socket.h>
#include <unistd.h>

namespace apm {

namespace {

using descriptor = boost::asio::posix::basic_stream_descriptor<
    boost::asio::io_context::executor_type>;

/// Easy handles kept for reuse: the long poll, one POST, one relayed request
/// and one to spare.
constexpr size_t idle_handles_max = 4;

} // namespace

/// A socket of libcurl's in the reactor. libcurl opens and closes it; a wait
/// that outlives libcurl's interest is told apart by `is_open` and `wanted`.
struct http_client::watched_socket {
  watched_socket(boost::asio::io_context& io, curl_socket_t socket)
      : stream(io.get_executor(), socket), fd(socket) {}

  ~watched_socket() {
    if (is_open)
      stream.release();
  }

  descriptor stream;
  curl_socket_t fd;
  int wanted = 0; ///< CURL_POLL_IN, _OUT, _INOUT
  bool is_reading = false;
  bool is_writing = false;
  bool is_open = true;
};

http_client::http_client(loop& owner, http_client_options options)
    : loop_(owner), options_(std::move(options)) {
  curl_global_init(CURL_GLOBAL_ALL);
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &http_client::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &http_client::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

http_client::~http_client() {
  while (!transfers_.empty())
    cancel(transfers_.begin()->first);
  for (auto* easy : idle_handles_)
    curl_easy_cleanup(easy);
  curl_multi_cleanup(multi_);
  loop_.timers().cancel(timer_);
  loop_.timers().cancel(failure_timer_);
}

http_client::ticket http_client::start(const http_request& request,
                                       callback on_answer,
                                       std::optional<aws_signing> signing) {
  const ticket which = next_ticket_++;
  auto t = std::make_unique<transfer>();
  t->request = request;
  t->on_answer = std::move(on_answer);
  t->signing = std::move(signing);
  if (idle_handles_.empty()) {
    t->easy = curl_easy_init();
  } else {
    t->easy = idle_handles_.back();
    idle_handles_.pop_back();
  }
  t->configure(options_);
  curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, &http_client::on_open);
  curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETFUNCTION,
                   &http_client::on_close);
  curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETDATA, this);
  curl_easy_setopt(t->easy, CURLOPT_PRIVATE, reinterpret_cast<void*>(which));
  curl_multi_add_handle(multi_, t->easy);
  transfers_.emplace(which, std::move(t));
  // The request leaves in this very turn. One that fails at once is answered
  // from a timer, since the caller does not have its ticket yet.
  int running = 0;
  curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  if (static_cast<size_t>(running) < transfers_.size())
    report_failures_later();
  return which;
}

void http_client::report_failures_later() {
  auto& timers = loop_.timers();
  timers.cancel(failure_timer_);
  failure_timer_ =
      timers.set(loop_.time().now(), [this] { collect_finished(); });
}

void http_client::cancel(ticket which) {
  if (transfers_.count(which) > 0)
    release(which);
}

void http_client::close_idle() {
  // libcurl has no word for it, but it tests a connection before it uses it
  // again, and drops one that has come to its end.
  for (const auto fd : open_sockets_)
    if (sockets_.count(fd) == 0)
      ::shutdown(fd, SHUT_RDWR);
}

curl_socket_t http_client::on_open(void* self, curlsocktype,
                                   curl_sockaddr* address) noexcept {
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC,
                          address->protocol);
  if (fd >= 0)
    static_cast<http_client*>(self)->open_sockets_.insert(fd);
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

int http_client::on_close(void* self, curl_socket_t fd) noexcept {
  static_cast<http_client*>(self)->open_sockets_.erase(fd);
  return ::close(fd);
}

void http_client::release(ticket which) {
  auto node = transfers_.extract(which);
  auto* easy = node.mapped()->easy;
  curl_multi_remove_handle(multi_, easy);
  if (idle_handles_.size() < idle_handles_max) {
    curl_easy_reset(easy);
    idle_handles_.push_back(easy);
  } else {
    curl_easy_cleanup(easy);
  }
}

int http_client::on_socket(CURL*, curl_socket_t fd, int what, void* self,
                           void*) noexcept {
  auto& client = *static_cast<http_client*>(self);
  if (what == CURL_POLL_REMOVE) {
    // Out of the reactor at once: libcurl may close the descriptor now, and
    // another may get its number.
    if (auto i = client.sockets_.find(fd); i != client.sockets_.end()) {
      i->second->stream.release();
      i->second->is_open = false;
      client.sockets_.erase(i);
    }
    return 0;
  }
  auto& socket = client.sockets_[fd];
  if (!socket)
    socket = std::make_shared<watched_socket>(client.loop_.io(), fd);
  socket->wanted = what;
  client.watch(socket);
  return 0;
}

int http_client::on_timer(CURLM*, long timeout_ms, void* self) noexcept {
  auto& client = *static_cast<http_client*>(self);
  auto& timers = client.loop_.timers();
  timers.cancel(client.timer_);
  if (timeout_ms >= 0)
    client.timer_ = timers.set(
        client.loop_.time().now() + std::chrono::milliseconds{timeout_ms},
        [&client] { client.act(CURL_SOCKET_TIMEOUT, 0); });
  return 0;
}

void http_client::watch(const std::shared_ptr<watched_socket>& socket) {
  if ((socket->wanted & CURL_POLL_IN) != 0 && !socket->is_reading) {
    socket->is_reading = true;
    socket->stream.async_wait(descriptor::wait_read,
                              [this, socket](boost::system::error_code) {
                                socket->is_reading = false;
                                on_ready(socket, CURL_CSELECT_IN);
                              });
  }
  if ((socket->wanted & CURL_POLL_OUT) != 0 && !socket->is_writing) {
    socket->is_writing = true;
    socket->stream.async_wait(descriptor::wait_write,
                              [this, socket](boost::system::error_code) {
                                socket->is_writing = false;
                                on_ready(socket, CURL_CSELECT_OUT);
                              });
  }
}

void http_client::on_ready(const std::shared_ptr<watched_socket>& socket,
                           int events) {
  const int wanted_for =
      events == CURL_CSELECT_IN ? CURL_POLL_IN : CURL_POLL_OUT;
  if (!socket->is_open || (socket->wanted & wanted_for) == 0)
    return; // a wait left over from a request that has ended
  loop_.enter();
  act(socket->fd, events);
  if (socket->is_open)
    watch(socket);
}

void http_client::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  collect_finished();
}

void http_client::collect_finished() {
  int left = 0;
  while (auto* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    const CURLcode code = message->data.result;
    char* tag = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &tag);
    const auto which = reinterpret_cast<ticket>(tag);
    auto& finished = *transfers_.at(which);
    auto answer = finished.take_answer(code);
    if (on_end_)
      on_end_(finished.phases(answer));
    auto on_answer = std::move(finished.on_answer);
    release(which);
    on_answer(std::move(answer));
  }
}

} // namespace apm
