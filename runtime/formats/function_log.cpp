// Reads an object's members by one walk over its first level; nothing deeper is
// looked at, and members of other types than expected count as absent.
#include "runtime/formats/function_log.hpp"

#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/rfc3339.hpp"

#include <utility>

namespace apm {

namespace {

void to_lower(std::string& text) {
  for (char& x : text)
    if (x >= 'A' && x <= 'Z')
      x = static_cast<char>(x - 'A' + 'a');
}

/// Takes the first of several members that mean the same.
void take_string(std::string& member, std::string_view value) {
  if (member.empty())
    member = json_string(value).value_or("");
}

/// Reads an object. The names are those of Lambda's own runtimes, of which
/// Java's writes the request id its own way, and of ECS, which Elastic's
/// loggers write.
/// *Source:* AWS Lambda developer guide, "Log formats" and "Logging" of each
/// runtime; ECS logging specification, "Minimum viable fields".
function_log read_object(std::string_view record) {
  function_log log;
  std::string timestamp;
  bool has_message = false;
  for (json_walk member{record}; member.next();) {
    std::string_view key = member.key();
    if (key == "message") {
      auto text = json_string(member.value());
      has_message = text.has_value();
      log.message = std::move(text).value_or("");
    } else if (key == "level" || key == "log.level") {
      take_string(log.level, member.value());
    } else if (key == "requestId" || key == "AWSRequestId") {
      take_string(log.request_id, member.value());
    } else if (key == "traceId" || key == "trace.id") {
      take_string(log.trace_id, member.value());
    } else if (key == "timestamp" || key == "@timestamp") {
      take_string(timestamp, member.value());
    }
  }
  if (!has_message)
    log.message = compact_json(record);
  if (log.request_id == "undefined") // Node's runtime, while it initialises
    log.request_id.clear();
  if (auto us = parse_rfc3339_us(timestamp))
    log.timestamp_us = us.value();
  to_lower(log.level);
  return log;
}

} // namespace

function_log read_function_log(std::string_view record) {
  if (json_kind_of(record) == json_kind::object)
    return read_object(record);
  function_log log;
  auto text = json_string(record);
  if (!text) {
    log.message = compact_json(record);
    return log;
  }
  log.message = std::move(*text);
  for (char end : {'\n', '\r'}) // `\n` or `\r\n`
    if (!log.message.empty() && log.message.back() == end)
      log.message.pop_back();
    else
      break;
  return log;
}

std::string_view node_request_id(std::string_view message) noexcept {
  size_t first = message.find('\t');
  if (first == std::string_view::npos)
    return {};
  size_t second = message.find('\t', first + 1);
  return second == std::string_view::npos
             ? std::string_view{}
             : message.substr(first + 1, second - first - 1);
}

} // namespace apm
