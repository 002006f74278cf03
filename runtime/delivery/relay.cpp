#include "runtime/delivery/relay.hpp"

#include <algorithm>
#include <cctype>

namespace apm {

namespace {

/// Answers of the info request are 200 bytes; other paths of the APM Server
/// answer with configuration or source maps.
constexpr uint64_t answer_bytes_max = 4 * 1024 * 1024;

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool stays_behind(std::string_view lower_name) {
  constexpr std::string_view names[] = {
      "connection",
      "keep-alive",
      "proxy-authenticate",
      "proxy-authorization",
      "proxy-connection",
      "te",
      "trailer",
      "transfer-encoding",
      "upgrade",
      "content-length",
      "expect",
      "host",
      "x-forwarded-for",
  };
  return std::find(std::begin(names), std::end(names), lower_name)
         != std::end(names);
}

} // namespace

http_request make_relay_request(const agent_relay& asked, uint64_t id,
                                const relay_target& target) {
  http_request request;
  request.id = id;
  request.method = asked.method;
  request.url = std::string{target.server_url} + asked.target;
  request.body = asked.body;
  request.timeout_ms = target.timeout.count();
  request.response_bytes_max = answer_bytes_max;
  std::string user_agent{target.user_agent};
  for (const auto& h : asked.headers) {
    const auto name = lower(h.name);
    if (name == "user-agent")
      user_agent += ' ' + h.value;
    else if (name == "authorization" && !target.authorization.empty())
      continue;
    else if (!stays_behind(name))
      request.headers.push_back(h);
  }
  request.headers.push_back({"User-Agent", std::move(user_agent)});
  if (!target.authorization.empty())
    request.headers.push_back(
        {"Authorization", std::string{target.authorization}});
  return request;
}

listener_answer make_relay_answer(const http_response& answer,
                                  uint64_t agent_request) {
  listener_answer result;
  result.id = agent_request;
  if (answer.failure != http_failure::none) {
    result.status = 502;
    result.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
    result.body =
        bytes{"the APM Server cannot be reached: " + answer.detail + '\n'};
    return result;
  }
  result.status = answer.status;
  for (const auto& h : answer.headers)
    if (!stays_behind(h.name)) // names are in lower case here
      result.headers.push_back(h);
  result.body = answer.body;
  return result;
}

} // namespace apm
