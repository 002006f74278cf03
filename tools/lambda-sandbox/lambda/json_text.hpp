// JSON in and out for the Lambda side: a parser with limits, and a writer for
// objects in one expression, so that records read like what they produce:
//   json_object{}.add("requestId", id).add("metrics", json_object{}…).text()
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

/// Parses one JSON value, without recursion.
/// *Errors*: absent if `text` is no JSON; `error`, if given, says what and at
/// which byte.
std::optional<rapidjson::Document> parse_json(std::string_view text,
                                              std::string* error = nullptr);

/// Returns member `name` if `value` is an object that has it as a string.
std::optional<std::string> string_member(const rapidjson::Value& value,
                                         const char* name);

/// Returns `text` as a JSON string with its quotes; bytes that are no UTF-8
/// become U+FFFD, as Lambda does with logs.
std::string quoted_json(std::string_view text);

/// Returns `value` as compact JSON.
std::string json_of(const rapidjson::Value& value);

/// Builds the text of one JSON object, members in the order of their adding.
class json_object {
public:
  json_object& add(std::string_view name, std::string_view value);
  json_object& add(std::string_view name, const char* value);
  json_object& add(std::string_view name, std::int64_t value);
  json_object& add(std::string_view name, std::uint64_t value);
  json_object& add(std::string_view name, int value);
  json_object& add(std::string_view name, bool value);
  /// Three decimals at most, none if they are zero.
  json_object& add(std::string_view name, double value, int decimals = 3);
  json_object& add(std::string_view name, const json_object& value);
  json_object& add(std::string_view name, const std::vector<std::string>& list);
  /// Adds what is JSON already.
  json_object& add_json(std::string_view name, std::string_view json);
  json_object& add_null(std::string_view name);

  std::string text() const { return "{" + members_ + "}"; }

private:
  std::string members_;
};

/// Joins texts that are JSON already to an array.
std::string json_array(const std::vector<std::string>& elements);

/// Returns a number with at most `decimals` decimals and no trailing zeros.
std::string json_number(double value, int decimals);

} // namespace sandbox
