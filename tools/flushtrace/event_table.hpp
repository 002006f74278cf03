// The events of a trace, one row each: when it began, what ended it, what
// became of its lines.
#pragma once

#include "messages/lambda.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <optional>
#include <string>
#include <vector>

namespace flushtrace {

/// `invoke`, `shutdown`, `session`.
const char* name_of(apm::event_kind x) noexcept;

/// *Units:* ns, monotonic; intake lines.
struct event_row {
  uint64_t event = 0;
  uint64_t record = 0; ///< sequence of its `event_begin`
  std::string kind;
  std::string request_id;
  int64_t begin_ns = 0;
  int64_t deadline_ns = 0;
  std::string winner; ///< empty: none in the trace
  std::optional<int64_t> slack_ns;
  std::optional<int64_t> winner_ns;
  std::optional<int64_t> end_ns; ///< of its ledger
  uint64_t received = 0;
  uint64_t accepted = 0;
  uint64_t dropped = 0;
  uint64_t held = 0; ///< of all events, when it was over
  uint64_t outcomes = 0;
  uint64_t verdict_record = 0; ///< 0: there is none
};

std::vector<event_row> events_of(const trace& x);

/// `complete`, or the outcomes' names; `unknown` where the trace ends before.
std::string verdict_of(const event_row& x);

} // namespace flushtrace
