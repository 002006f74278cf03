// json_members: reads the members of a JSON object one by one and says what is
// wrong with them, where, and what to do. Used for the rules of the APM Server
// stand-in and for the script of the built-in function, so that both complain
// in the same words. Reading never stops at the first problem: a user gets all
// of them at once. A member that nobody asked for is a problem, too, with the
// nearest known names as a hint.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

/// One thing that is wrong in a scenario.
/// *Shape*: `pointer` is a JSON pointer (RFC 6901) from the scenario's root,
/// `message` a sentence without it.
struct json_problem {
  std::string pointer;
  std::string message;
};

using json_problems = std::vector<json_problem>;

/// Returns `pointer` with one more step, escaped as RFC 6901 wants it.
std::string json_pointer_step(std::string_view pointer, std::string_view step);

/// Returns up to `count` of `known` that a user may have meant by `unknown`,
/// nearest (Levenshtein) first.
std::vector<std::string> nearest_names(std::string_view unknown,
                                       const std::set<std::string>& known,
                                       std::size_t count = 3);

/// Reads the members of one JSON object.
/// *Shape*: each getter leaves its target as it is (the default) when the
/// member is absent or wrong, and returns whether it was set. `finish` comes
/// last: it reports the members that no getter named. `value` and `problems`
/// must outlive the reader.
/// *Errors*: all of them go to `problems`.
class json_members {
public:
  json_members(const rapidjson::Value& value, std::string pointer,
               json_problems& problems);

  bool get(const char* name, bool& target);
  bool get(const char* name, std::string& target);
  /// Accepts whole numbers from `least` to `most`.
  bool get(const char* name, std::int64_t& target, std::int64_t least = 0,
           std::int64_t most = INT64_MAX);
  /// Accepts one of `choices`.
  bool get_choice(const char* name, std::string& target,
                  const std::vector<std::string>& choices);
  /// Accepts an array of strings.
  bool get(const char* name, std::vector<std::string>& target);
  /// Returns the member whatever it is, null if it is absent.
  const rapidjson::Value* get_any(const char* name);

  /// Adds a problem about member `name` (empty: about the object itself).
  void complain(std::string_view name, std::string message);
  std::string pointer_to(std::string_view name) const;
  void finish();

private:
  bool is_object() const { return value_.IsObject(); }

  const rapidjson::Value& value_;
  std::string pointer_;
  json_problems& problems_;
  std::set<std::string> known_;
};

} // namespace sandbox
