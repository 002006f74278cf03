// Splitting a command into words; see scenario.hpp.
#include "tools/lambda-sandbox/scenario/scenario.hpp"

#include <cctype>
#include <utility>

namespace sandbox {

std::optional<std::vector<std::string>> split_command(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool is_in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_escape = c == '\\' && quote != '\'' && i + 1 < text.size();
    if (is_escape) {
      word += text[++i];
      is_in_word = true;
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      is_in_word = true;
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (std::exchange(is_in_word, false))
        words.push_back(std::exchange(word, {}));
    } else {
      word += c;
      is_in_word = true;
    }
  }
  if (quote != 0)
    return std::nullopt;
  if (is_in_word)
    words.push_back(std::move(word));
  return words;
}

} // namespace sandbox
