// When the event was declared over, and what came before and after that.
#include "tools/flushtrace/analysis/rule_support.hpp"
#include "tools/flushtrace/analysis/rules.hpp"

#include <algorithm>

namespace flushtrace::rules {

namespace {

using apm::end_signal;

/// What rounding of a millisecond and a turn's time may add up to.
constexpr int64_t timer_tolerance_ns = 5'000'000;

/// *Source:* AWS Lambda developer guide, "Telemetry API": `timeoutMs` is 25 at
/// least; what takes four times as long was waiting for company.
constexpr int64_t prompt_delivery_ns = 100'000'000;

/// Of records that would make a list of evidence too long.
constexpr size_t shown_max = 4;

} // namespace

found_cause early_timer(const rule_input& x) {
  const auto& event = x.event;
  if (event.kind == apm::event_kind::session || !event.begin
      || !is_won_by(event, end_signal::deadline))
    return std::nullopt;
  const auto due = event.deadline_ns - margin_ns(x);
  const auto* timer = deadline_timer(event);
  const auto early =
      due - (timer != nullptr ? timer->due_ns : event.winner->at.ns);
  // A function with less time than the margin is over at once.
  if (early <= timer_tolerance_ns || due <= event.begin.ns)
    return std::nullopt;
  return found({event.begin.record, timer != nullptr ? timer->set.record : 0,
                event.winner->at.record},
               "the timer was due " + in_words(early) + " before deadline - "
                   + in_words(margin_ns(x)) + ", and ended the event with "
                   + in_words(event.slack_ns) + " left");
}

found_cause signal_overtook_data(const rule_input& x) {
  const auto& event = x.event;
  if (!is_won_by(event, end_signal::agent_flushed))
    return std::nullopt;
  const auto won = event.winner->at.record;
  const open_fact* open = nullptr;
  for (const auto& each : event.intake_open)
    if (each.at.record < won)
      open = &each;
  const auto data = std::find_if(
      event.intake.begin(), event.intake.end(), [&](const intake_fact& each) {
        return each.lines > 0 && each.at.record > won;
      });
  if (open == nullptr || open->bodies == 0 || data == event.intake.end())
    return std::nullopt;
  return found({open->at.record, event.winner->source, won, data->at.record},
               "a body was on its way in when the agent's signal was handled; "
               "its "
                   + counted(data->lines, "line") + " came "
                   + in_words(data->at.ns - event.winner->at.ns) + " later");
}

found_cause data_after_signal(const rule_input& x) {
  const auto& event = x.event;
  if (!event.winner)
    return std::nullopt;
  const auto& word = last_word(event);
  std::vector<uint64_t> evidence{event.winner->at.record};
  uint64_t lines = 0;
  int64_t after_ns = 0;
  const auto add = [&](const moment& at, uint64_t count) {
    if (lines == 0)
      after_ns = at.ns - word.ns;
    lines += count;
    if (evidence.size() <= shown_max)
      evidence.push_back(at.record);
  };
  for (const auto& each : event.intake) {
    const bool is_after =
        each.lines > 0 && each.at.record > word.record
        && (!event.thawed || each.at.record < event.thawed.record);
    if (is_late(each, event, x.after)
        || (is_after && !event.is_after_end(each.at) && has_left(x)))
      add(each.at, each.lines);
  }
  if (lines == 0)
    return std::nullopt;
  auto finding = found({}, counted(lines, "line") + " came after it, the first "
                               + in_words(after_ns) + " later");
  finding.evidence = std::move(evidence);
  if (is_won_by(event, end_signal::deadline))
    finding.fix.text =
        "Give the function a longer timeout: it was at work when "
        "the time for its flush had begun.";
  return finding;
}

found_cause late_runtime_done(const rule_input& x) {
  const auto& event = x.event;
  if (!is_invoke(event) || event.runtime_done.empty() || !event.winner
      || is_won_by(event, end_signal::agent_flushed))
    return std::nullopt;
  const auto& done = event.runtime_done.front();
  if (done.happened_us == 0 || event.received_wall_ms == 0)
    return std::nullopt;
  // On the monotonic clock, by the wall time of the event's begin.
  constexpr int64_t days = int64_t{1} << 40; // in us: twelve of them
  const auto into_us =
      std::clamp(done.happened_us - event.received_wall_ms * 1000, -days, days);
  const auto happened_ns = event.begin.ns + into_us * 1000;
  const auto late_ns = done.at.ns - happened_ns;
  const bool is_within = happened_ns < event.winner->at.ns;
  if (late_ns < prompt_delivery_ns || !is_within)
    return std::nullopt;
  return found({event.begin.record, done.at.record, event.winner->at.record},
               "the runtime was done " + in_words(happened_ns - event.begin.ns)
                   + " into the invocation, but the platform's word came "
                   + in_words(late_ns) + " after that");
}

found_cause no_signal(const rule_input& x) {
  const auto& event = x.event;
  if (!is_invoke(event) || !is_won_by(event, end_signal::deadline)
      || !event.runtime_done.empty())
    return std::nullopt;
  // Where data came later the function was at work: there was nothing to say.
  const bool is_told_or_early = std::any_of(
      event.intake.begin(), event.intake.end(), [&](const intake_fact& each) {
        return each.is_flushed
               || (each.lines > 0 && each.at.record > last_word(event).record);
      });
  if (is_told_or_early)
    return std::nullopt;
  const bool has_telemetry = x.all.telemetry != apm::telemetry_api::none;
  auto finding =
      found({event.begin.record, event.winner->source, event.winner->at.record},
            std::string{"neither a flush signal of the agent nor "
                        "platform.runtimeDone came; "}
                + (x.all.is_registration_known && !has_telemetry
                       ? "the extension has no telemetry"
                       : "the timer ended the event"));
  if (x.all.settings.disables_logs_api)
    finding.fix = {"Let the extension subscribe, so that it hears of "
                   "platform.runtimeDone.",
                   "ELASTIC_APM_LAMBDA_DISABLE_LOGS_API", "false"};
  return finding;
}

} // namespace flushtrace::rules
