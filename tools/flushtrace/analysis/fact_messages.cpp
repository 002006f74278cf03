// What actors tell each other, but for deliveries and telemetry.
#include "tools/flushtrace/analysis/fact_reader.hpp"

namespace flushtrace {

namespace {

/// Of the COORDINATOR's timers: what ends a flush.
constexpr uint64_t flush_timer = 2;

} // namespace

void fact_reader::on_registered(const record&, const content& in) {
  const field_reader fields{in};
  facts_.is_registration_known = true;
  facts_.telemetry = static_cast<apm::telemetry_api>(fields.number(4));
}

void fact_reader::on_lambda_event(const record&, const content& in) {
  const field_reader fields{in};
  pending_event_ = {};
  pending_event_.event = fields.number(0);
  pending_event_.reason = fields.text(4);
  // Since 1970: 2^48 ms are 8 900 years.
  pending_event_.received_wall_ms = bounded(fields.signed_number(5), 48);
  pending_event_.deadline_wall_ms = bounded(fields.signed_number(6), 48);
}

void fact_reader::on_event_done(const record& x, const content& in) {
  const field_reader fields{in};
  if (now().event == fields.number(0))
    now().ended = moment_of(x);
}

void fact_reader::on_done(const record& x, const content& in) {
  const field_reader fields{in};
  signal_fact signal;
  signal.at = signal.sent = moment_of(x);
  signal.signal = static_cast<apm::end_signal>(fields.number(0));
  signal.event = fields.number(1);
  signal.source = source_of(x);
  // The chain of a telemetry's work leads to the delivery that made room for
  // it, not to its own.
  const auto* turn = find(x.cause);
  if (turn != nullptr) {
    const auto work = telemetry_of_work_.find(turn->cause);
    if (work != telemetry_of_work_.end())
      if (const auto* delivery = telemetry(work->second))
        signal.source = delivery->at.record;
  }
  now().signals.push_back(signal);
}

void fact_reader::on_intake(const record& x, const content& in) {
  const field_reader fields{in};
  intake_fact intake;
  intake.at = moment_of(x);
  intake.is_flushed = fields.boolean(1);
  intake.bytes = fields.at(4).size;
  intake.lines = fields.number(5);
  for (const auto& seen : fields.list(6))
    if (seen.elements.size() > 1)
      intake.request_ids.emplace_back(seen.elements[1].text);
  now().intake.push_back(std::move(intake));
}

void fact_reader::on_intake_open(const record& x, const content& in) {
  const field_reader fields{in};
  now().intake_open.push_back({moment_of(x), fields.number(0)});
}

void fact_reader::on_refused(const record& x, const content& in) {
  const field_reader fields{in};
  refusal_fact refusal;
  refusal.at = moment_of(x);
  refusal.is_agent = fields.at(0).text == "agent";
  refusal.status = static_cast<uint16_t>(fields.number(1));
  refusal.bytes = fields.number(3);
  now().refusals.push_back(refusal);
}

void fact_reader::on_exit(const record& x, const content&) {
  auto* who = child(x.actor.value);
  if (who == nullptr)
    asked_early_.emplace(x.actor.value, moment_of(x));
  else if (!who->asked_to_end && !who->exited)
    who->asked_to_end = moment_of(x);
}

void fact_reader::on_timer_set(const record& x, const content& in) {
  const field_reader fields{in};
  const auto owner = maker_of(x);
  const auto who = role_of(owner);
  timer_fact timer;
  timer.actor = owner.value;
  timer.id = fields.number(0);
  timer.is_of_timer = who == role::timer;
  timer.is_of_flush = who == role::coordinator && timer.id == flush_timer;
  timer.set = moment_of(x);
  timer.due_ns = fields.signed_number(1);
  by_timer_[{timer.actor, timer.id}] = {current_, now().timers.size()};
  now().timers.push_back(timer);
}

void fact_reader::on_timer_fired(const record& x, const content& in) {
  const field_reader fields{in};
  const auto found = by_timer_.find({x.actor.value, fields.number(0)});
  if (found == by_timer_.end())
    return;
  facts_.events[found->second.event].timers[found->second.index].fired =
      moment_of(x);
  by_timer_.erase(found);
}

void fact_reader::on_spill_store(const record&, const content& in) {
  const field_reader fields{in};
  for (const auto& lines : fields.list(2))
    if (lines.elements.size() > 3)
      now().spilled_lines += lines.elements[3].number;
}

void fact_reader::on_spill_found(const record& x, const content& in) {
  const field_reader fields{in};
  for (const auto& lines : fields.list(2))
    if (lines.elements.size() > 3)
      now().found_lines += lines.elements[3].number;
  const auto& lost = fields.list(9); // lines, bytes, under way, …
  if (!lost.empty() && lost[0].number > 0) {
    now().killed_before = moment_of(x);
    now().killed_lines = lost[0].number;
  }
}

void fact_reader::on_credentials_wanted(const record& x, const content&) {
  credentials_wanted_ = moment_of(x);
}

void fact_reader::on_credentials_ready(const record&, const content&) {
  credentials_wanted_ = {};
}

} // namespace flushtrace
