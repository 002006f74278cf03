// The lines of a screen, broken at its width; those that the eye is to find
// first in colour.
//
//   explanation_screen out{is_coloured};
//   out.line("signals");
//   return out.take();
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace flushtrace {

class explanation_screen {
public:
  /// Of any terminal.
  static constexpr size_t columns = 80;

  explicit explanation_screen(bool is_coloured) : is_coloured_(is_coloured) {}

  /// @param indent blanks before each of the lines that it is broken into
  void line(std::string_view text, size_t indent = 2);

  /// A line that the eye is to find first.
  /// @param colour what turns it on, an escape of ECMA-48
  void loud_line(std::string_view text, size_t indent, const char* colour);

  /// *Shape:* each line ended by a newline.
  std::string take() noexcept { return std::move(text_); }

private:
  bool is_coloured_;
  std::string text_;
};

} // namespace flushtrace
