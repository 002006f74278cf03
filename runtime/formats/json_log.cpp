// An object's members are walked with a stack of our own, a few levels deep;
// what is deeper, and every array, stays the JSON text that it is.
#include "runtime/formats/json_log.hpp"

#include "runtime/formats/ascii.hpp"
#include "runtime/formats/json_value.hpp"
#include "runtime/formats/json_walk.hpp"
#include "runtime/formats/json_write.hpp"
#include "runtime/formats/log_members.hpp"
#include "runtime/formats/rfc3339.hpp"
#include "runtime/formats/text_log.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace apm {

namespace {

/// Objects are flattened so deep: ECS nests `log.origin.file.name`.
constexpr size_t depth_max = 4;

/// The most labels of a line, and characters of a name. *Source:* Elasticsearch
/// maps 1,000 fields of an index, unless told otherwise.
constexpr size_t labels_max = 64;
constexpr size_t label_name_max = 256;

bool is_hex(std::string_view text, size_t digits) {
  constexpr std::string_view hex = "0123456789abcdefABCDEF";
  return text.size() == digits
         && text.find_first_not_of(hex) == std::string_view::npos
         && text.find_first_not_of('0') != std::string_view::npos;
}

/// The numbers of pino and bunyan. Source: their documentation, "levels".
std::string level_of_number(std::string_view value) {
  constexpr std::string_view names[] = {"trace", "debug", "info",
                                        "warn",  "error", "fatal"};
  const auto number = json_integer(value).value_or(0);
  return number >= 10 && number <= 60 && number % 10 == 0
             ? std::string{names[number / 10 - 1]}
             : std::string{};
}

/// Reads one object.
/// *Source:* AWS Lambda developer guide, "Log formats" and "Logging" of each
/// runtime, of which Java's writes the request id its own way; Powertools for
/// AWS Lambda, "Logger"; ECS logging specification.
class object_reader {
public:
  function_log read(std::string_view record) {
    const bool is_whole = walk(record);
    if (has_message_ && !msg_.empty()) {
      add_label("msg", label_value(msg_));
    } else if (!msg_.empty()) {
      log_.message = json_string(msg_).value_or("");
      has_message_ = true;
    }
    if (!has_message_ || !is_whole) {
      // All of it is in the message, so that no label needs to repeat it.
      log_.message = compact_json(record);
      return std::move(log_);
    }
    if (left_out_ > 0)
      labels_.put("labels_left_out", std::to_string(left_out_));
    log_.ecs = ecs_.end();
    log_.labels = labels_.end();
    return std::move(log_);
  }

private:
  struct level {
    json_walk members;
    size_t path_size; ///< of the object they are in
  };

  /// @returns whether the object came to its end
  bool walk(std::string_view record) {
    std::vector<level> stack{{json_walk{record}, 0}};
    std::string path;
    bool is_whole = false;
    while (!stack.empty()) {
      auto& [members, path_size] = stack.back();
      path.resize(path_size);
      if (!members.next()) {
        is_whole = members.is_whole();
        stack.pop_back();
        continue;
      }
      if (path_size > 0)
        path += '.';
      path += unescaped(members.key());
      const auto value = members.value();
      const bool is_opened = json_kind_of(value) == json_kind::object
                             && stack.size() < depth_max && path != "message";
      if (is_opened)
        stack.push_back({json_walk{value}, path.size()});
      else if (!value.empty())
        take(path, value);
    }
    return is_whole;
  }

  static std::string unescaped(std::string_view key) {
    if (key.find('\\') == std::string_view::npos)
      return std::string{key};
    return json_string('"' + std::string{key} + '"').value_or("");
  }

  void take(std::string_view path, std::string_view value) {
    if (take_message(path, value) || take_fact(path, value)
        || take_ecs(path, value))
      return;
    if (auto json = label_value(value); !json.empty())
      add_label(label_name(path), json);
  }

  void add_label(std::string_view name, std::string_view json) {
    const bool has_room = label_count_ < labels_max
                          && name.size() <= label_name_max
                          && labels_.add(name, json);
    ++(has_room ? label_count_ : left_out_);
  }

  bool take_message(std::string_view path, std::string_view value) {
    if (path == "message" && !has_message_) {
      has_message_ = json_kind_of(value) != json_kind::null;
      auto text = json_string(value);
      log_.message = text ? std::move(*text) : compact_json(value);
      return true;
    }
    if (path == "msg" && json_kind_of(value) == json_kind::string) {
      msg_ = value;
      return true;
    }
    return false;
  }

  /// Puts a text where it belongs, unless another is there; `false` where it is
  /// to be kept in another way.
  static bool put(std::string& member, std::string text) {
    if (text.empty()
        || prefix_of_characters(text, log_characters_max).size() < text.size())
      return false;
    if (member.empty())
      member = std::move(text);
    else if (member != text)
      return false;
    return true;
  }

  bool take_fact(std::string_view path, std::string_view value) {
    const bool is_text = json_kind_of(value) == json_kind::string;
    if (path == "level" && !is_text)
      return put(log_.level, level_of_number(value));
    if (!is_text)
      return false;
    auto text = json_string(value).value_or("");
    if (path == "level" || path == "log.level")
      return put(log_.level, lower_case(text));
    if (path == "requestId" || path == "AWSRequestId"
        || path == "function_request_id" || path == "faas.execution")
      return text == "undefined" // Node's runtime, while it initialises
             || put(log_.request_id, std::move(text));
    if (path == "timestamp" || path == "@timestamp" || path == "time")
      return take_time(text);
    if (path == "trace.id"
        || ((path == "traceId" || path == "trace_id") && is_hex(text, 32)))
      return put(log_.trace_id, std::move(text));
    if (path == "transaction.id")
      return put(log_.transaction_id, std::move(text));
    if (path == "span.id"
        || ((path == "spanId" || path == "span_id") && is_hex(text, 16)))
      return put(log_.span_id, std::move(text));
    return path == "ecs.version";
  }

  bool take_time(std::string_view text) {
    const auto us = parse_rfc3339_us(text);
    if (us && log_.timestamp_us == 0)
      log_.timestamp_us = us.value();
    return bool{us};
  }

  bool take_ecs(std::string_view path, std::string_view value) {
    auto member = find_ecs_member(path, value);
    const auto seen =
        std::find(ecs_seen_.begin(), ecs_seen_.end(), member.name);
    if (member.json.empty() || seen != ecs_seen_.end()
        || !ecs_.add(member.name, member.json))
      return false;
    ecs_seen_.push_back(member.name);
    return true;
  }

  function_log log_;
  std::string_view msg_; ///< as JSON, until it is known whether it is needed
  bool has_message_ = false;
  flat_object ecs_;
  std::vector<std::string_view> ecs_seen_;
  flat_object labels_;
  size_t label_count_ = 0;
  size_t left_out_ = 0;
};

} // namespace

function_log read_json_log(std::string_view record) {
  return object_reader{}.read(record);
}

} // namespace apm
