// HTTP connection: non-blocking sockets and poll(2) underneath, so that every
// step has a deadline.
#include "tools/lambda-sandbox/function/http_connection.hpp"

#include "tools/lambda-sandbox/function/clock.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sandbox::builtin {

namespace {

/// More than any extension answers; Lambda's payloads end at 6 MiB.
constexpr std::size_t answer_bytes_max = 16u << 20;

std::string error_name(int number) {
  switch (number) {
  case ECONNREFUSED:
    return "ECONNREFUSED";
  case ECONNRESET:
    return "ECONNRESET";
  case EPIPE:
    return "EPIPE";
  case ETIMEDOUT:
    return "ETIMEDOUT";
  case EPROTO:
    return "no HTTP answer";
  default:
    return std::strerror(number);
  }
}

} // namespace

bool is_same_header(std::string_view left, std::string_view right) {
  return left.size() == right.size()
         && std::equal(left.begin(), left.end(), right.begin(),
                       [](unsigned char a, unsigned char b) {
                         return std::tolower(a) == std::tolower(b);
                       });
}

std::string_view http_answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (is_same_header(key, name))
      return value;
  return {};
}

std::string request_head(std::string_view method, std::string_view target,
                         const http_headers& headers) {
  std::string head;
  head.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  for (const auto& [name, value] : headers)
    head.append(name).append(": ").append(value).append("\r\n");
  return head.append("\r\n");
}

std::string chunk_of(std::string_view bytes) {
  if (bytes.empty())
    return {};
  std::array<char, 24> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  return std::string{size.data()}.append(bytes).append("\r\n");
}

http_connection::http_connection(http_connection&& other) noexcept {
  *this = std::move(other);
}

http_connection& http_connection::operator=(http_connection&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(input_, other.input_);
  std::swap(error_, other.error_);
  std::swap(idle_since_ns_, other.idle_since_ns_);
  return *this;
}

http_connection::~http_connection() {
  close();
}

bool http_connection::connect(const http_address& address,
                              std::int64_t deadline_ns) {
  close();
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(),
                  &wanted, &found)
      != 0)
    return fail(EADDRNOTAVAIL);
  descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int status = ::connect(descriptor_, found->ai_addr, found->ai_addrlen);
  const int number = errno;
  freeaddrinfo(found);
  if (status != 0 && number != EINPROGRESS)
    return fail(number);
  if (!wait_for(POLLOUT, deadline_ns))
    return false;
  int outcome = 0;
  socklen_t size = sizeof outcome;
  getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &outcome, &size);
  if (outcome != 0)
    return fail(outcome);
  idle_since_ns_ = monotonic_ns();
  return true;
}

bool http_connection::send(std::string_view bytes, std::int64_t deadline_ns) {
  while (!bytes.empty()) {
    if (!is_open())
      return false;
    const auto sent =
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN) {
      if (!wait_for(POLLOUT, deadline_ns))
        return false;
    } else if (errno != EINTR)
      return fail(errno);
  }
  return is_open();
}

std::optional<http_answer> http_connection::receive(std::int64_t deadline_ns) {
  http_answer answer;
  std::string line;
  do { // An interim answer (100 Continue) is not the answer.
    answer = {};
    if (!read_line(line, deadline_ns))
      return std::nullopt;
    if (line.size() < 12 || line.compare(0, 7, "HTTP/1.") != 0) {
      fail(EPROTO);
      return std::nullopt;
    }
    answer.status =
        static_cast<int>(std::strtol(line.c_str() + 9, nullptr, 10));
    while (true) {
      if (!read_line(line, deadline_ns))
        return std::nullopt;
      if (line.empty())
        break;
      const auto colon = std::min(line.find(':'), line.size());
      const auto value = line.find_first_not_of(" \t", colon + 1);
      answer.headers.emplace_back(
          line.substr(0, colon),
          value == std::string::npos ? "" : line.substr(value));
    }
  } while (answer.status < 200);
  if (!read_body(answer, deadline_ns))
    return std::nullopt;
  idle_since_ns_ = monotonic_ns();
  if (is_same_header(answer.header("Connection"), "close"))
    close();
  return answer;
}

