// The page's template, style and scripts as they stand beside this file; the
// build makes the source that holds them (tools/cmake/embed_text.cmake).
#pragma once

#include <string_view>

namespace flushtrace::page_parts {

extern const std::string_view html;
extern const std::string_view style;
extern const std::string_view script;

} // namespace flushtrace::page_parts
