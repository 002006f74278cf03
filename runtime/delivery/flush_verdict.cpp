#include "runtime/delivery/flush_verdict.hpp"

namespace apm {

namespace {

uint64_t dropped_by(const flush_facts& x, drop_reason reason) {
  const auto which = static_cast<size_t>(reason);
  return x.now.dropped[which] - x.before.dropped[which];
}

} // namespace

flush_verdict judge_flush(const flush_facts& x) {
  flush_verdict verdict;
  const auto add = [&](flush_outcome outcome, bool holds) {
    if (holds)
      verdict.outcomes |= static_cast<uint8_t>(outcome);
  };
  verdict.rejected = dropped_by(x, drop_reason::rejected);
  // A transaction whose substitute was sent is there: it is not lost.
  verdict.lost = dropped_by(x, drop_reason::buffer_full)
                 + dropped_by(x, drop_reason::ambiguous)
                 + dropped_by(x, drop_reason::no_server);
  const bool is_last = x.kind == event_kind::shutdown;
  // Only SHUTDOWN ends a session, and flushes what that has left.
  const bool goes_on = x.is_background || x.kind == event_kind::session;
  if (is_last && !x.is_spilled)
    verdict.lost += x.held;
  else if (is_last || !goes_on)
    verdict.delayed = x.held;
  add(flush_outcome::rejected, verdict.rejected > 0);
  add(flush_outcome::lost, verdict.lost > 0);
  add(flush_outcome::at_risk, is_last && verdict.delayed > 0);
  add(flush_outcome::delayed, !is_last && verdict.delayed > 0);
  add(flush_outcome::unaccounted, x.now.outstanding() != x.held);
  return verdict;
}

std::string describe_outcomes(uint8_t outcomes) {
  static constexpr struct {
    flush_outcome outcome;
    const char* name;
  } names[] = {
      {flush_outcome::lost, "lost"},
      {flush_outcome::delayed, "delayed"},
      {flush_outcome::at_risk, "at_risk"},
      {flush_outcome::rejected, "rejected"},
      {flush_outcome::unaccounted, "unaccounted"},
  };
  std::string text;
  for (const auto& [outcome, name] : names)
    if ((outcomes & static_cast<uint8_t>(outcome)) != 0)
      text += (text.empty() ? "" : " ") + std::string{name};
  return text.empty() ? "complete" : text;
}

} // namespace apm
