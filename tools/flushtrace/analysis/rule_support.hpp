// What the rules share: figures in sentences, and questions that several of
// them ask.
#pragma once

#include "tools/flushtrace/analysis/cause.hpp"

#include <initializer_list>
#include <string>

namespace flushtrace {

/// Such as `2.5 ms`, `1.20 s`.
std::string in_words(int64_t ns);

/// `1 line`, `12 lines`.
std::string counted(uint64_t count, const char* what);

/// `ELASTIC_APM_…=500ms`: a duration that is at least so long, rounded up to
/// the next 50 ms.
std::string setting_duration(int64_t ns);

/// A finding, of records that may be 0 where they are not in the trace.
rule_finding found(std::initializer_list<uint64_t> evidence,
                   std::string detail);

/// Whether lines were left, or lost, when the event was given back.
bool has_left(const rule_input& x) noexcept;

/// Lines that were held when the flush, or the event, was over.
uint64_t left_lines(const event_facts& x) noexcept;

/// Whether lines stayed behind although the flush had time, a server that
/// answered, and no reason to wait.
bool has_stopped_early(const event_facts& x) noexcept;

/// Lines of agents and of telemetry that came during the flush.
uint64_t lines_during_flush(const event_facts& x) noexcept;

/// The POST that had no more time because the event had none: it was open when
/// the flush was given up, or timed out before the forwarder's own time-out.
/// Null: none was.
const post_fact* post_cut_short(const rule_input& x) noexcept;

/// The first POST of the event of which `holds`.
template <class Predicate>
const post_fact* find_post(const event_facts& of, Predicate holds) {
  for (const auto& x : of.posts)
    if (holds(x))
      return &x;
  return nullptr;
}

/// Records of a POST, for evidence, and what they show.
rule_finding found_post(const post_fact& x, std::string detail);

/// The first drop of that reason; null: there is none.
const drop_fact* find_drop(const event_facts& of, uint64_t reason) noexcept;

/// All lines that were dropped for it, with the records.
std::optional<rule_finding> found_drops(const event_facts& of, uint64_t reason,
                                        const char* why);

/// Before the deadline of an INVOKE; at SHUTDOWN its own share.
int64_t margin_ns(const rule_input& x) noexcept;

/// The TIMER's own; null: it is not in the trace.
const timer_fact* deadline_timer(const event_facts& x) noexcept;

inline bool is_won_by(const event_facts& x, apm::end_signal signal) noexcept {
  return x.winner && x.winner->signal == signal;
}

/// The word that ended an event which has a winner: what comes behind it is
/// handled when the event is declared over.
inline const moment& last_word(const event_facts& x) noexcept {
  return x.winner->sent ? x.winner->sent : x.winner->at;
}

inline bool is_invoke(const event_facts& x) noexcept {
  return x.kind == apm::event_kind::invoke && x.event != 0;
}

} // namespace flushtrace
