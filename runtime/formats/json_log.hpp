// A log record that is an object; see function_log.hpp.
#pragma once

#include "runtime/formats/function_log.hpp"

#include <string_view>

namespace apm {

/// Reads an object of Lambda's JSON log format, or one that a logging library
/// wrote. One that is not whole becomes its own message.
[[nodiscard]] function_log read_json_log(std::string_view record);

} // namespace apm
