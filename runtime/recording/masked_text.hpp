// Texts without what a user has put into them, which lead to the same
// decisions: letters become `x` or `X`, digits `1`, words of both `x` alone;
// marks, lengths and JSON's structure stay. Kept are UUIDs, as request ids are;
// and in JSON of a protocol numbers, names of members that we read, and the
// values of some of these.
//
//   mask_text(buffer, R"({"requestId":"…","secret":"Abc"})", true);
//   // {"requestId":"…","xxxxxx":"Xxx"}
#pragma once

#include <cstddef>
#include <string_view>

namespace apm {

/// Whether a text is a UUID as request ids are: 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text) noexcept;

/// Masks a text in place. A text that is no JSON is masked as a whole.
///
/// @param is_protocol what Lambda or the APM Server says, as opposed to what a
/// function has written
void mask_text(char* text, size_t size, bool is_protocol) noexcept;

} // namespace apm
