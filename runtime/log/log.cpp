#include "runtime/log/log.hpp"

#include "runtime/formats/json_write.hpp"
#include "runtime/formats/rfc3339.hpp"

#include <cmath>

namespace apm {

namespace {

struct level_name {
  std::string_view name;
  log_level level;
};

constexpr level_name level_names[] = {
    {"trace", log_level::trace},       {"debug", log_level::debug},
    {"info", log_level::info},         {"warn", log_level::warn},
    {"warning", log_level::warn},      {"error", log_level::error},
    {"critical", log_level::critical}, {"off", log_level::off},
};

/// Durations in ms need no more than whole microseconds.
double rounded(double x) {
  constexpr double largest = 1e12; // beyond it there are no thousandths to cut
  return std::abs(x) < largest ? std::round(x * 1000) / 1000 : x;
}

/// Whose log it is, for those who search many.
constexpr std::string_view own_name = "apm-lambda-extension";

struct value_writer {
  json_object& out;
  const redaction& words;
  std::string_view name;

  void operator()(std::string_view x) const {
    out.string(name, words.apply(x));
  }
  void operator()(int64_t x) const { out.integer(name, x); }
  void operator()(double x) const { out.number(name, rounded(x)); }
  void operator()(bool x) const { out.boolean(name, x); }
};

} // namespace

std::string_view to_string(log_level level) {
  for (const auto& [name, value] : level_names)
    if (value == level)
      return name;
  return "off";
}

result<log_level> parse_log_level(std::string_view name) {
  for (const auto& [known, level] : level_names)
    if (known == name)
      return level;
  return apm::error{
      errc::bad_value,
      "is none of trace, debug, info, warn, error, critical, off"};
}

void log::write(log_level level, std::string_view message, fields extra) {
  if (!writes(level))
    return;
  tell_of(repeats_.take_due(time_.now()));
  if (level < log_level::info || repeats_.admit(time_.now(), level, message))
    put(level, message, extra);
}

void log::tell_of(const std::vector<withheld>& repeats) {
  for (const auto& x : repeats)
    put(x.level, "repeated " + std::to_string(x.count) + " times: " + x.message,
        {{"repeats", x.count}});
}

void log::put(log_level level, std::string_view message, fields extra) {
  std::string line;
  json_object out{line};
  out.string("@timestamp", format_rfc3339_ms(time_.wall()));
  out.string("log.level", to_string(level));
  out.string("message", redaction_.apply(message));
  // The newest that ecs-logging's libraries name.
  out.string("ecs.version", "1.6.0");
  out.string("service.name", own_name);
  out.string("event.dataset", own_name);
  for (const auto& field : extra)
    std::visit(value_writer{out, redaction_, field.name}, field.value);
  out.end();
  line += '\n';
  sink_(line);
}

} // namespace apm
