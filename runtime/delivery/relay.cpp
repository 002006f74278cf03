#include "runtime/delivery/relay.hpp"

#include "runtime/formats/ascii.hpp"

#include <algorithm>
#include <utility>

namespace apm {

namespace {

/// Answers of the info request are 200 bytes; other paths of the APM Server
/// answer with configuration or source maps.
constexpr uint64_t answer_bytes_max = 4 * 1024 * 1024;

/// Whether it is one peer's word to the next, or made anew by who sends it.
bool is_hop_by_hop(std::string_view lower_name) {
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

/// The headers that the `Connection` headers name, in lower case.
std::vector<std::string>
named_by_connection(const std::vector<http_header>& headers) {
  std::vector<std::string> names;
  for (const auto& h : headers) {
    if (lower_case(h.name) != "connection")
      continue;
    std::string name;
    for (const char c : lower_case(h.value) + ',') {
      if (c == ',')
        names.push_back(std::exchange(name, {}));
      else if (c != ' ' && c != '\t')
        name += c;
    }
  }
  return names;
}

/// What goes on of the headers of one side.
std::vector<http_header> end_to_end(const std::vector<http_header>& headers) {
  const auto named = named_by_connection(headers);
  std::vector<http_header> kept;
  for (const auto& h : headers) {
    const auto name = lower_case(h.name);
    if (!is_hop_by_hop(name)
        && std::find(named.begin(), named.end(), name) == named.end())
      kept.push_back(h);
  }
  return kept;
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
  request.with_credentials = true;
  std::string user_agent{target.user_agent};
  for (auto& h : end_to_end(asked.headers)) {
    const auto name = lower_case(h.name);
    if (name == "user-agent")
      user_agent += ' ' + h.value;
    else
      request.headers.push_back(std::move(h));
  }
  request.headers.push_back({"User-Agent", std::move(user_agent)});
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
  result.headers = end_to_end(answer.headers);
  result.body = answer.body;
  return result;
}

} // namespace apm
