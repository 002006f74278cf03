// Base64 as RFC 4648 has it, section 4, for bytes that have to go through text.
#pragma once

#include "runtime/result.hpp"

#include <string>
#include <string_view>

namespace apm {

[[nodiscard]] std::string encode_base64(std::string_view bytes);

/// With its padding, and nothing else. *Errors:* `bad_value`.
[[nodiscard]] result<std::string> decode_base64(std::string_view text);

} // namespace apm
