// Function log: see the header.
#include "tools/lambda-sandbox/function/function_log.hpp"

#include "tools/lambda-sandbox/function/clock.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <utility>

namespace sandbox::builtin {

std::string rfc3339_now() {
  const auto now_us = wall_us();
  const std::time_t seconds = now_us / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%s.%03dZ", date.data(),
                static_cast<int>(now_us / 1000 % 1000));
  return text.data();
}

void function_log::set_format(std::string format) {
  format_ = std::move(format);
}

void function_log::set_request_id(std::string request_id) {
  request_id_ = std::move(request_id);
}

void function_log::info(std::string_view message) {
  if (format_ == "raw")
    return raw(message);
  const auto time = rfc3339_now();
  if (format_ == "json")
    return raw("{\"timestamp\":\"" + time
               + "\",\"level\":\"INFO\",\"requestId\":"
               + json_string(request_id_)
               + ",\"message\":" + json_string(message) + "}");
  raw(time + "\t" + request_id_ + "\tINFO\t" + std::string{message});
}

void function_log::raw(std::string_view line) {
  facts_.log(line);
  const auto text = std::string{line} + "\n";
  std::string_view left = text;
  while (!left.empty()) {
    const auto written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return; // Nobody reads: the function goes on.
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

} // namespace sandbox::builtin
