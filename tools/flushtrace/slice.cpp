// slice: a smaller trace out of a greater one, which all verbs read: some of
// its events, or some records with all that brought them about.
#include "tools/flushtrace/filtering.hpp"
#include "tools/flushtrace/segment_file.hpp"

#include <algorithm>
#include <charconv>
#include <ostream>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

/// `5`, `5..8`, `5..`, `..8`.
struct event_range {
  uint64_t first = 0;
  uint64_t last = UINT64_MAX;
};

bool read_number(std::string_view text, uint64_t& to) {
  const auto* end = text.data() + text.size();
  const auto found = std::from_chars(text.data(), end, to);
  return found.ec == std::errc{} && found.ptr == end;
}

std::optional<event_range> read_range(std::string_view text) {
  event_range x;
  if (text.empty())
    return x;
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) {
    if (!read_number(text, x.first))
      return {};
    x.last = x.first;
    return x;
  }
  const auto first = text.substr(0, dots);
  const auto last = text.substr(dots + 2);
  if ((first.empty() && last.empty())
      || (!first.empty() && !read_number(first, x.first))
      || (!last.empty() && !read_number(last, x.last)) || x.first > x.last)
    return {};
  return x;
}

/// Tells an event's records, those of its freeze before it among them.
class event_cutter {
public:
  explicit event_cutter(const trace& of) : of_(of), events_(of) {}

  /// Marks the records of an event as wanted.
  void mark(const event_row& x, std::vector<bool>& wanted) const {
    auto at = place_of(of_.records, begin_of(x));
    const auto end = place_of(of_.records, end_of(x));
    for (; at < end; ++at)
      wanted[at] = true;
  }

  const event_index& events() const noexcept { return events_; }

private:
  /// The anchor of the clocks before it is where `event/next` was asked for;
  /// of a process' first event all before it.
  uint64_t begin_of(const event_row& x) const {
    for (auto at = place_of(of_.records, x.record); at > 0; --at) {
      const auto& before = of_.records[at - 1];
      if (is_kind(before, record_kind::clock_anchor))
        return before.sequence;
      if (is_kind(before, record_kind::ledger)
          || is_kind(before, record_kind::event_begin))
        return x.record; // of the last event: there is no anchor between them
    }
    return 0;
  }

  uint64_t end_of(const event_row& x) const {
    const auto& rows = events_.rows();
    const auto next = std::upper_bound(
        rows.begin(), rows.end(), x.record,
        [](uint64_t number, const auto& y) { return number < y.record; });
    return next == rows.end() ? UINT64_MAX : next->record;
  }

  const trace& of_;
  event_index events_;
};

/// What an event's row is made of.
bool is_frame(uint8_t kind) {
  switch (static_cast<record_kind>(kind)) {
  case record_kind::event_begin:
  case record_kind::winner:
  case record_kind::flush_begin:
  case record_kind::flush_end:
  case record_kind::ledger:
  case record_kind::verdict:
  case record_kind::clock_anchor:
    return true;
  default:
    return false;
  }
}

/// Adds what has brought about the wanted records.
void mark_causes(const trace& of, std::vector<bool>& wanted) {
  const auto& records = of.records;
  for (size_t i = records.size(); i-- > 0;) {
    if (!wanted[i] || records[i].cause == 0)
      continue;
    const auto at = place_of(records, records[i].cause);
    if (at < i && records[at].sequence == records[i].cause)
      wanted[at] = true;
  }
}

class slicer {
public:
  slicer(const slice_options& options, event_range range, const filter& wanted)
      : options_(options), range_(range), filter_(wanted) {}

  /// @returns a trace without records where nothing is wanted
  trace slice(const process_trace& of) const {
    const auto& records = of.content.records;
    const event_cutter cutter{of.content};
    std::vector<bool> wanted(records.size());
    if (options_.is_cone)
      mark_cones(of, wanted);
    else
      mark_events(of, cutter, wanted);
    auto made = of.content;
    made.records.clear();
    for (size_t i = 0; i < records.size(); ++i)
      if (wanted[i])
        made.records.push_back(records[i]);
    set_events(cutter.events(), made);
    set_fact(made, "reason", "slice");
    apm::trace::trim_dictionary(made);
    return made;
  }

private:
  bool is_in_range(const event_row& x) const {
    return x.event >= range_.first && x.event <= range_.last;
  }

  void mark_events(const process_trace& of, const event_cutter& cutter,
                   std::vector<bool>& wanted) const {
    std::set<uint64_t> chosen;
    if (!filter_.is_empty())
      chosen = events_with(filter_, of);
    for (const auto& x : cutter.events().rows())
      if (is_in_range(x) && (filter_.is_empty() || chosen.count(x.event) > 0))
        cutter.mark(x, wanted);
  }

  void mark_cones(const process_trace& of, std::vector<bool>& wanted) const {
    const auto& records = of.content.records;
    record_facts facts{of, words_for(filter_, of)};
    std::set<const event_row*> touched;
    std::vector<const event_row*> events(records.size());
    for (size_t i = 0; i < records.size(); ++i) {
      facts.go_to(records[i]);
      events[i] = facts.event();
      wanted[i] = events[i] != nullptr && is_in_range(*events[i])
                  && filter_.holds(facts);
    }
    for (size_t i = 0; i < records.size(); ++i)
      if (wanted[i])
        touched.insert(events[i]);
    for (size_t i = 0; i < records.size(); ++i)
      if (is_frame(records[i].kind) && touched.count(events[i]) > 0)
        wanted[i] = true;
    mark_causes(of.content, wanted);
  }

  static void set_events(const event_index& events, trace& of) {
    of.process.first_event = of.process.last_event = 0;
    for (const auto& x : events.rows()) {
      if (find_record(of.records, x.record) == nullptr)
        continue;
      if (of.process.first_event == 0)
        of.process.first_event = x.event;
      of.process.last_event = x.event;
    }
  }

  const slice_options& options_;
  event_range range_;
  const filter& filter_;
};

} // namespace

int run_slice(const slice_options& options, streams to) {
  const auto wanted = read_filter(options.filter, to);
  const auto range = read_range(options.events);
  if (!range)
    to.trouble << "flushtrace: --events: write 5, 5..8, 5.. or ..8\n";
  if (!wanted || !range)
    return exit_usage;
  const auto traces = load_traces(options.paths, to.progress);
  if (tell_problems(traces, to.trouble))
    return exit_unreadable;
  const slicer cutter{options, *range, *wanted};
  std::vector<trace> slices;
  for (const auto& x : traces.processes) {
    auto slice = cutter.slice(x);
    if (!slice.records.empty())
      slices.push_back(std::move(slice));
  }
  if (slices.empty()) {
    to.trouble << "flushtrace: nothing is chosen: no such event or record\n";
    return exit_usage;
  }
  if (!write_segments(slices, options.output, to))
    return exit_usage;
  tell_written(slices, options.output, options.is_json, to);
  return status_beside(traces, exit_clean);
}

} // namespace flushtrace
