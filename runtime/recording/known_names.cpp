#include "runtime/recording/known_names.hpp"

#include <array>
#include <cstddef>
#include <cstring>

namespace apm {

namespace {

struct known_member {
  std::string_view name;
  name_kind kind = name_kind::known;
};

/// *Shape:* by length.
constexpr known_member members[] = {
    {"msg"},
    {"time"},
    {"type", name_kind::word},
    {"level"},
    {"phase", name_kind::word},
    {"spans"},
    {"value"},
    {"errors"},
    {"reason"},
    {"record"},
    {"result"},
    {"status", name_kind::word},
    {"handler", name_kind::word},
    {"message"},
    {"metrics"},
    {"outcome"},
    {"tracing"},
    {"accepted"},
    {"document"},
    {"duration"},
    {"initType", name_kind::word},
    {"accountId"},
    {"errorType", name_kind::error_type},
    {"eventType", name_kind::word},
    {"log.level"},
    {"requestId"},
    {"timestamp"},
    {"deadlineMs"},
    {"durationMs"},
    {"buffer_size"},
    {"droppedBytes"},
    {"functionName", name_kind::word},
    {"memorySizeMB"},
    {"droppedRecords"},
    {"initDurationMs"},
    {"shutdownReason", name_kind::word},
    {"functionVersion", name_kind::word},
    {"maxMemoryUsedMB"},
    {"billedDurationMs"},
    {"restoreDurationMs"},
    {"initializationType", name_kind::word},
    {"invokedFunctionArn", name_kind::arn},
    {"billedRestoreDurationMs"},
};

constexpr size_t longest = 23;

/// Of each length the first; the next length's is their end.
constexpr auto make_begins() noexcept {
  std::array<uint8_t, longest + 2> begins{};
  for (const auto& each : members)
    for (size_t more = each.name.size() + 1; more < begins.size(); ++more)
      ++begins[more];
  return begins;
}

constexpr auto begins = make_begins();

/// What Lambda itself says went wrong begins so.
constexpr std::string_view lambdas_errors = "Runtime.";

} // namespace

name_kind known_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > longest)
    return name_kind::unknown;
  for (size_t i = begins[name.size()]; i < begins[name.size() + 1]; ++i) {
    const auto& each = members[i];
    if (each.name.front() == name.front() && each.name.back() == name.back()
        && std::memcmp(each.name.data(), name.data(), name.size()) == 0)
      return each.kind;
  }
  return name_kind::unknown;
}

bool is_open_value(name_kind of, std::string_view content) noexcept {
  return of == name_kind::word
         || (of == name_kind::error_type
             && content.substr(0, lambdas_errors.size()) == lambdas_errors);
}

} // namespace apm
