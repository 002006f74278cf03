// A log for ShiViz: one event of a host a time, with its vector clock. Hosts
// are the lanes: all actors of a role take turns on one thread. *Source:*
// ShiViz, "How to use": log lines and their regular expression.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/export/export.hpp"
#include "tools/flushtrace/record_text.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

/// Nobody looks at more, and each carries a clock.
constexpr uint32_t records_max = 20'000;

using vector_clock = std::vector<uint32_t>; ///< by lane

class shiviz_writer {
public:
  explicit shiviz_writer(const shown_process& shown)
      : shown_(shown),
        printer_(*shown.process),
        clocks_(shown.seen.lanes.size(),
                vector_clock(shown.seen.lanes.size(), 0)),
        end_(std::min(shown.end, shown.first + records_max)),
        sent_(end_ - shown.first) {
    for (uint32_t lane = 0; lane < shown.seen.lanes.size(); ++lane)
      hosts_.push_back(host_name(lane));
  }

  std::string write() {
    for (auto i = shown_.first; i < end_; ++i)
      if (shown_.holds(i))
        read(i);
    return std::move(text_);
  }

private:
  /// A host's name: no blanks, and distinct. A name of the trace may be any.
  std::string host_name(uint32_t lane) const {
    auto name = printable(shown_.seen.lanes[lane].name);
    std::replace_if(
        name.begin(), name.end(),
        [](char c) { return c == ' ' || c == '"' || c == '{' || c == '}'; },
        '_');
    for (uint32_t other = 0; other < lane; ++other)
      if (shown_.seen.lanes[other].name == shown_.seen.lanes[lane].name)
        return name + '_' + std::to_string(lane);
    return name;
  }

  const std::string& host(uint32_t lane) const { return hosts_[lane]; }

  void merge(uint32_t lane, uint32_t from_record) {
    if (from_record == no_record || !shown_.holds(from_record)
        || from_record >= end_)
      return;
    const auto& other = sent_[from_record - shown_.first];
    auto& mine = clocks_[lane];
    for (size_t i = 0; i < other.size(); ++i)
      mine[i] = std::max(mine[i], other[i]);
  }

  void log(uint32_t i, uint32_t lane, const std::string& what) {
    auto& clock = clocks_[lane];
    ++clock[lane];
    sent_[i - shown_.first] = clock;
    text_ += host(lane) + " {";
    const char* separator = "";
    for (uint32_t other = 0; other < clock.size(); ++other) {
      if (clock[other] == 0)
        continue;
      text_ += separator;
      apm::append_json_string(text_, host(other));
      text_ += ": " + std::to_string(clock[other]);
      separator = ", ";
    }
    text_ += "}\n" + what + '\n';
  }

  void read(uint32_t i) {
    const auto& step = shown_.seen.steps[i];
    const auto parts = printer_.parts(shown_.at(i));
    const auto number = " #" + std::to_string(shown_.at(i).sequence);
    switch (static_cast<record_kind>(shown_.at(i).kind)) {
    case record_kind::enqueued:
      if (step.is_cause_derived) // the world has it from the request
        merge(step.sender, shown_.seen.steps[step.cause].handled);
      log(i, step.sender,
          "send " + parts.type + " to " + host(step.lane) + number);
      return;
    case record_kind::handled: {
      merge(step.lane, step.cause);
      const auto type = step.cause == no_record
                            ? std::string{}
                            : ' ' + printer_.parts(shown_.at(step.cause)).type;
      log(i, step.lane, "handle" + type + number);
      return;
    }
    case record_kind::born:
      merge(step.lane, step.cause);
      log(i, step.lane,
          "born "
              + printable(shown_.process->content.name_of(shown_.at(i).actor))
              + number);
      return;
    case record_kind::wall_read:
    case record_kind::random_draw:
    case record_kind::clock_anchor:
    case record_kind::buffer:
      return;
    default:
      log(i, step.lane, parts.kind + ' ' + parts.fields + number);
    }
  }

  const shown_process& shown_;
  record_printer printer_;
  std::vector<vector_clock> clocks_; ///< by lane
  uint32_t end_;
  std::vector<vector_clock> sent_; ///< by record
  std::vector<std::string> hosts_; ///< by lane
  std::string text_;
};

} // namespace

const char* const shiviz_parser =
    R"((?<host>\S*) (?<clock>\{.*\})\n(?<event>.*))";

std::string shiviz_of(const std::vector<shown_process>& shown) {
  std::string text;
  for (const auto& x : shown) // one execution: more would share their hosts
    if (text.empty())
      text = shiviz_writer{x}.write();
  return text;
}

} // namespace flushtrace
