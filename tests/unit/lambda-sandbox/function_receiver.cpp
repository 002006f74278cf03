// A recording receiver; see the header.
#include "tests/unit/lambda-sandbox/function_receiver.hpp"

#include "tools/lambda-sandbox/apm_server/intake_body.hpp"
#include "tools/lambda-sandbox/function/clock.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace sandbox {

namespace {

/// More than any step of these tests takes, even on a busy machine.
constexpr std::chrono::seconds patience{10};

bool read_some(int descriptor, std::string& input) {
  std::array<char, 65536> piece;
  const auto size = recv(descriptor, piece.data(), piece.size(), 0);
  if (size <= 0)
    return false;
  input.append(piece.data(), static_cast<std::size_t>(size));
  return true;
}

bool take_line(int descriptor, std::string& input, std::string& line) {
  std::size_t end = 0;
  while ((end = input.find("\r\n")) == std::string::npos)
    if (!read_some(descriptor, input))
      return false;
  line = input.substr(0, end);
  input.erase(0, end + 2);
  return true;
}

bool take_bytes(int descriptor, std::string& input, std::size_t count,
                std::string& target) {
  while (input.size() < count)
    if (!read_some(descriptor, input))
      return false;
  target.append(input, 0, count);
  input.erase(0, count);
  return true;
}

} // namespace

std::string recorded_request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (builtin::is_same_header(key, name))
      return value;
  return {};
}

std::string recorded_request::header_names() const {
  std::string names;
  for (const auto& [key, value] : headers)
    names += (names.empty() ? "" : ",") + key;
  return names;
}

std::vector<std::string> recorded_request::kinds() const {
  std::vector<std::string> result;
  for (const auto& line : read_intake_body(body, "").lines)
    result.push_back(line.kind);
  return result;
}

std::string answer_of(int status) {
  return "HTTP/1.1 " + std::to_string(status)
         + " X\r\nContent-Length: 0\r\n\r\n";
}

std::string good_answer(const recorded_request& request) {
  const bool is_intake = request.target.find("/intake/") != std::string::npos;
  return answer_of(is_intake ? 202 : 200);
}

recording_receiver::recording_receiver() : recording_receiver(good_answer) {}

recording_receiver::recording_receiver(answer_function answer)
    : answer_(std::move(answer)) {
  listener_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&here), size), 0);
  EXPECT_EQ(listen(listener_, SOMAXCONN), 0);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &size);
  port_ = ntohs(here.sin_port);
  acceptor_ = std::thread{[this] { accept_all(); }};
}

recording_receiver::~recording_receiver() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  {
    const std::lock_guard lock{mutex_};
    for (const auto descriptor : descriptors_)
      shutdown(descriptor, SHUT_RDWR);
  }
  for (auto& thread : threads_)
    thread.join();
  for (const auto descriptor : descriptors_)
    close(descriptor);
}

void recording_receiver::accept_all() {
  for (int connection = 1;; ++connection) {
    const int descriptor = accept(listener_, nullptr, nullptr);
    if (descriptor < 0)
      return;
    const std::lock_guard lock{mutex_};
    descriptors_.push_back(descriptor);
    threads_.emplace_back(
        [this, descriptor, connection] { serve(descriptor, connection); });
  }
}

void recording_receiver::serve(int descriptor, int connection) {
  std::string input;
  while (true) {
    recorded_request request;
    request.connection = connection;
    if (!read_request(descriptor, input, request)) {
      if (!request.method.empty())
        record(std::move(request));
      return;
    }
    const auto answer = answer_(request);
    record(std::move(request));
    if (answer.empty())
      break;
    send(descriptor, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  shutdown(descriptor, SHUT_RDWR);
}

bool recording_receiver::read_request(int descriptor, std::string& input,
                                      recorded_request& request) {
  std::string line;
  if (!take_line(descriptor, input, line))
    return false;
  request.method = line.substr(0, line.find(' '));
  request.target = line.substr(request.method.size() + 1);
  request.target.resize(request.target.find(' '));
  while (true) {
    if (!take_line(descriptor, input, line))
      return false;
    if (line.empty())
      break;
    const auto colon = line.find(": ");
    request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  request.head_ns = builtin::monotonic_ns();
  if (request.header("Transfer-Encoding") != "chunked") {
    const auto length = request.header("Content-Length");
    return take_bytes(descriptor, input,
                      std::strtoull(length.c_str(), nullptr, 10),
                      request.wire_body)
           && (request.is_complete = true);
  }
  while (true) {
    if (!take_line(descriptor, input, line))
      return false;
    const auto size = std::strtoull(line.c_str(), nullptr, 16);
    if (size == 0)
      return take_line(descriptor, input, line) && (request.is_complete = true);
    if (!take_bytes(descriptor, input, size, request.wire_body)
        || !take_line(descriptor, input, line))
      return false;
    request.chunks.push_back(size);
  }
}

void recording_receiver::record(recorded_request request) {
  const auto encoding = request.header("Content-Encoding");
  const auto body = read_intake_body(request.wire_body, encoding);
  if (encoding.empty())
    request.body = request.wire_body;
  else
    for (const auto& line : body.lines)
      request.body += line.text + "\n";
  const std::lock_guard lock{mutex_};
  requests_.push_back(std::move(request));
  changed_.notify_all();
}

std::vector<recorded_request> recording_receiver::wait_for(std::size_t count) {
  std::unique_lock lock{mutex_};
  const bool is_there = changed_.wait_for(
      lock, patience, [&] { return requests_.size() >= count; });
  EXPECT_TRUE(is_there) << requests_.size() << " of " << count << " requests";
  return requests_;
}

std::vector<recorded_request> recording_receiver::requests() {
  const std::lock_guard lock{mutex_};
  return requests_;
}

} // namespace sandbox
