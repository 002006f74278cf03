// Names of JSON members that stay in the trace: those that we read, of Lambda's
// answers and records and of the APM Server's, and those that a substitute for
// a transaction is completed with.
//
//   known_name("requestId"); // name_kind::known
#pragma once

#include <cstdint>
#include <string_view>

namespace apm {

enum class name_kind : uint8_t {
  unknown,
  known,
  /// Its values are words of the protocol, or say which function it is, as the
  /// settings do.
  word,
  error_type, ///< a function's, but for what Lambda itself says
  arn,        ///< has the account in it
};

name_kind known_name(std::string_view name) noexcept;

/// Whether a protocol's value of such a member stays.
bool is_open_value(name_kind of, std::string_view content) noexcept;

} // namespace apm
