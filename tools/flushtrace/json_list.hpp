// Arrays of JSON.
//
//   out.key("steps");
//   line += json_strings(steps);
#pragma once

#include "runtime/formats/json_write.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace flushtrace {

/// `[…]`, of what `write` makes of each.
template <class Items, class Write>
std::string json_list(const Items& items, Write write) {
  std::string text = "[";
  for (const auto& each : items)
    text += (text.size() == 1 ? "" : ",") + write(each);
  return text + ']';
}

inline std::string json_numbers(const std::vector<uint64_t>& numbers) {
  return json_list(numbers, [](uint64_t x) { return std::to_string(x); });
}

inline std::string json_strings(const std::vector<std::string>& texts) {
  return json_list(texts, [](const std::string& x) {
    std::string text;
    apm::append_json_string(text, x);
    return text;
  });
}

} // namespace flushtrace
