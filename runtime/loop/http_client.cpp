#include "runtime/loop/http_client.hpp"

#include "runtime/loop/http_transfer.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace apm {

namespace {

/// Easy handles kept for reuse: the long poll, one POST, one relayed request
/// and one to spare.
constexpr size_t idle_handles_max = 4;

} // namespace

/// A socket of libcurl's in the reactor. libcurl opens and closes it.
struct http_client::watched_socket : reactor::watcher {
  watched_socket(http_client& client, curl_socket_t fd)
      : owner(client), watch(client.loop_.reactor(), *this) {
    watch.assign(fd);
  }

  void on_ready(unsigned events) override {
    owner.loop_.enter();
    owner.act(watch.fd(),
              ((events & reactor::readable) != 0 ? CURL_CSELECT_IN : 0)
                  | ((events & reactor::writable) != 0 ? CURL_CSELECT_OUT : 0));
  }

  http_client& owner;
  reactor::watch watch;
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
  for (const auto& [fd, is_in_use] : open_sockets_)
    if (!is_in_use)
      ::shutdown(fd, SHUT_RDWR);
}

curl_socket_t http_client::on_open(void* self, curlsocktype,
                                   curl_sockaddr* address) noexcept {
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC,
                          address->protocol);
  if (fd < 0)
    return CURL_SOCKET_BAD;
  auto& client = *static_cast<http_client*>(self);
  client.sockets_.erase(fd); // c-ares had the number before
  client.open_sockets_.emplace(fd, false);
  return fd;
}

int http_client::on_close(void* self, curl_socket_t fd) noexcept {
  auto& client = *static_cast<http_client*>(self);
  client.open_sockets_.erase(fd);
  client.sockets_.erase(fd);
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
  const auto opened = client.open_sockets_.find(fd);
  const bool is_ours = opened != client.open_sockets_.end();
  if (is_ours)
    opened->second = what != CURL_POLL_REMOVE;
  if (what == CURL_POLL_REMOVE) {
    // A connection stays for its next request. c-ares closes sockets of its own
    // without a word, and another may get their numbers.
    if (is_ours)
      client.watch(fd, 0);
    else
      client.sockets_.erase(fd);
    return 0;
  }
  client.watch(fd, what);
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

void http_client::watch(curl_socket_t fd, int wanted) {
  auto& socket = sockets_[fd];
  if (!socket)
    socket = std::make_unique<watched_socket>(*this, fd);
  socket->watch.want(((wanted & CURL_POLL_IN) != 0 ? reactor::readable : 0)
                     | ((wanted & CURL_POLL_OUT) != 0 ? reactor::writable : 0));
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
    if (finished.has_met_an_end(code) && finished.start_anew()) {
      curl_multi_remove_handle(multi_, finished.easy);
      curl_multi_add_handle(multi_, finished.easy);
      continue;
    }
    auto answer = finished.take_answer(code);
    if (on_end_)
      on_end_(finished.phases(answer));
    auto on_answer = std::move(finished.on_answer);
    release(which);
    on_answer(std::move(answer));
  }
}

} // namespace apm
