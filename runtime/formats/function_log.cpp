#include "runtime/formats/function_log.hpp"

#include "runtime/formats/json_log.hpp"
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/text_log.hpp"

#include <utility>

namespace apm {

namespace {

bool is_whole_object(std::string_view text) {
  if (text.empty() || text.front() != '{' || text.back() != '}')
    return false;
  json_walk members{text};
  while (members.next())
    if (members.value().empty())
      return false;
  return members.is_whole() && members.rest().empty();
}

function_log read_text(std::string message) {
  for (char end : {'\n', '\r'}) // `\n` or `\r\n`
    if (!message.empty() && message.back() == end)
      message.pop_back();
    else
      break;
  function_log log;
  if (is_whole_object(message)) {
    log = read_json_log(message);
    log.ecs.clear();
    log.labels.clear();
  } else {
    log.level = read_text_log(message).level;
  }
  log.message = std::move(message);
  return log;
}

} // namespace

function_log read_function_log(std::string_view record) {
  if (json_kind_of(record) == json_kind::object)
    return read_json_log(record);
  if (auto text = json_string(record))
    return read_text(std::move(*text));
  function_log log;
  log.message = compact_json(record);
  return log;
}

} // namespace apm
