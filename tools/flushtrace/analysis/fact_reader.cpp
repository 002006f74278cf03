#include "tools/flushtrace/analysis/fact_reader.hpp"

#include "runtime/trace/wire.hpp"

namespace flushtrace {

namespace {

using apm::trace::entry_kind;
using apm::trace::record_kind;

/// A chain of causes is a dozen records long; a damaged trace may say
/// otherwise.
constexpr int causes_max = 64;

} // namespace

const apm::trace::value& field_reader::at(size_t place) const noexcept {
  static const apm::trace::value none;
  return place < from_.fields.size() ? from_.fields[place].content : none;
}

uint64_t ledger_fact::dropped_total() const noexcept {
  uint64_t sum = 0;
  for (const auto x : dropped)
    sum += x;
  return sum;
}

fact_reader::fact_reader(const process_trace& from)
    : from_(from), book_(from.content) {
  read_dictionary();
  read_settings();
  facts_.is_ended = from.content.process.is_ended;
  facts_.reaches_end = from.reaches_end;
  for (const auto& x : from.content.dictionary)
    facts_.is_salvaged =
        facts_.is_salvaged
        || (x.kind == entry_kind::fact && x.text == "reason=killed");
  facts_.events.emplace_back(); // before the first
}

void fact_reader::read_dictionary() {
  static const struct {
    std::string_view name;
    role which;
  } roles[] = {
      {"coordinator", role::coordinator},
      {"lifecycle_poller", role::poller},
      {"apm_forwarder", role::forwarder},
      {"log_processor", role::processor},
      {"timer", role::timer},
      {"agent_listener", role::agent_listener},
      {"telemetry_listener", role::telemetry_listener},
  };
  static const message_type messages[] = {
      {"registered", &fact_reader::on_registered},
      {"lambda_event", &fact_reader::on_lambda_event},
      {"event_done", &fact_reader::on_event_done},
      {"done", &fact_reader::on_done},
      {"agent_intake", &fact_reader::on_intake},
      {"intake_open", &fact_reader::on_intake_open},
      {"input_refused", &fact_reader::on_refused},
      {"exit", &fact_reader::on_exit},
      {"timer_set", &fact_reader::on_timer_set},
      {"timer_fired", &fact_reader::on_timer_fired},
      {"spill_store", &fact_reader::on_spill_store},
      {"spill_found", &fact_reader::on_spill_found},
      {"credentials_wanted", &fact_reader::on_credentials_wanted},
      {"credentials_ready", &fact_reader::on_credentials_ready},
      {"batch", &fact_reader::on_batch},
      {"http_request", &fact_reader::on_request},
      {"http_response", &fact_reader::on_response},
      {"http_cancel", &fact_reader::on_cancel},
      {"delivery", &fact_reader::on_delivery},
      {"telemetry_batch", &fact_reader::on_telemetry},
      {"listener_answer", &fact_reader::on_answer},
      {"telemetry_work", &fact_reader::on_work},
      {"telemetry_result", &fact_reader::on_result},
  };
  roles_.assign(256, role::other);
  for (const auto& x : from_.content.dictionary) {
    if (x.kind == entry_kind::role && x.id < roles_.size())
      for (const auto& known : roles)
        if (x.text == known.name)
          roles_[x.id] = known.which;
    if (x.kind != entry_kind::message_type)
      continue;
    const auto name = std::string_view{x.text}.substr(0, x.text.find(' '));
    for (const auto& known : messages)
      if (name == known.name)
        types_.emplace(x.id, known);
  }
}

void fact_reader::read_settings() {
  apm::environment recorded;
  for (const auto& x : from_.content.dictionary) {
    const auto equals = x.text.find('=');
    if (x.kind == entry_kind::configuration && equals != std::string::npos)
      recorded.emplace(x.text.substr(0, equals), x.text.substr(equals + 1));
  }
  facts_.settings = apm::load_settings(recorded).values;
}

trace_facts fact_reader::read() {
  const auto& records = from_.content.records;
  if (!records.empty())
    facts_.first_record = records.front().sequence;
  expected_ = 1;
  for (const auto& x : records)
    take(x);
  finish();
  return std::move(facts_);
}

void fact_reader::take(const record& x) {
  look_for_hole(x);
  facts_.last = moment_of(x);
  now().last = facts_.last;
  switch (static_cast<record_kind>(x.kind)) {
  case record_kind::enqueued:
    return enqueued(x);
  case record_kind::handled:
    return handled(x);
  case record_kind::born:
    last_turn_ = &x;
    return on_born(x);
  case record_kind::exited:
    last_turn_ = &x;
    return on_exited(x, book_.read(x));
  default:
    return take_note(x);
  }
}

void fact_reader::take_note(const record& x) {
  switch (static_cast<record_kind>(x.kind)) {
  case record_kind::clock_anchor:
    return take_anchor(book_.read(x), moment_of(x));
  case record_kind::event_begin:
    return begin_event(book_.read(x), x);
  case record_kind::winner:
    return on_winner(x, book_.read(x));
  case record_kind::flush_begin:
    return on_flush_begin(x, book_.read(x));
  case record_kind::flush_end:
    return on_flush_end(x, book_.read(x));
  case record_kind::ledger:
    return on_ledger(x, book_.read(x));
  case record_kind::dropped:
    return on_dropped(x, book_.read(x));
  case record_kind::buffer:
    return on_buffer(x, book_.read(x));
  case record_kind::post:
    return on_post(x, book_.read(x));
  case record_kind::breaker:
    return on_breaker(x, book_.read(x));
  case record_kind::verdict:
    return on_verdict(x, book_.read(x));
  default:
    return;
  }
}

fact_reader::role
fact_reader::role_of(apm::trace::actor_reference x) const noexcept {
  return roles_[x.role()];
}

const apm::trace::record* fact_reader::find(uint64_t sequence) const noexcept {
  return find_record(from_.content.records, sequence);
}

apm::trace::actor_reference
fact_reader::maker_of(const record& x) const noexcept {
  const auto* turn = last_turn_ != nullptr && last_turn_->sequence == x.cause
                         ? last_turn_
                         : find(x.cause);
  return turn == nullptr ? apm::trace::actor_reference{} : turn->actor;
}

/// Back along the causes to the last message that came from outside, or to what
/// a timer set off.
uint64_t fact_reader::source_of(const record& x) const noexcept {
  const auto* at = &x;
  uint64_t found = 0;
  for (int i = 0; i < causes_max && at->cause != 0 && at->cause < at->sequence;
       ++i) {
    at = find(at->cause);
    if (at == nullptr)
      break;
    if (!is_kind(*at, record_kind::enqueued))
      continue;
    found = at->sequence;
    if ((book_.read(*at).flags & apm::trace::is_from_outside) != 0)
      break;
  }
  return found;
}

void fact_reader::enqueued(const record& x) {
  apm::trace::byte_reader in{x.payload};
  const auto type = types_.find(in.u());
  const bool is_known = type != types_.end() && in.is_sound();
  waiting_[x.actor.value].emplace(
      x.sequence,
      waiting{moment_of(x), is_known ? type->second.name : nullptr});
  if (is_known)
    (this->*type->second.handler)(x, book_.read(x));
}

void fact_reader::handled(const record& x) {
  last_turn_ = &x;
  const auto of_actor = waiting_.find(x.actor.value);
  if (of_actor == waiting_.end())
    return;
  const auto found = of_actor->second.find(x.cause);
  if (found == of_actor->second.end())
    return;
  const wait_fact wait{found->second.enqueued, moment_of(x)};
  of_actor->second.erase(found);
  auto& event = now();
  const bool is_within = event.begin && !event.next_asked
                         && wait.enqueued.record > event.begin.record;
  if (is_within && wait.ns() > event.longest_wait.ns())
    event.longest_wait = wait;
  const auto work = telemetry_of_work_.find(x.cause);
  if (work != telemetry_of_work_.end())
    if (auto* batch = telemetry(work->second))
      batch->is_work_handled = true;
}

void fact_reader::finish() {
  for (const auto& [actor, messages] : waiting_)
    for (const auto& [sequence, message] : messages) {
      auto& lost = now().lost_wait.enqueued;
      if (!lost || message.enqueued.record < lost.record)
        lost = message.enqueued;
    }
  for (auto& event : facts_.events)
    for (auto& batch : event.telemetry)
      batch.is_given_up =
          batch.work && !batch.result && batch.id < newest_result_;
}

trace_facts read_facts(const process_trace& from) {
  return fact_reader{from}.read();
}

} // namespace flushtrace
