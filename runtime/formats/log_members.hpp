// The members of a JSON log that are neither its message nor one of its ids:
// those that the intake knows by ECS names, and labels.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace apm {

/// The most characters that ids, levels and label values may have.
/// *Source:* `maxLength` in apm-data's model.
constexpr size_t log_characters_max = 1024;

/// The text, or its first characters and a mark that says so.
[[nodiscard]] std::string cut_text(std::string_view text,
                                   size_t characters_max);

/// A flat JSON object that grows to a bound in bytes.
class flat_object {
public:
  /// `false`, and nothing added, at the bound. *Shape:* `json` is a value.
  bool add(std::string_view name, std::string_view json);

  /// Adds whatever the bound says.
  void put(std::string_view name, std::string_view json);

  /// The object; empty where it has no member.
  [[nodiscard]] std::string end();

private:
  std::string text_;
};

/// A member of the intake's `log`.
struct ecs_member {
  std::string_view name; ///< empty: the intake does not know it
  std::string json;      ///< its value; empty where it is of another type
};

/// Looks up a member by its dotted name and cuts its value to what the intake
/// takes.
[[nodiscard]] ecs_member find_ecs_member(std::string_view path,
                                         std::string_view value);

/// The label's name for a member: `.`, `*` and `"` become `_`, and a blank one
/// becomes `_` as well.
/// *Source:* Elastic APM agents' specification, "Labels".
[[nodiscard]] std::string label_name(std::string_view path);

/// A label's value as JSON: a boolean, a number, or a text, which an array and
/// an object become; empty for `null`.
[[nodiscard]] std::string label_value(std::string_view value);

} // namespace apm
