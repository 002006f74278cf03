// Chrome's trace format, which Perfetto's UI and trace processor read.
// *Source:* "Trace Event Format" of the Chromium project; Perfetto's
// documentation, "External trace formats", for what it takes of that.
//
// Turns are complete slices, one thread a lane: all actors run on one thread,
// so they never overlap. What may overlap (lives, requests) is asynchronous, by
// id. Messages are flows from the sender's turn to the turn that handles them.
#include "tools/flushtrace/export/export.hpp"
#include "tools/flushtrace/export/perfetto_events.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/timeline/sentence.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::trace::record_kind;
using apm::trace::schema_book;

/// A turn's end is not recorded: its slice ends where the next turn begins, and
/// is no longer than turns usually are.
constexpr int64_t turn_ns_max = 20'000;

/// What comes from the world has no duration; Perfetto wants some.
constexpr int64_t world_ns_max = 1000;

/// Decades: sums stay in range.
constexpr int64_t time_ns_max = int64_t{1} << 61;

/// Of a record's fields in a slice's arguments.
constexpr size_t args_bytes_max = 400;

/// Threads beside the lanes.
constexpr uint32_t events_thread = 1;
constexpr uint32_t first_lane_thread = 2;

record_kind kind_of(const record& x) {
  return static_cast<record_kind>(x.kind);
}

bool is_turn(const record& x) {
  return kind_of(x) == record_kind::handled || kind_of(x) == record_kind::born;
}

std::string record_member(const record& x) {
  return "\"record\":" + std::to_string(x.sequence);
}

std::string shortened(const std::string& text) {
  return text.size() > args_bytes_max ? text.substr(0, args_bytes_max) + " …"
                                      : text;
}

/// One process.
class perfetto_writer {
public:
  perfetto_writer(const shown_process& shown, uint32_t process,
                  perfetto_events& to)
      : shown_(shown), printer_(*shown.process), process_(process), to_(to) {
    // A damaged trace's clock may run back; slices must not.
    for (const auto& x : shown_.process->content.records)
      times_.push_back(
          std::max(time_of(x.time_ns), times_.empty() ? 0 : times_.back()));
  }

  void write() {
    add_names();
    add_events();
    add_turns();
    add_lives();
    add_requests();
    add_levels();
    add_signals();
    add_facts();
  }

private:
  /// Since the process began; what lies before it counts as its begin.
  int64_t time_of(int64_t monotonic) const {
    return std::clamp<int64_t>(
        elapsed_ns(shown_.process->content.process.start.monotonic, monotonic),
        0, time_ns_max);
  }

  int64_t time_at(uint32_t i) const { return times_[i]; }

  perfetto_track lane_track(uint32_t lane) const {
    return {process_, first_lane_thread + lane};
  }

  void add_names() {
    const auto& process = shown_.process->content.process;
    to_.name("process", {process_, 0},
             "apm-lambda-extension " + std::to_string(process.process_id),
             process_);
    to_.name("thread", {process_, events_thread}, "events", 0);
    const auto& lanes = shown_.seen.lanes;
    for (uint32_t i = 0; i < lanes.size(); ++i)
      to_.name("thread", lane_track(i), printable(lanes[i].name), i + 1);
  }

  /// Events as slices, the flush within.
  void add_events() {
    const perfetto_track track{process_, events_thread};
    for (const auto* x : shown_.events()) {
      const auto from = time_at(x->first);
      // SHUTDOWN ends a session when it has begun itself.
      const auto last = time_at(x->last);
      const auto to = std::clamp(x->row.end_ns ? time_of(*x->row.end_ns) : last,
                                 from, last);
      auto members = json_member("what", sentence_of(*x)) + ','
                     + json_member("request_id", printable(x->row.request_id));
      if (!x->findings.empty())
        members += ',' + json_member("cause", x->findings.front().what->id);
      to_.slice(track,
                x->row.kind + ' ' + std::to_string(x->row.event) + ": "
                    + x->verdict,
                from, to, members);
      if (x->flush_begin == no_record || !shown_.holds(x->flush_begin))
        continue;
      const auto flush = std::clamp(time_at(x->flush_begin), from, to);
      to_.slice(track, "flush", flush,
                x->flush_end == no_record
                    ? to
                    : std::clamp(time_at(x->flush_end), flush, to),
                "");
    }
  }

  /// Backwards, as a slice ends where the next of its thread begins.
  void add_turns() {
    std::vector<int64_t> next(shown_.seen.lanes.size(), INT64_MAX);
    int64_t next_turn = INT64_MAX;
    for (uint32_t i = shown_.end; i-- > shown_.first;) {
      if (!shown_.holds(i))
        continue;
      const auto from = time_at(i);
      if (is_turn(shown_.at(i))) {
        add_turn(i, std::min(next_turn, from + turn_ns_max));
        next_turn = from;
      } else if (is_from_world(i)) {
        const auto lane = shown_.seen.steps[i].sender;
        to_.slice(lane_track(lane), printer_.parts(shown_.at(i)).type, from,
                  std::min(next[lane], from + world_ns_max),
                  record_member(shown_.at(i)));
        next[lane] = from;
      }
      if (kind_of(shown_.at(i)) == record_kind::enqueued)
        add_flow(i);
    }
  }

  bool is_from_world(uint32_t i) const {
    const auto& step = shown_.seen.steps[i];
    return kind_of(shown_.at(i)) == record_kind::enqueued
           && shown_.seen.lanes[step.sender].group == lane_group::outside;
  }

