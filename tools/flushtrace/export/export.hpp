// Traces in the formats of others' tools, one function each, and what they have
// in common.
//
//   const auto shown = show(traces.processes, 0, filter{});
//   to.out << perfetto_of(shown);
#pragma once

#include "tools/flushtrace/timeline/activity.hpp"
#include "tools/flushtrace/timeline/selection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

/// A process and what of it is wanted. *Ownership:* the trace outlives it.
struct shown_process {
  const process_trace* process = nullptr;
  activity seen;
  uint32_t first = 0;     ///< records from here
  uint32_t end = 0;       ///< before this one
  std::vector<bool> kept; ///< of all records; empty: all of these

  const record& at(uint32_t i) const { return process->content.records[i]; }

  bool holds(uint32_t i) const {
    return i >= first && i < end && (kept.empty() || kept[i]);
  }

  /// The events that are wanted.
  std::vector<const event_span*> events() const;
};

/// Processes with such events; `choose_events` says what the rest means.
std::vector<shown_process> show(const std::vector<process_trace>& processes,
                                uint64_t event, const filter& wanted);

/// The value of a setting in the trace; empty: it is not set.
std::string_view setting_of(const process_trace& of, std::string_view name);

/// Chrome's trace format, as Perfetto reads it.
std::string perfetto_of(const std::vector<shown_process>& shown);

/// A sequence diagram of one event. *Shape:* the first that was missed, else
/// the last, where several are wanted; empty where there is none.
std::string mermaid_of(const std::vector<shown_process>& shown);

/// Likewise, of all events, and of them only what passes between the world and
/// the extension.
/// @param closing a sentence at its end; may be empty
std::string mermaid_of_world(const shown_process& shown,
                             const std::string& closing);

/// One of what it draws, in words: `Lambda to lifecycle_poller: 200, invoke, +0
/// ns`.
struct world_arrow {
  bool is_input = false; ///< it comes from outside
  std::string text;
};

/// *Shape:* in their order.
std::vector<world_arrow> world_arrows(const shown_process& shown);

/// A log with vector clocks; `shiviz_parser` reads it.
std::string shiviz_of(const std::vector<shown_process>& shown);

/// What to put into ShiViz as its log parsing regular expression.
extern const char* const shiviz_parser;

/// NDJSON in the Elastic Common Schema: a document an event, and one a record
/// where `with_records`.
std::string ecs_of(const std::vector<shown_process>& shown, bool with_records);

/// OTLP's traces as JSON: the body of one request to `/v1/traces`.
std::string otlp_of(const std::vector<shown_process>& shown);

} // namespace flushtrace
