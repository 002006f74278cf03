// The extension's own log: one ECS JSON object a line. Its time comes from the
// injected clock, its lines go to an injected sink. Secrets are kept out of it,
// and what repeats from `info` on is counted instead of written.
//
//   log.warn("the APM Server refused the credentials", {{"http.status", 401}});
//
// Source: Elastic Common Schema, "ecs-logging" (fields @timestamp, log.level,
// message, ecs.version, service.name, event.dataset).
#pragma once

#include "runtime/clock.hpp"
#include "runtime/log/redaction.hpp"
#include "runtime/log/repeat_limiter.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace apm {

enum class log_level : uint8_t {
  trace,
  debug,
  info,
  warn,
  error,
  critical,
  off
};

std::string_view to_string(log_level level);

/// Reads a level's name in lower case; `warning` is `warn`.
/// *Errors:* `bad_value`, listing the names.
result<log_level> parse_log_level(std::string_view name);

/// One member of a log line beside its message.
struct log_field {
  std::string_view name;
  std::variant<std::string_view, int64_t, double, bool> value;

  log_field(std::string_view n, std::string_view v) : name(n), value(v) {}
  log_field(std::string_view n, const std::string& v)
      : name(n), value(std::string_view{v}) {}
  log_field(std::string_view n, const char* v)
      : name(n), value(std::string_view{v}) {}
  log_field(std::string_view n, bool v) : name(n), value(v) {}
  log_field(std::string_view n, double v) : name(n), value(v) {}
  log_field(std::string_view n, int v) : name(n), value(int64_t{v}) {}
  log_field(std::string_view n, int64_t v) : name(n), value(v) {}
  log_field(std::string_view n, uint64_t v)
      : name(n), value(static_cast<int64_t>(v)) {}
};

class log {
public:
  /// Takes one whole line, newline included.
  using sink = std::function<void(std::string_view)>;
  using fields = std::initializer_list<log_field>;

  log(const clock& time, log_level least, sink to, repeat_limits repeats = {})
      : time_(time), least_(least), sink_(std::move(to)), repeats_(repeats) {}

  bool writes(log_level level) const noexcept {
    return level >= least_ && level != log_level::off;
  }

  /// Writes a line, unless its level and message were written too often of
  /// late. `debug` and `trace` want to know everything and are not limited.
  void write(log_level level, std::string_view message, fields extra = {});

  /// Keeps a secret out of all lines from now on; see redaction.hpp.
  void hide(std::string secret) { redaction_.hide(std::move(secret)); }

  /// Tells of the repeats that were not written, for the end of the process.
  void settle() { tell_of(repeats_.take_all()); }

  void debug(std::string_view message, fields extra = {}) {
    write(log_level::debug, message, extra);
  }

  void info(std::string_view message, fields extra = {}) {
    write(log_level::info, message, extra);
  }

  void warn(std::string_view message, fields extra = {}) {
    write(log_level::warn, message, extra);
  }

  void error(std::string_view message, fields extra = {}) {
    write(log_level::error, message, extra);
  }

private:
  void tell_of(const std::vector<withheld>& repeats);
  void put(log_level level, std::string_view message, fields extra);

  const clock& time_;
  log_level least_;
  sink sink_;
  redaction redaction_;
  repeat_limiter repeats_;
};

} // namespace apm