  void add_turn(uint32_t i, int64_t to) {
    const auto& x = shown_.at(i);
    const auto& step = shown_.seen.steps[i];
    const bool has_message =
        step.cause != no_record && kind_of(x) == record_kind::handled;
    const auto parts = printer_.parts(has_message ? shown_.at(step.cause) : x);
    to_.slice(
        lane_track(step.lane), has_message ? parts.type : parts.kind,
        time_at(i), to,
        record_member(x) + ','
            + json_member("actor",
                          printable(shown_.process->content.name_of(x.actor)))
            + (parts.fields.empty()
                   ? ""
                   : ',' + json_member("fields", shortened(parts.fields))));
  }

  /// From a slice that there is to a slice that there is.
  void add_flow(uint32_t i) {
    const auto& step = shown_.seen.steps[i];
    if (step.handled == no_record || !shown_.holds(step.handled))
      return;
    auto sender = i;
    if (!is_from_world(i)) {
      sender = step.cause;
      if (sender == no_record || step.is_cause_derived || !shown_.holds(sender)
          || !is_turn(shown_.at(sender)))
        return;
    }
    to_.flow(lane_track(step.sender), time_at(sender), lane_track(step.lane),
             time_at(step.handled));
  }

  void add_lives() {
    for (const auto& x : shown_.seen.lives) {
      if (x.born == no_record || !shown_.holds(x.born))
        continue;
      const bool has_end = x.exited != no_record && shown_.holds(x.exited);
      const perfetto_span life{lane_track(x.lane), "life",
                               shown_.process->content.name_of(x.actor),
                               ++spans_};
      to_.span_begin(life, time_at(x.born));
      to_.span_end(life,
                   std::max(time_at(x.born),
                            time_at(has_end ? x.exited : shown_.end - 1)));
    }
  }

  void add_requests() {
    const schema_book book{shown_.process->content};
    for (const auto& x : shown_.seen.requests) {
      if (!shown_.holds(x.asked))
        continue;
      const bool has_end = x.answered != no_record && shown_.holds(x.answered);
      const auto from = time_at(x.asked);
      const auto to =
          std::max(from, time_at(has_end ? x.answered : shown_.end - 1));
      const auto lane =
          x.is_to_lambda ? shown_.seen.lambda_lane : shown_.seen.server_lane;
      // Where nothing was ever answered the world has no lane.
      const auto track = lane < shown_.seen.lanes.size()
                             ? lane_track(lane)
                             : perfetto_track{process_, events_thread};
      const perfetto_span whole{track, "http", x.method + ' ' + x.path,
                                ++spans_};
      auto members = "\"status\":" + std::to_string(x.status);
      if (x.failure != 0)
        members += ',' + json_member("failure", failure_name(x.failure));
      to_.span_begin(whole, from, members);
      if (x.post != no_record && shown_.holds(x.post))
        add_phases(book.read(shown_.at(x.post)), whole, from, to);
      to_.span_end(whole, to);
    }
  }

  /// Of libcurl: each counted from the request's start, 0 where it did not
  /// happen.
  void add_phases(const apm::trace::record_content& post, perfetto_span phase,
                  int64_t from, int64_t to) {
    constexpr std::pair<const char*, const char*> phases[] = {
        {"name_us", "resolve"},    {"connect_us", "connect"},
        {"tls_us", "TLS"},         {"sent_us", "send"},
        {"first_byte_us", "wait"}, {"total_us", "receive"}};
    int64_t begin_at = from;
    for (const auto& [field, name] : phases) {
      const auto* found = schema_book::find(post, field);
      const auto us = found == nullptr ? 0 : found->signed_number;
      if (us <= 0 || us > time_ns_max / 1000)
        continue;
      const auto end_at = std::clamp(from + us * 1000, begin_at, to);
      if (end_at == begin_at)
        continue;
      phase.name = name;
      to_.span_begin(phase, begin_at);
      to_.span_end(phase, end_at);
      begin_at = end_at;
    }
  }

  void add_levels() {
    for (const auto& x : shown_.seen.levels) {
      if (!shown_.holds(x.record))
        continue;
      const auto at = time_at(x.record);
      to_.counter(process_, "held lines", at,
                  "\"lines\":" + std::to_string(x.lines));
      to_.counter(process_, "held bytes", at,
                  "\"outbox\":" + std::to_string(x.bytes)
                      + ",\"inbox\":" + std::to_string(x.inbox_bytes));
    }
  }

  void add_signals() {
    for (const auto& x : shown_.seen.signals)
      if (shown_.holds(x.record))
        to_.instant(lane_track(shown_.seen.steps[x.record].sender),
                    signal_name(x.signal) + (x.is_winner ? " (winner)" : ""),
                    time_at(x.record), x.is_winner,
                    "\"event\":" + std::to_string(x.event));
  }

  void add_facts() {
    for (uint32_t i = shown_.first; i < shown_.end; ++i) {
      const auto kind = kind_of(shown_.at(i));
      if (!shown_.holds(i)
          || (kind != record_kind::dropped && kind != record_kind::breaker
              && kind != record_kind::late_signal
              && kind != record_kind::verdict))
        continue;
      const auto parts = printer_.parts(shown_.at(i));
      to_.instant(lane_track(shown_.seen.steps[i].lane), parts.kind, time_at(i),
                  false,
                  record_member(shown_.at(i)) + ','
                      + json_member("fields", parts.fields));
    }
  }

  const shown_process& shown_;
  record_printer printer_;
  uint32_t process_;
  perfetto_events& to_;
  std::vector<int64_t> times_; ///< of all records
  uint64_t spans_ = 0;
};

} // namespace

std::string perfetto_of(const std::vector<shown_process>& shown) {
  perfetto_events events;
  uint32_t process = 0;
  for (const auto& x : shown)
    perfetto_writer{x, ++process, events}.write();
  return events.json();
}

} // namespace flushtrace
