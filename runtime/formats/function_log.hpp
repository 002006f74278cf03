// What one record of type `function` says: a line that the function wrote, as
// text or, with Lambda's JSON log format, as an object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace apm {

/// A log record, read. What it does not say is empty.
struct function_log {
  std::string message;
  std::string level; ///< in lower case
  std::string request_id;
  std::string trace_id;
  int64_t timestamp_us = 0; ///< Unix epoch; 0: it does not say
};

/// Reads a record, JSON of any type: each stands for itself. A string is the
/// message, without the newline that ends it. An object has its message in a
/// member; one that has not, and every other type, is shown as it is, without
/// blanks.
[[nodiscard]] function_log read_function_log(std::string_view record);

/// The second of the fields that a text log of Lambda's Node runtime has:
/// `time\trequestId\tLEVEL\tmessage`. Any text may have tabs, so it is a
/// request id only if it is that of a known invocation.
[[nodiscard]] std::string_view
node_request_id(std::string_view message) noexcept;

} // namespace apm
