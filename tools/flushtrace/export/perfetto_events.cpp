#include "tools/flushtrace/export/perfetto_events.hpp"

#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/record_text.hpp"

#include <algorithm>
#include <cstdio>

namespace flushtrace {

namespace {

/// The format's unit, to the nanosecond.
std::string microseconds(int64_t ns) {
  char text[40];
  std::snprintf(text, sizeof text, "%lld.%03d",
                static_cast<long long>(ns / 1000), static_cast<int>(ns % 1000));
  return text;
}

/// An event's object, but for its end.
std::string begin(char phase, perfetto_track at, std::string_view name,
                  int64_t time) {
  std::string json = "{\"ph\":\"";
  json += phase;
  json += "\",\"pid\":" + std::to_string(at.process)
          + ",\"tid\":" + std::to_string(at.thread) + ",\"name\":";
  apm::append_json_string(json, printable(name));
  return json + ",\"ts\":" + microseconds(time);
}

std::string identity(const perfetto_span& x) {
  return std::string{",\"cat\":\""} + x.category
         + "\",\"id\":" + std::to_string(x.id);
}

} // namespace

std::string json_member(const char* name, std::string_view text) {
  std::string json = '"' + std::string{name} + "\":";
  apm::append_json_string(json, text);
  return json;
}

void perfetto_events::add(int64_t at, std::string json, int order) {
  events_.push_back({order, at, std::move(json) + '}'});
}

void perfetto_events::name(const char* what, perfetto_track at,
                           const std::string& name, uint32_t rank) {
  add(0,
      begin('M', at, std::string{what} + "_name", 0) + ",\"args\":{"
          + json_member("name", name) + '}',
      0);
  add(0,
      begin('M', at, std::string{what} + "_sort_index", 0)
          + ",\"args\":{\"sort_index\":" + std::to_string(rank) + '}',
      0);
}

void perfetto_events::slice(perfetto_track at, std::string_view name,
                            int64_t from, int64_t to,
                            const std::string& arguments) {
  add(from, begin('X', at, name, from)
                + ",\"dur\":" + microseconds(std::max<int64_t>(0, to - from))
                + ",\"args\":{" + arguments + '}');
}

void perfetto_events::span_begin(const perfetto_span& x, int64_t at,
                                 const std::string& arguments) {
  add(at, begin('b', x.at, x.name, at) + identity(x) + ",\"args\":{" + arguments
              + '}');
}

void perfetto_events::span_end(const perfetto_span& x, int64_t at) {
  add(at, begin('e', x.at, x.name, at) + identity(x));
}

void perfetto_events::flow(perfetto_track from_track, int64_t from,
                           perfetto_track to_track, int64_t to) {
  const auto id = ",\"cat\":\"message\",\"id\":" + std::to_string(++flows_);
  add(from, begin('s', from_track, "message", from) + id);
  add(to, begin('f', to_track, "message", to) + id + ",\"bp\":\"e\"");
}

void perfetto_events::counter(uint32_t process, std::string_view name,
                              int64_t at, const std::string& arguments) {
  add(at, begin('C', {process, 0}, name, at) + ",\"args\":{" + arguments + '}');
}

void perfetto_events::instant(perfetto_track at, std::string_view name,
                              int64_t time, bool is_of_process,
                              const std::string& arguments) {
  add(time, begin('i', at, name, time) + ",\"s\":\""
                + (is_of_process ? 'p' : 't') + "\",\"args\":{" + arguments
                + '}');
}

std::string perfetto_events::json() {
  std::stable_sort(
      events_.begin(), events_.end(), [](const auto& x, const auto& y) {
        return x.order != y.order ? x.order < y.order : x.at < y.at;
      });
  std::string json = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  const char* separator = "\n";
  for (const auto& each : events_) {
    json += separator + each.json;
    separator = ",\n";
  }
  return json + "\n]}\n";
}

} // namespace flushtrace
