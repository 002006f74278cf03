#include "tests/support/loop_world.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <utility>

namespace apm::test {

namespace {

/// Waits of 1 ms at most each. Far more than anything here takes, on a machine
/// however busy; only a test that fails gets there.
constexpr int waits_max = 10'000;

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Without the blanks around it.
std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t");
  const auto end = text.find_last_not_of(" \t");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

raw_message parse_head(const std::string& head) {
  raw_message message;
  message.start_line = head.substr(0, head.find("\r\n"));
  for (auto at = message.start_line.size() + 2; at < head.size();) {
    const auto end = head.find("\r\n", at);
    const auto colon = head.find(':', at);
    message.headers.push_back(
        {lower(head.substr(at, colon - at)),
         trimmed(head.substr(colon + 1, end - colon - 1))});
    at = end + 2;
  }
  if (message.start_line.rfind("HTTP/1.1 ", 0) == 0)
    message.status = std::stoi(message.start_line.substr(9));
  return message;
}

} // namespace

// -- loop_world ---------------------------------------------------------------

loop_world::config::config() {
  add_message_types<caf::id_block::apm_messages>();
  load<apm::loop>();
  set("logger.console", caf::atom("none"));
  set("logger.file-verbosity", caf::atom("quiet"));
}

loop_world::loop_world() : system_(config_) {
  // nop
}

loop_world::~loop_world() {
  for (const auto& actor : owned_)
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  owned_.clear();
  settle();
}

void loop_world::run_until(const std::function<bool()>& is_so) {
  for (int i = 0; i < waits_max; ++i) {
    loop().run_round(std::chrono::milliseconds{0});
    if (is_so())
      return;
    loop().run_round(std::chrono::milliseconds{1});
    if (is_so())
      return;
  }
  FAIL() << "what the test waits for never came";
}

void loop_world::settle() {
  // Timers that set each other are no end: four rounds of nothing but them are
  // more than any exchange here takes.
  for (int quiet = 0; quiet < 4; ++quiet)
    if (loop().run_round(std::chrono::milliseconds{0}))
      quiet = 0;
}

void loop_world::fire_timers(std::chrono::milliseconds ahead) {
  loop().enter();
  loop().timers().fire(loop().time().now() + ahead);
  settle();
}

// -- raw_message --------------------------------------------------------------

std::string raw_message::header(std::string_view name) const {
  for (const auto& h : headers)
    if (h.name == name)
      return h.value;
  return {};
}

// -- raw_peer -----------------------------------------------------------------

raw_peer::raw_peer(loop_world& world, uint16_t port)
    : world_(world), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const auto address = loopback(port);
  // The kernel completes it from the backlog: nobody has to accept first.
  EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address),
                      sizeof address),
            0);
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

raw_peer::raw_peer(loop_world& world, int socket)
    : world_(world), socket_(socket) {
  // nop
}

raw_peer::raw_peer(raw_peer&& other) noexcept
    : world_(other.world_),
      socket_(std::exchange(other.socket_, -1)),
      is_closed_(other.is_closed_),
      received_(std::move(other.received_)) {
  // nop
}

raw_peer::~raw_peer() {
  close();
}

void raw_peer::send(std::string_view text) {
  world_.run_until([&] {
    while (!text.empty()) {
      const auto n = ::send(socket_, text.data(), text.size(),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
      if (n < 0)
        return true; // gone
      text.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  });
}

void raw_peer::finish_sending() {
  ::shutdown(socket_, SHUT_WR);
}

void raw_peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void raw_peer::close() {
  if (socket_ >= 0)
    ::close(socket_);
  socket_ = -1;
}

void raw_peer::receive() {
  char buffer[64 * 1024];
  while (!is_closed_) {
    const auto n = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (n > 0)
      received_.append(buffer, static_cast<size_t>(n));
    else
      is_closed_ = true;
  }
}

const std::string& raw_peer::received() {
  receive();
  return received_;
}

bool raw_peer::is_closed() {
  receive();
  return is_closed_;
}

void raw_peer::wait_closed() {
  world_.run_until([this] { return is_closed(); });
}

raw_message raw_peer::read_answer(bool has_body) {
  return read_message(has_body);
}

raw_message raw_peer::read_message(bool has_body) {
  size_t head_end = std::string::npos;
  world_.run_until([&] {
    head_end = received().find("\r\n\r\n");
    return head_end != std::string::npos || is_closed_;
  });
  if (head_end == std::string::npos) {
    ADD_FAILURE() << "no message, but: " << received_;
    return {};
  }
  auto message = parse_head(received_.substr(0, head_end + 2));
  received_.erase(0, head_end + 4);
  const auto length = message.header("content-length");
  if (!has_body || length.empty())
    return message;
  const auto size = std::stoull(length);
  world_.run_until([&] { return received().size() >= size || is_closed_; });
  EXPECT_GE(received_.size(), size) << "closed in the middle of a body";
  message.body = received_.substr(0, size);
  received_.erase(0, size);
  return message;
}

// -- raw_listener -------------------------------------------------------------

raw_listener::raw_listener(loop_world& world)
    : world_(world), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size),
            0);
  EXPECT_EQ(::listen(socket_, 16), 0);
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

raw_listener::~raw_listener() {
  ::close(socket_);
}

std::string raw_listener::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string{path};
}

bool raw_listener::has_connection() const {
  pollfd waiting{socket_, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

raw_peer raw_listener::accept() {
  world_.run_until([this] { return has_connection(); });
  const int socket = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
  EXPECT_GE(socket, 0);
  return {world_, socket};
}

} // namespace apm::test
