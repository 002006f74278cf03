#include "runtime/log/log.hpp"

#include "runtime/formats/rfc3339.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

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

using writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

struct value_writer {
  writer& out;

  void operator()(std::string_view x) const { put(out, x); }
  void operator()(int64_t x) const { out.Int64(x); }
  void operator()(double x) const { out.Double(x); }
  void operator()(bool x) const { out.Bool(x); }
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
  rapidjson::StringBuffer buffer;
  writer out{buffer};
  out.SetMaxDecimalPlaces(3);
  out.StartObject();
  out.Key("@timestamp");
  put(out, format_rfc3339_ms(time_.wall()));
  out.Key("log.level");
  put(out, to_string(level));
  out.Key("message");
  put(out, message);
  out.Key("ecs.version");
  out.String("1.6.0"); // the newest that ecs-logging's libraries name
  for (const auto& field : extra) {
    out.Key(field.name.data(),
            static_cast<rapidjson::SizeType>(field.name.size()));
    std::visit(value_writer{out}, field.value);
  }
  out.EndObject();
  buffer.Put('\n');
  sink_({buffer.GetString(), buffer.GetSize()});
}

} // namespace apm
