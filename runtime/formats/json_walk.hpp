// Steps over the members of one JSON object or array and gives each as the text
// it came as. A walk keeps no stack, so that no depth can hurt it, and does not
// judge what it steps over: a value that a strict parser refuses (such as half
// of a surrogate pair, which JavaScript writes whenever it cuts a string inside
// an emoji) costs none of its neighbours. See json_value.hpp for reading values
// and for judging a whole text.
//
//   for (json_walk member{text}; member.next();)
//     if (member.key() == "requestId")
//       request_id = json_string(member.value()).value_or("");
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace apm {

/// What a value is, by its first character.
enum class json_kind : uint8_t {
  none, ///< no value at all
  null,
  boolean,
  number,
  string,
  object,
  array,
};

[[nodiscard]] json_kind json_kind_of(std::string_view value) noexcept;

/// Steps over the members of an object or the elements of an array. Linear in
/// the text, without memory of its own.
class json_walk {
public:
  /// Begins at the first value of `text`; anything but an object or an array
  /// has no members. What comes after its end is not looked at.
  explicit json_walk(std::string_view text) noexcept;

  /// Goes to the next member. `false` at the end, and where the text is no JSON
  /// from here on: `is_whole` tells which.
  [[nodiscard]] bool next() noexcept;

  /// The member's key as it is written, without the quotes; empty in an array.
  [[nodiscard]] std::string_view key() const noexcept { return key_; }

  /// The member's value as it is written; empty where it has no end.
  [[nodiscard]] std::string_view value() noexcept;

  /// The member's value with all that follows it: for a walk inside of it that
  /// may stop early, without looking for the value's end first.
  [[nodiscard]] std::string_view value_and_rest() const noexcept {
    return text_.substr(position_);
  }

  /// Whether the walk has come to the end of the object or array.
  [[nodiscard]] bool is_whole() const noexcept { return is_whole_; }

  /// What follows the end of the object or array.
  [[nodiscard]] std::string_view rest() const noexcept {
    return text_.substr(position_);
  }

private:
  bool stop() noexcept;
  bool read_key() noexcept;
  size_t value_end() noexcept;

  std::string_view text_;
  std::string_view key_;
  size_t position_ = 0;  ///< of the current value, or behind the end
  size_t value_end_ = 0; ///< of the current value; 0: not looked for yet
  char end_ = '\0';      ///< the bracket that ends it; none: nothing to walk
  bool is_first_ = true;
  bool is_whole_ = false;
};

/// The value without the blanks between its tokens.
[[nodiscard]] std::string compact_json(std::string_view value);

/// The text without the blanks of JSON around it.
[[nodiscard]] std::string_view trim_json(std::string_view text) noexcept;

} // namespace apm
