#include "tools/flushtrace/timeline/event_spans.hpp"

#include <algorithm>
#include <map>

namespace flushtrace {

namespace {

using apm::trace::record_kind;
using apm::trace::schema_book;

class event_finder {
public:
  event_finder(const process_trace& of, activity& in) : of_(of), in_(in) {}

  void find(const std::vector<uint32_t>& edges, event_analyser analysed_by) {
    find_spans();
    find_edges(edges);
    find_causes(analysed_by);
  }

private:
  /// The answer that brought the event: its turn, the `lambda_event`, the
  /// POLLER's turn and the `http_response` stand between.
  uint32_t origin_before(uint32_t i) const {
    constexpr int causes_between = 4;
    for (int n = 0; n < causes_between; ++n) {
      const auto& x = in_.steps[i];
      if (x.cause == no_record || x.is_cause_derived)
        break;
      i = x.cause;
    }
    return i;
  }

  void find_spans() {
    for (auto& row : events_of(of_.content)) {
      const auto begin = index_of(of_.content, row.record);
      if (begin == no_record)
        continue; // the trace begins later
      event_span x;
      x.first = origin_before(begin);
      x.row = std::move(row);
      in_.events.push_back(std::move(x));
    }
    std::stable_sort(in_.events.begin(), in_.events.end(),
                     [](const auto& x, const auto& y) {
                       return x.row.record < y.row.record;
                     });
    auto end = static_cast<uint32_t>(in_.steps.size());
    for (size_t i = in_.events.size(); i-- > 0;) {
      auto& x = in_.events[i];
      by_number_[x.row.event] = i;
      x.last = end == 0 ? 0 : end - 1;
      x.first = std::min(x.first, x.last);
      end = x.first;
    }
  }

  void find_edges(const std::vector<uint32_t>& edges) {
    const schema_book book{of_.content};
    for (const auto i : edges) {
      const auto content = book.read(of_.content.records[i]);
      const auto at = by_number_.find(schema_book::number(content, "event"));
      if (at == by_number_.end())
        continue;
      auto& x = in_.events[at->second];
      const auto kind = static_cast<record_kind>(of_.content.records[i].kind);
      if (kind == record_kind::flush_begin) {
        x.flush_begin = i;
      } else if (kind == record_kind::flush_end) {
        x.flush_end = i;
        x.flush_why = schema_book::number(content, "why");
      } else {
        x.winner = i;
        mark_winner(i);
      }
    }
  }

  /// The *done* that a `winner` stands for is what its turn handled.
  void mark_winner(uint32_t i) {
    const auto turn = in_.steps[i].cause;
    const auto message = turn == no_record ? no_record : in_.steps[turn].cause;
    const auto at = std::lower_bound(
        in_.signals.begin(), in_.signals.end(), message,
        [](const auto& x, uint32_t wanted) { return x.record < wanted; });
    if (at != in_.signals.end() && at->record == message)
      at->is_winner = true;
  }

  void find_causes(event_analyser analysed_by) {
    auto judged = analysed_by(of_);
    std::map<uint64_t, event_analysis*> by_record;
    for (auto& x : judged.events)
      by_record[x.facts.begin.record] = &x;
    for (auto& x : in_.events) {
      const auto at = by_record.find(x.row.record);
      if (at == by_record.end()) {
        x.verdict = verdict_of(x.row);
        continue;
      }
      x.outcome = at->second->outcome;
      x.findings = std::move(at->second->findings);
      x.uncaused = std::move(at->second->uncaused);
      x.verdict = x.outcome.is_unfinished && !x.outcome.is_missed()
                      ? verdict_of(x.row)
                      : describe(x.outcome);
    }
  }

  const process_trace& of_;
  activity& in_;
  std::map<uint64_t, size_t> by_number_; ///< events
};

} // namespace

uint32_t index_of(const trace& in, uint64_t sequence) {
  const auto* found =
      sequence == 0 ? nullptr : find_record(in.records, sequence);
  return found == nullptr ? no_record
                          : static_cast<uint32_t>(found - in.records.data());
}

void find_event_spans(const process_trace& of,
                      const std::vector<uint32_t>& edges, activity& in,
                      event_analyser analysed_by) {
  event_finder{of, in}.find(edges, analysed_by);
}

} // namespace flushtrace
