// The table of causes and what takes them away; see neutraliser.hpp.
#include "tools/flushtrace/proof/neutraliser.hpp"

#include "tools/flushtrace/proof/life_changes.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using changes::neutralisations;

using neutraliser = neutralisations (*)(const suspect&);

struct row {
  std::string_view cause;
  neutraliser find;
  /// What is otherwise in its replay; where there is none, why.
  std::string_view words;
};

constexpr row table[] = {
    {"signal.early_timer", changes::other_actors, "the actors of this version"},
    {"signal.stale_signal", changes::no_stale_signal,
     "the actors of this version, or without the signal"},
    {"signal.signal_overtook_data", changes::order_of_data,
     "the signal behind the data, or the data before the signal"},
    {"signal.data_after_signal", changes::data_before_signal,
     "the data before the signal"},
    {"signal.late_runtime_done", changes::platform_tells_at_once,
     "platform.runtimeDone when it happened"},
    {"signal.no_signal", nullptr,
     "a signal that nobody gave has no moment at which it would have come"},
    {"signal.false_done", changes::other_actors, "the actors of this version"},
    {"signal.wrong_invocation_done", changes::other_actors,
     "the actors of this version"},
    {"buffer.agent_buffer_full", changes::more_buffer, "a greater buffer"},
    {"buffer.log_backpressure", changes::room_for_telemetry,
     "a greater buffer, and nothing dropped by the platform"},
    {"buffer.batch_full", changes::other_actors, "the actors of this version"},
    {"buffer.not_flushed_by_policy", changes::flush_at_end,
     "ELASTIC_APM_SEND_STRATEGY=syncflush"},
    {"buffer.child_dead", changes::other_actors_heard,
     "the actors of this version"},
    {"buffer.arrived_during_flush", changes::other_actors,
     "the actors of this version"},
    {"buffer.metadata_missing", changes::other_actors,
     "the actors of this version"},
    {"buffer.unparsable", changes::unread_does_not_come,
     "without what could not be read"},
    {"buffer.wrong_order_cancel", changes::other_actors,
     "the actors of this version"},
    {"transport.post_timeout", changes::server_answers_soon,
     "an APM Server that answers 202 in its usual time"},
    {"transport.connect_fail", changes::server_is_there,
     "an APM Server that is there and answers 202"},
    {"transport.stale_connection", changes::server_answers,
     "an APM Server that answers 202"},
    {"transport.auth_401_403", changes::server_answers,
     "an APM Server that answers 202"},
    {"transport.rate_limited_429", changes::server_answers,
     "an APM Server that answers 202"},
    {"transport.rejected_4xx", changes::server_answers,
     "an APM Server that answers 202"},
    {"transport.server_5xx", changes::server_answers,
     "an APM Server that answers 202"},
    {"transport.backoff_skip", changes::server_answers_soon,
     "an APM Server that answers 202 in its usual time"},
    {"transport.dropped_after_failure", changes::keep_failed,
     "at_least_once, or the actors of this version"},
    {"transport.frozen_inflight", changes::no_post_at_freeze,
     "syncflush, a fast APM Server, or the actors of this version"},
    {"transport.slow_cold_path", changes::server_is_fast,
     "an APM Server that answers at once"},
    {"lifecycle.function_timeout", changes::function_in_time,
     "a function that is done in a half, a quarter or an eighth of its time"},
    {"lifecycle.margin_too_small", changes::longer_margin,
     "a longer margin, up to eight times what the remedy says"},
    {"lifecycle.shutdown_budget", changes::server_answers_soon,
     "an APM Server that answers 202 in its usual time"},
    {"lifecycle.killed", nullptr,
     "what would have come after the kill is in no trace"},
    {"lifecycle.no_next_invocation", changes::last_data_sent,
     "syncflush, or the data before the signal"},
    {"lifecycle.next_too_early", changes::other_actors,
     "the actors of this version"},
    {"lifecycle.wedged", changes::other_actors, "the actors of this version"},
    {"lifecycle.before_register", changes::other_actors,
     "the actors of this version"},
    {"platform.platform_dropped", changes::no_platform_drops,
     "a platform that drops nothing"},
    {"platform.report_next_invoke", nullptr, "nothing is missed by it"},
    {"platform.cpu_starved", changes::more_cpu,
     "four times the CPU, or a hundred times"},
    {"platform.clock_step", nullptr,
     "deadlines that another clock would have given are in no trace"},
    {"record.unaccounted", changes::other_actors, "the actors of this version"},
    {"record.trace_gap", nullptr, "what is missing cannot be replayed"},
};

const row* find_row(std::string_view cause) noexcept {
  const auto* at = std::find_if(std::begin(table), std::end(table),
                                [&](const row& x) { return x.cause == cause; });
  return at == std::end(table) ? nullptr : at;
}

} // namespace

neutralisation joined(const neutralisation& x, const neutralisation& y) {
  auto made = x;
  auto& to = made.change;
  const auto& from = y.change;
  to.environment.insert(from.environment.begin(), from.environment.end());
  to.moved_inputs.insert(from.moved_inputs.begin(), from.moved_inputs.end());
  to.dropped_inputs.insert(from.dropped_inputs.begin(),
                           from.dropped_inputs.end());
  if (to.server_answers.empty())
    to.server_answers = from.server_answers;
  if (to.server_latency.is_none())
    to.server_latency = from.server_latency;
  if (to.function_duration.is_none())
    to.function_duration = from.function_duration;
  to.cpu_share = std::max(to.cpu_share, from.cpu_share);
  to.has_platform_drops = to.has_platform_drops && from.has_platform_drops;
  made.text += (made.text.empty() || y.text.empty() ? "" : ", and ") + y.text;
  if (made.assumption.empty())
    made.assumption = y.assumption;
  if (made.has_taken_hold == nullptr)
    made.has_taken_hold = y.has_taken_hold;
  return made;
}

neutralisations neutralise(const suspect& x) {
  const auto* found = find_row(x.what.what->id);
  return found == nullptr || found->find == nullptr ? neutralisations{}
                                                    : found->find(x);
}

std::string_view why_not_neutralised(std::string_view cause) noexcept {
  const auto* found = find_row(cause);
  return found == nullptr || found->find != nullptr ? std::string_view{}
                                                    : found->words;
}

std::string_view how_neutralised(std::string_view cause) noexcept {
  const auto* found = find_row(cause);
  return found == nullptr || found->find == nullptr ? std::string_view{}
                                                    : found->words;
}

} // namespace flushtrace
