// What a process did, as lanes, spans and points, and why telemetry was missed:
// what pages and exports show. It holds indices of records.
//
//   const auto seen = find_activity(process);
//   for (const auto& x : seen.requests)
//     … seen.steps[x.asked].lane …
#pragma once

#include "tools/flushtrace/analysis/analysis.hpp"
#include "tools/flushtrace/event_table.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace flushtrace {

/// An index of a record that is not there.
constexpr uint32_t no_record = UINT32_MAX;

enum class lane_group : uint8_t { outside, actors, ports };

/// A row of the picture: all actors of one role, or one part of the world.
struct lane {
  std::string name;
  lane_group group = lane_group::ports;
};

/// What is known of one record beyond itself. *Shape:* one for each, in order.
struct step {
  uint32_t lane = 0;             ///< where it happened, or is to be handled
  uint32_t sender = 0;           ///< `enqueued`: the lane that sent it
  uint32_t cause = no_record;    ///< index
  bool is_cause_derived = false; ///< an answer's question, a timer's setting
  uint32_t handled = no_record;  ///< `enqueued`: where its turn begins
};

/// An actor from its birth to its end.
struct life {
  apm::trace::actor_reference actor;
  uint32_t lane = 0;
  uint32_t born = no_record;
  uint32_t exited = no_record;
};

/// An HTTP request of ours.
struct request {
  uint32_t asked = no_record;    ///< `http_request` enqueued
  uint32_t answered = no_record; ///< its `http_response`, or `http_cancel`
  uint32_t post = no_record;     ///< its phases
  bool is_to_lambda = false;
  bool is_next = false; ///< `event/next`: the sandbox may be frozen meanwhile
  std::string method;
  std::string path;
  uint64_t status = 0;
  uint64_t failure = 0;
};

/// What is held. *Units:* intake lines, bytes.
struct level {
  uint32_t record = no_record;
  uint64_t lines = 0;
  uint64_t bytes = 0;
  uint64_t bytes_max = 0;
  uint64_t inbox_bytes = 0;
};

/// A *done* as it was sent. *Shape:* `signal` as in FORMAT.md, `winner`.
struct signal_given {
  uint32_t record = no_record;
  uint64_t signal = 0;
  uint64_t event = 0;
  bool is_winner = false;
};

/// An event with the records that belong to it: from the answer that brought it
/// up to the one that brings the next.
struct event_span {
  event_row row;
  uint32_t first = 0;
  uint32_t last = 0;
  uint32_t winner = no_record;
  uint32_t flush_begin = no_record;
  uint32_t flush_end = no_record;
  uint64_t flush_why = 0;
  event_outcome outcome;
  std::vector<finding> findings; ///< the primary cause first
  std::vector<uncaused_loss> uncaused;
  std::string verdict; ///< `complete`, or the outcomes' names
};

using event_analyser = process_analysis (*)(const process_trace&);

struct activity {
  std::vector<lane> lanes;
  std::vector<step> steps;
  std::vector<life> lives;
  std::vector<request> requests; ///< in the order in which they were asked
  std::vector<level> levels;
  std::vector<signal_given> signals;
  std::vector<event_span> events;

  /// Lanes of the world; `lanes.size()` where nothing came from there.
  uint32_t lambda_lane = 0;
  uint32_t server_lane = 0;
};

/// *Errors:* none: what does not fit together is left out.
/// @param analysed_by finds the causes of what was missed
activity find_activity(const process_trace& of,
                       event_analyser analysed_by = analyse);

/// From one time to another; defined for all of a damaged trace's, too.
constexpr int64_t elapsed_ns(int64_t from, int64_t to) noexcept {
  return static_cast<int64_t>(static_cast<uint64_t>(to)
                              - static_cast<uint64_t>(from));
}

/// The signals' names, and `?N` for one that is not known.
std::string signal_name(uint64_t signal);

/// Why a request got no answer; empty for 0.
std::string failure_name(uint64_t failure);

} // namespace flushtrace
