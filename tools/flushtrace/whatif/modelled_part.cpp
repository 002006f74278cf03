// A life in a modelled world; see life.hpp.
#include "tools/flushtrace/units.hpp"
#include "tools/flushtrace/whatif/life.hpp"
#include "tools/flushtrace/whatif/record_fields.hpp"

#include <algorithm>
#include <utility>

#include "caf/make_message.hpp"

namespace flushtrace {

namespace {

using apm::trace::record_kind;

/// More than any life needs that comes to its end.
constexpr uint64_t turns_at_least = 100'000;
constexpr uint64_t turns_per_record = 4;

/// Turns may take somewhat longer than the last ones of a recording took.
constexpr int64_t behind_end_ns = 10 * ns_per_ms;

/// Of the ring, what must be left for one more turn.
constexpr uint64_t slots_for_a_turn = 2'048;

} // namespace

void life::begin_model() {
  now_ = std::max(readings_.time_ns(), script_.intervals().front().begin);
  cursor_.emplace(world_.image());
  note_turn();
  if (auto* next = open_.find_event())
    await_event(*next);
  schedule_interval();
  live_on();
  if (has_ended_) {
    apm::trace::note(&world_.recorder(), record_kind::process_end, exit_code_);
    world_.recorder().seal();
  }
}

void life::live_on() {
  while (!failure_ && !is_cut_) {
    take_turns();
    if (is_over(open_.next()) || is_cut_)
      return;
    const auto next = next_arrival();
    now_ = std::max(now_, next.at_ns);
    enter(next);
    now_ += static_cast<int64_t>(static_cast<double>(costs_.wake_ns())
                                 / how_.cpu_share);
  }
}

/// Nothing can come any more, or only what lies behind the recording's end.
bool life::is_over(const std::optional<arrival>& next) {
  if (!next || has_ended_)
    return true;
  // A recorded process that waited for the next event when its trace ended was
  // left to do what it had to: so is one that has not come to this yet.
  const auto* last = script_.intervals().back().next;
  if (last != nullptr && !last->has_answer() && open_.find_event() == nullptr)
    return false;
  if (open_.has_items() || open_.is_event_due() || run_.is_ended)
    return false;
  return next->at_ns > run_.all()[run_.records - 1].time_ns + course_.later_ns()
                           + behind_end_ns;
}

/// As the loop does: until nobody has anything to do.
void life::take_turns() {
  while (!world_.jobs().empty() && !is_cut_) {
    now_ = open_.after_stall(now_);
    world_.run(size_t{0});
    note_turn();
    if (guide_ != nullptr)
      guide_->after_turn(world_.coordinator());
    const auto slots = world_.recorder().ring().next_sequence();
    is_cut_ = ++turns_ > turns_at_least + turns_per_record * run_.records
              || slots + slots_for_a_turn > setup_.slots;
  }
}

/// What was recorded of it, and how long it has taken.
void life::note_turn() {
  bool has_turn = false;
  while (const auto* x = cursor_->next()) {
    if (is_kind(*x, record_kind::enqueued)) {
      apm::trace::byte_reader in{x->payload};
      waiting_[x->sequence] = static_cast<uint32_t>(in.u());
      continue;
    }
    const bool is_begin = is_kind(*x, record_kind::born);
    if (!is_begin && !is_kind(*x, record_kind::handled))
      continue;
    const auto node = waiting_.extract(x->cause);
    if (std::exchange(has_turn, true) || !is_taking_turns_)
      continue; // of the one that was taken
    const auto cost = costs_.of(role_name(x->actor),
                                is_begin || !node ? std::string_view{}
                                                  : type_name(node.mapped()));
    now_ += static_cast<int64_t>(static_cast<double>(cost) / how_.cpu_share);
  }
  is_taking_turns_ = true;
}

std::string_view life::role_name(apm::trace::actor_reference x) const {
  const auto role = x.role();
  return role == 0 || role > setup_.roles.size() ? std::string_view{}
                                                 : setup_.roles[role - 1].first;
}

std::string_view life::type_name(uint32_t number) {
  const auto known = types_.find(number);
  if (known != types_.end())
    return known->second;
  // Of the first slot alone: it is the dictionary that is wanted.
  if (auto found = apm::trace::read_ring(world_.image(), {1, 2}))
    for (const auto& x : found.value().dictionary)
      if (x.kind == apm::trace::entry_kind::message_type)
        types_[x.id] = x.text.substr(0, x.text.find(' '));
  return types_[number];
}

// -- what comes from the world ------------------------------------------------

void life::enter(const arrival& x) {
  switch (x.kind) {
  case arrival_kind::answer:
    if (auto taken = open_.take_request(x.who))
      enter_answer(*taken, x.who.second, x.at_ns);
    return;
  case arrival_kind::item:
    open_.take_item(x.which);
    return enter_item(x.which);
  case arrival_kind::promise: {
    auto promise = open_.take_promise(x.which);
    return put(promise.to, std::move(promise.content));
  }
  case arrival_kind::alarm:
    if (auto taken = open_.take_alarm(x.who))
      put(taken->to, caf::make_message(apm::timer_fired{x.who.second}));
    return;
  }
}

void life::put(const caf::strong_actor_ptr& to, caf::message content) {
  if (to)
    to->enqueue(nullptr, caf::make_message_id(), std::move(content), nullptr);
  else
    world_.tell_coordinator(std::move(content));
}

void life::enter_item(size_t item) {
  const auto& x = script_.items()[item];
  const auto& recorded = run_.all()[x.index];
  auto message = message_of(x);
  if (!message)
    return fail(recorded, message.error().detail);
  if (message.value().empty())
    return;
  if (message.value().match_elements<apm::telemetry_batch>())
    deliveries_[message.value().get_as<apm::telemetry_batch>(0).id] = item;
  if (message.value().match_elements<apm::stop_requested>())
    world_.tell_poller(std::move(message.value()));
  else
    world_.tell_coordinator(std::move(message.value()));
}

apm::result<caf::message> life::message_of(const script_item& x) {
  return inputs_.make(run_.all()[x.index], [this](int64_t wall_us) {
    return course_.later_us(wall_us);
  });
}

void life::enter_answer(const open_request& x, uint64_t id, int64_t at_ns) {
  const auto said = std::exchange(answer_, {}); // by a guide
  auto answer = said ? answer_of(*said, id) : answers_.to(x, id, at_ns, now_);
  if (!answer) {
    failure_ = answer.error();
    return;
  }
  answers_.note(world_.recorder(), answer.value(), x, now_);
  if (x.kind == request_kind::next_event)
    course_.begin_next(now_);
  put(x.from, caf::make_message(std::move(answer.value())));
  if (x.kind != request_kind::next_event)
    return;
  schedule_interval();
  if (how_.has_recorded_server())
    open_.answer_over_freeze(course_.interval(), course_.begin(),
                             script_.intervals());
}

/// All that is still to come of the one that has begun.
void life::schedule_interval() {
  stand_still();
  const auto& items = script_.items();
  auto i = std::lower_bound(items.begin(), items.end(), course_.interval(),
                            [](const script_item& x, size_t interval) {
                              return x.interval < interval;
                            });
  for (; i != items.end() && i->interval == course_.interval(); ++i)
    if (i->index >= matcher_.at() && !script_.is_dropped(*i))
      open_.schedule(course_.begin() + script_.offset_of(*i),
                     static_cast<size_t>(i - items.begin()),
                     static_cast<uint8_t>(i->kind));
}

/// As long, and as long after the begin, as it did; less of the CPU makes it
/// longer.
void life::stand_still() {
  const auto& intervals = script_.intervals();
  const auto begin = course_.recorded().begin;
  const auto next = course_.interval() + 1;
  const auto end = next < intervals.size() ? intervals[next].begin : INT64_MAX;
  std::vector<stall> now;
  for (const auto& x : stalls_)
    if (x.begin >= begin && x.begin < end) {
      const auto at = x.begin + course_.later_ns();
      const auto length = static_cast<double>(x.end - x.begin);
      now.push_back({at, at + static_cast<int64_t>(length / how_.cpu_share)});
    }
  open_.stand_still(std::move(now));
}

} // namespace flushtrace
