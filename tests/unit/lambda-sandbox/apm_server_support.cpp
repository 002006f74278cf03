// Support for the tests of the APM Server stand-in; see the header.
#include "tests/unit/lambda-sandbox/apm_server_support.hpp"

#include "tools/lambda-sandbox/function/clock.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace sandbox {

namespace {

apm_server_settings settings_of(const std::string& behaviour,
                                bool is_refusing) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(behaviour.c_str());
  EXPECT_FALSE(document.HasParseError()) << behaviour;
  json_problems problems;
  apm_server_settings settings;
  settings.rules = parse_rules(document, "", problems);
  EXPECT_TRUE(problems.empty()) << behaviour;
  settings.refuse = is_refusing;
  return settings;
}

} // namespace

const std::string sound_body =
    "{\"metadata\":{}}\n{\"span\":{\"id\":\"1\"}}\n{\"span\":{\"id\":\"2\"}}\n";

std::int64_t soon_ns() {
  return builtin::monotonic_ns() + patience_ms * builtin::ns_per_ms;
}

std::string intake_post(const std::string& body,
                        const std::string& extra_headers) {
  return "POST /intake/v2/events HTTP/1.1\r\nHost: x\r\nContent-Type: "
         "application/x-ndjson\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n" + extra_headers + "\r\n" + body;
}

running_server::running_server(const std::string& behaviour, bool is_refusing)
    : server_(io_, settings_of(behaviour, is_refusing),
              [this](const received_request&) {
                const std::lock_guard lock{mutex_};
                ++settled_;
                changed_.notify_all();
              }) {
  port_ = server_.listen().value_or(0);
  EXPECT_NE(port_, 0) << server_.error();
  thread_ = std::thread{[this] { io_.run(); }};
}

running_server::~running_server() {
  stop();
}

int running_server::post(const std::string& body, std::string* error) {
  builtin::http_connection connection;
  std::optional<builtin::http_answer> answer;
  if (connection.connect(address(), soon_ns())
      && connection.send(intake_post(body), soon_ns()))
    answer = connection.receive(soon_ns());
  if (error != nullptr)
    *error = connection.error();
  return answer ? answer->status : 0;
}

void running_server::wait_for_settled(std::size_t count) {
  std::unique_lock lock{mutex_};
  const bool is_there =
      changed_.wait_for(lock, std::chrono::milliseconds{patience_ms},
                        [&] { return settled_ >= count; });
  EXPECT_TRUE(is_there) << settled_ << " of " << count << " requests settled";
}

void running_server::stop() {
  if (!thread_.joinable())
    return;
  boost::asio::post(io_, [this] { server_.close(); });
  guard_.reset();
  thread_.join();
}

} // namespace sandbox
