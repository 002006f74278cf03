// The words of the filter language: a filter is split into tokens before it is
// parsed. Positions are kept, so that an error can point at what is wrong.
//
//   auto tokens = split_tokens("dt>50ms && !is_flushed");
#pragma once

#include "runtime/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

enum class token_kind : uint8_t {
  end,
  open,
  close,
  both,   ///< &&
  either, ///< ||
  invert, ///< !
  comparison,
  word,
  text, ///< in quotes
};

/// How two values are compared.
enum class comparison_kind : uint8_t {
  equal,
  different,
  less,
  at_most,
  greater,
  at_least,
  alike, ///< ~
};

struct token {
  token_kind kind = token_kind::end;
  comparison_kind comparison = comparison_kind::equal;
  std::string text; ///< of a word as it stands, of a text without its quotes
  size_t at = 0;    ///< where it begins
  size_t size = 0;  ///< bytes of the filter that it takes
};

/// Of a filter: far more than anybody types, and little for a fuzzer.
constexpr size_t filter_bytes_max = 16 * 1024;

/// What is wrong, over the filter with a caret below the place: for people, of
/// several lines. A filter that is long is shown around the place alone.
std::string point_at(std::string_view filter, size_t at, size_t size,
                     const std::string& what);

/// *Shape:* the last one is `end`. *Errors:* `bad_value` at what is no token;
/// `too_large`.
[[nodiscard]] apm::result<std::vector<token>>
split_tokens(std::string_view filter);

} // namespace flushtrace
