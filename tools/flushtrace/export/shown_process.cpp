// What all exports need: which records and events of a process are wanted.
#include "tools/flushtrace/export/export.hpp"

#include <algorithm>

namespace flushtrace {

std::vector<const event_span*> shown_process::events() const {
  std::vector<const event_span*> found;
  for (const auto& x : seen.events)
    if (holds(x.first))
      found.push_back(&x);
  return found;
}

std::vector<shown_process> show(const std::vector<process_trace>& processes,
                                uint64_t event, const filter& wanted) {
  std::vector<shown_process> found;
  for (const auto& each : processes) {
    shown_process x;
    x.process = &each;
    x.seen = find_activity(each);
    x.end = static_cast<uint32_t>(x.seen.steps.size());
    if (const auto chosen = choose_events(each, event, wanted)) {
      const auto end = x.end;
      x.kept.resize(end);
      x.first = end;
      x.end = 0;
      for (const auto& span : x.seen.events) {
        if (chosen->count(span.row.event) == 0)
          continue;
        x.first = std::min(x.first, span.first);
        x.end = std::max(x.end, span.last + 1);
        for (auto i = span.first; i <= span.last; ++i)
          x.kept[i] = true;
      }
      if (x.first >= x.end)
        continue;
    }
    found.push_back(std::move(x));
  }
  return found;
}

std::string_view setting_of(const process_trace& of, std::string_view name) {
  for (const auto& entry : of.content.dictionary) {
    const std::string_view text = entry.text;
    if (entry.kind == apm::trace::entry_kind::configuration
        && text.substr(0, name.size()) == name
        && text.substr(name.size(), 1) == "=")
      return text.substr(name.size() + 1);
  }
  return {};
}

} // namespace flushtrace