void http_connection::end_sending() {
  if (is_open())
    shutdown(descriptor_, SHUT_WR);
}

void http_connection::close() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
  descriptor_ = -1;
  input_.clear();
}

bool http_connection::has_input() const {
  if (!is_open())
    return false;
  pollfd descriptor{descriptor_, POLLIN, 0};
  return !input_.empty() || poll(&descriptor, 1, 0) > 0;
}

bool http_connection::fail(int number) {
  error_ = error_name(number);
  close();
  return false;
}

bool http_connection::wait_for(short events, std::int64_t deadline_ns) {
  pollfd descriptor{descriptor_, events, 0};
  while (true) {
    const auto ready = poll(&descriptor, 1, poll_timeout_ms(deadline_ns));
    if (ready > 0)
      return true;
    if (ready == 0 && monotonic_ns() >= deadline_ns)
      return fail(ETIMEDOUT);
    if (ready < 0 && errno != EINTR)
      return fail(errno);
  }
}

bool http_connection::read_more(std::int64_t deadline_ns) {
  if (!is_open())
    return false;
  if (input_.size() > answer_bytes_max)
    return fail(EPROTO);
  std::array<char, 64 * 1024> piece;
  while (true) {
    const auto size = recv(descriptor_, piece.data(), piece.size(), 0);
    if (size > 0) {
      input_.append(piece.data(), static_cast<std::size_t>(size));
      return true;
    }
    // Node, too, calls the end of a connection without an answer a reset.
    if (size == 0)
      return fail(ECONNRESET);
    if (errno == EAGAIN) {
      if (!wait_for(POLLIN, deadline_ns))
        return false;
    } else if (errno != EINTR)
      return fail(errno);
  }
}

bool http_connection::read_line(std::string& line, std::int64_t deadline_ns) {
  std::size_t end = 0;
  while ((end = input_.find('\n')) == std::string::npos)
    if (!read_more(deadline_ns))
      return false;
  line = input_.substr(0, end);
  input_.erase(0, end + 1);
  if (!line.empty() && line.back() == '\r')
    line.pop_back();
  return true;
}

bool http_connection::read_bytes(std::size_t count, std::string& target,
                                 std::int64_t deadline_ns) {
  while (input_.size() < count)
    if (!read_more(deadline_ns))
      return false;
  target.append(input_, 0, count);
  input_.erase(0, count);
  return true;
}

bool http_connection::read_body(http_answer& answer, std::int64_t deadline_ns) {
  if (answer.status == 204 || answer.status == 304)
    return true;
  if (is_same_header(answer.header("Transfer-Encoding"), "chunked"))
    return read_chunks(answer, deadline_ns);
  const auto length = answer.header("Content-Length");
  if (!length.empty())
    return read_bytes(std::strtoull(std::string{length}.c_str(), nullptr, 10),
                      answer.body, deadline_ns);
  // Without a length the body ends with the connection.
  do {
    answer.body += input_;
    input_.clear();
  } while (read_more(deadline_ns));
  return error_ == error_name(ECONNRESET);
}

bool http_connection::read_chunks(http_answer& answer,
                                  std::int64_t deadline_ns) {
  std::string line;
  while (true) {
    if (!read_line(line, deadline_ns))
      return false;
    const auto size = std::strtoull(line.c_str(), nullptr, 16);
    if (size == 0)
      break;
    if (!read_bytes(size, answer.body, deadline_ns)
        || !read_line(line, deadline_ns))
      return false;
  }
  while (read_line(line, deadline_ns)) // Trailers, up to the empty line.
    if (line.empty())
      return true;
  return false;
}

} // namespace sandbox::builtin
