#include "tools/flushtrace/explore/ways.hpp"

#include <set>

namespace flushtrace {

namespace {

/// What a segment may come to, by its size: they hardly pack better.
constexpr size_t unpacked_factor = 1000;

} // namespace

ending ending_of(const event_analysis& x) {
  ending how{describe(x.outcome), {}};
  if (x.outcome.is_missed() && !x.findings.empty())
    how.second = x.findings.front().what->id;
  return how;
}

std::string describe(const ending& x) {
  return x.second.empty() ? x.first : x.first + ' ' + x.second;
}

void count_endings(const std::string& segment, endings& to) {
  auto found =
      apm::trace::read_traces(segment, segment.size() * unpacked_factor);
  if (!found)
    return;
  for (auto& content : found.value().traces) {
    process_trace life;
    life.content = std::move(content);
    life.anchors = find_anchors(life.content);
    life.reaches_end = true;
    std::set<ending> seen;
    for (const auto& event : analyse(life).events)
      if (seen.insert(ending_of(event)).second)
        ++to[ending_of(event)];
  }
}

} // namespace flushtrace
