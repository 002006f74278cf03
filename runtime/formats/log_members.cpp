#include "runtime/formats/log_members.hpp"

#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/json_write.hpp"

#include <cmath>
#include <cstdint>
#include <utility>

namespace apm {

namespace {

/// An error's message and stack trace, which the intake does not limit: a trace
/// of a hundred frames takes some 10 KB.
constexpr size_t error_text_max = 16 * 1024;

/// What one line's labels may take, and its other members: an intake line has
/// 300 KB, most of which is for the message.
constexpr size_t object_bytes_max = 32 * 1024;

constexpr std::string_view cut_mark = "… (cut)";
constexpr size_t cut_mark_characters = 7;

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// Source: apm-data, `log` of the intake v2 model; of it, all that is no id.
struct known_member {
  std::string_view name; ///< in the record
  std::string_view sent_as;
  size_t characters; ///< 0: a whole number
};

constexpr known_member known_members[] = {
    {"log.logger", "log.logger", log_characters_max},
    {"logger", "log.logger", log_characters_max}, // Lambda's Java and Python
    {"log.origin.file.name", "log.origin.file.name", log_characters_max},
    {"log.origin.file.line", "log.origin.file.line", 0},
    {"log.origin.function", "log.origin.function", log_characters_max},
    {"process.thread.name", "process.thread.name", log_characters_max},
    {"event.dataset", "event.dataset", log_characters_max},
    {"service.name", "service.name", log_characters_max},
    {"service.version", "service.version", log_characters_max},
    {"service.environment", "service.environment", log_characters_max},
    {"service.node.name", "service.node.name", log_characters_max},
    {"error.type", "error.type", log_characters_max},
    {"error.message", "error.message", error_text_max},
    {"error.stack_trace", "error.stack_trace", error_text_max},
};

} // namespace

std::string cut_text(std::string_view text, size_t characters_max) {
  if (prefix_of_characters(text, characters_max).size() == text.size())
    return std::string{text};
  const auto kept =
      prefix_of_characters(text, characters_max - cut_mark_characters);
  return std::string{kept}.append(cut_mark);
}

bool flat_object::add(std::string_view name, std::string_view json) {
  if (text_.size() + name.size() + json.size() > object_bytes_max)
    return false;
  put(name, json);
  return true;
}

void flat_object::put(std::string_view name, std::string_view json) {
  text_ += text_.empty() ? '{' : ',';
  append_json_string(text_, name);
  text_ += ':';
  text_ += json;
}

std::string flat_object::end() {
  if (!text_.empty())
    text_ += '}';
  return std::move(text_);
}

ecs_member find_ecs_member(std::string_view path, std::string_view value) {
  for (const auto& known : known_members) {
    if (known.name != path)
      continue;
    ecs_member found{known.sent_as, {}};
    if (known.characters == 0) {
      const auto number = json_integer(value);
      if (number && *number >= 0 && *number <= INT32_MAX)
        append_json_integer(found.json, *number);
    } else if (json_kind_of(value) == json_kind::string) {
      found.json =
          quoted(cut_text(json_string(value).value_or(""), known.characters));
    }
    return found;
  }
  return {};
}

std::string label_name(std::string_view path) {
  constexpr std::string_view prefix = "labels."; // ECS's own
  if (path.substr(0, prefix.size()) == prefix)
    path.remove_prefix(prefix.size());
  std::string name{path};
  for (char& x : name)
    if (x == '.' || x == '*' || x == '"')
      x = '_';
  return name.find_first_not_of(" \t\r\n") == std::string::npos ? "_" : name;
}

std::string label_value(std::string_view value) {
  // Elasticsearch has labels as doubles: larger whole numbers would change.
  constexpr double exact_max = 9007199254740992.0; // 2^53
  switch (json_kind_of(value)) {
  case json_kind::null:
  case json_kind::none:
    return {};
  case json_kind::boolean:
    if (value == "true" || value == "false")
      return std::string{value};
    break;
  case json_kind::number:
    if (auto number = json_number(value);
        number && std::fabs(*number) <= exact_max) {
      std::string out;
      append_json_number(out, *number);
      return out;
    }
    break;
  case json_kind::string:
    return quoted(
        cut_text(json_string(value).value_or(""), log_characters_max));
  case json_kind::object:
  case json_kind::array:
    break;
  }
  return quoted(cut_text(compact_json(value), log_characters_max));
}

} // namespace apm
