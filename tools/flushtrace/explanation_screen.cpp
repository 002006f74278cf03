#include "tools/flushtrace/explanation_screen.hpp"

#include <algorithm>

namespace flushtrace {

void explanation_screen::line(std::string_view text, size_t indent) {
  const std::string blanks(indent, ' ');
  while (!text.empty()) {
    auto size = std::min(text.size(), columns - indent);
    if (size < text.size()) {
      const auto blank = text.rfind(' ', size);
      if (blank != std::string_view::npos && blank > 0)
        size = blank;
    }
    const auto end = text.find_last_not_of(' ', size - 1);
    text_ += blanks + std::string{text.substr(0, end + 1)} + '\n';
    text.remove_prefix(size);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
}

void explanation_screen::loud_line(std::string_view text, size_t indent,
                                   const char* colour) {
  if (!is_coloured_)
    return line(text, indent);
  text_ += colour;
  line(text, indent);
  text_.pop_back();
  text_ += "\033[0m\n";
}

} // namespace flushtrace
