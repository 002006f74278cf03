// Whether an event's flush was missed: telemetry that was still with us, or was
// lost, when the event was given back to Lambda. Only counts decide, so that it
// is the same whether anything is recorded or not.
//
//   const auto verdict = judge_flush(facts);
//   if (verdict.is_missed())
//     …
#pragma once

#include "messages/lambda.hpp"
#include "runtime/delivery/ledger.hpp"

#include <string>

namespace apm {

/// What became of telemetry that did not arrive, as bits.
enum class flush_outcome : uint8_t {
  lost = 1,         ///< never accepted
  delayed = 2,      ///< still held: it may be accepted in a later event
  at_risk = 4,      ///< still held, and nothing comes after but another process
  rejected = 8,     ///< the server said no
  unaccounted = 16, ///< the ledger does not balance
};

/// What is known when an event is given back. *Units:* intake lines.
struct flush_facts {
  event_kind kind = event_kind::invoke;
  bool is_background = false; ///< what is held goes with the next event
  account before;             ///< of all events, when the last one was over
  account now;                ///< of all events
  uint64_t held = 0;          ///< of all events
  bool is_spilled = false;    ///< what is held is kept for the next process
};

struct flush_verdict {
  uint8_t outcomes = 0; ///< bits of `flush_outcome`
  uint64_t lost = 0;
  uint64_t delayed = 0; ///< or at risk
  uint64_t rejected = 0;

  bool is_missed() const noexcept { return outcomes != 0; }
};

flush_verdict judge_flush(const flush_facts& x);

/// The outcomes' names, separated by blanks; `complete` where there are none.
std::string describe_outcomes(uint8_t outcomes);

} // namespace apm
