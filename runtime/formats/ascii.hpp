// ASCII's letters, whatever the locale: header names, schemes, levels.
#pragma once

#include <string>
#include <string_view>

namespace apm {

/// `A` to `Z` become `a` to `z`; all else, UTF-8 included, stays.
[[nodiscard]] inline std::string lower_case(std::string_view text) {
  std::string lower{text};
  for (char& x : lower)
    if (x >= 'A' && x <= 'Z')
      x = static_cast<char>(x - 'A' + 'a');
  return lower;
}

} // namespace apm
