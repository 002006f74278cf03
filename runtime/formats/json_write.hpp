// How the formats here write JSON: by appending to a string, member by member.
// RapidJSON's writer would leave invalid UTF-8 as it is, and print 128 as
// 128.0; that is why there is one of our own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace apm {

/// Appends `text` as a JSON string, quotes included. Bytes that are no UTF-8
/// become U+FFFD, one for each run that a decoder would give up on.
/// *Source:* Unicode 15, table 3-7 and "U+FFFD Substitution of Maximal
/// Subparts".
void append_json_string(std::string& out, std::string_view text);

/// Appends a number, as short as it can be read back: `12.5`, `128`. JSON has
/// no way to write what is not finite: that becomes `null`.
void append_json_number(std::string& out, double value);

/// Appends a whole number.
void append_json_integer(std::string& out, int64_t value);

/// Writes the members of one object, with the commas where they belong. What is
/// empty can be left out.
///
///   json_object object{out};
///   object.string("name", name);
///   object.end();
class json_object {
public:
  explicit json_object(std::string& out) : out_(out) { out_ += '{'; }

  /// Begins a member; its value is to be appended next. *Shape:* `name` is
  /// written as it is, so it must need no escapes.
  void key(std::string_view name);

  /// The same of a name in two parts.
  void key(std::string_view prefix, std::string_view name);

  void string(std::string_view name, std::string_view value);

  /// The same, but nothing for an empty value.
  void string_if_any(std::string_view name, std::string_view value);

  void integer(std::string_view name, int64_t value);

  void number(std::string_view name, double value);

  void boolean(std::string_view name, bool value);

  /// Appends the members of another object, given as text; nothing for "".
  void members(std::string_view object);

  void end() { out_ += '}'; }

  /// Whether it has no member yet.
  [[nodiscard]] bool is_empty() const noexcept { return is_empty_; }

private:
  std::string& out_;
  bool is_empty_ = true;
};

/// The longest prefix of `text` with at most `characters_max` characters, as
/// JSON schemas count them; a byte that is no UTF-8 counts as one.
[[nodiscard]] std::string_view prefix_of_characters(std::string_view text,
                                                    size_t characters_max);

} // namespace apm
