// Events of Chrome's trace format as JSON, put in the order that its readers
// want: metadata first, then by time, a parent before what is within it.
//
//   perfetto_events events;
//   events.slice({process, thread}, "turn", from, to, "\"record\":7");
//   out << events.json();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

struct perfetto_track {
  uint32_t process = 0;
  uint32_t thread = 0;
};

/// What may overlap with others of its track. *Shape:* its id is its own.
struct perfetto_span {
  perfetto_track at;
  const char* category = "";
  std::string name;
  uint64_t id = 0;
};

/// *Units:* ns for times. *Shape:* arguments are members of a JSON object, as
/// text, without its braces.
class perfetto_events {
public:
  /// Of a process where `what` is `process`, else of a thread.
  void name(const char* what, perfetto_track at, const std::string& name,
            uint32_t rank);

  void slice(perfetto_track at, std::string_view name, int64_t from, int64_t to,
             const std::string& arguments);

  void span_begin(const perfetto_span& x, int64_t at,
                  const std::string& arguments = {});
  void span_end(const perfetto_span& x, int64_t at);

  /// From a slice that holds `from` to one that holds `to`.
  void flow(perfetto_track from_track, int64_t from, perfetto_track to_track,
            int64_t to);

  void counter(uint32_t process, std::string_view name, int64_t at,
               const std::string& arguments);

  void instant(perfetto_track at, std::string_view name, int64_t time,
               bool is_of_process, const std::string& arguments);

  /// All of it; nothing may be added after.
  std::string json();

private:
  struct event_text {
    int order = 1; ///< 0: metadata
    int64_t at = 0;
    std::string json;
  };

  void add(int64_t at, std::string json, int order = 1);

  std::vector<event_text> events_;
  uint64_t flows_ = 0;
};

/// A member of an object.
std::string json_member(const char* name, std::string_view text);

} // namespace flushtrace
