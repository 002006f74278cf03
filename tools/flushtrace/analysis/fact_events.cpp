// Where an event begins, what of it is missing, and where the clocks stood.
#include "runtime/trace/ring_layout.hpp"
#include "tools/flushtrace/analysis/fact_reader.hpp"

#include <algorithm>
#include <functional>

namespace flushtrace {

namespace {

using apm::trace::schema_book;

/// The wall clock may be slewed; a step is what moves a deadline.
constexpr int64_t clock_step_ns_min = 5'000'000;

int64_t difference(int64_t x, int64_t y) noexcept {
  return static_cast<int64_t>(static_cast<uint64_t>(x)
                              - static_cast<uint64_t>(y));
}

} // namespace

void fact_reader::take_anchor(const content& in, const moment& at) {
  const field_reader fields{in};
  if (!in.is_whole)
    return;
  const auto offset =
      difference(fields.at(1).signed_number, fields.at(0).signed_number);
  if (anchor_) {
    // A machine that sleeps stops the monotonic clock, but not the boot clock.
    const auto step = difference(offset, anchor_offset_ns_);
    if (step > clock_step_ns_min || step < -clock_step_ns_min)
      facts_.clock_steps.push_back({at, bounded(step), anchor_.record});
  }
  anchor_ = at;
  anchor_offset_ns_ = offset;
}

void fact_reader::begin_event(const content& in, const record& x) {
  const auto number = schema_book::number(in, "event");
  const bool is_new = now().begin || now().event != number;
  const auto before = current_;
  if (is_new)
    add_event(number);
  auto& event = now();
  take_over_drops(facts_.events[before], event);
  event.begin = moment_of(x);
  event.last = event.begin;
  const auto kind = schema_book::number(in, "kind");
  event.kind =
      kind <= 2 ? static_cast<apm::event_kind>(kind) : apm::event_kind::invoke;
  if (const auto* id = schema_book::find(in, "request_id"))
    event.request_id = id->text;
  if (const auto* deadline = schema_book::find(in, "deadline"))
    event.deadline_ns = bounded(deadline->signed_number);
  if (!event.request_id.empty())
    by_request_[std::hash<std::string>{}(event.request_id)] = current_;
  take_early_words(event);
  if (pending_event_.event == number) {
    event.reason = pending_event_.reason;
    event.received_wall_ms = pending_event_.received_wall_ms;
    event.deadline_wall_ms = pending_event_.deadline_wall_ms;
  }
}

/// What was dropped behind an event's books is in those of the next.
void fact_reader::take_over_drops(event_facts& from, event_facts& to) {
  const bool is_before_first = !from.begin && from.event == 0;
  if (&from == &to || !(from.is_over() || is_before_first))
    return;
  const auto first = std::find_if(
      from.drops.begin(), from.drops.end(), [&](const drop_fact& x) {
        return is_before_first || from.is_after_end(x.at);
      });
  to.drops.assign(first, from.drops.end());
  from.drops.erase(first, from.drops.end());
}

/// Segments of single events leave out what lies between them: that is no
/// hole. Within an event it is.
void fact_reader::look_for_hole(const record& x) {
  const auto expected = expected_;
  expected_ = x.sequence + apm::trace::slots_for(x.payload.size());
  if (x.sequence <= expected)
    return;
  last_turn_ = nullptr;
  waiting_.clear(); // nobody knows what was handled in it
  if (now().is_over())
    add_event(0); // of which event, its notes will tell
  now().holes.push_back({expected, x.sequence - expected});
}

void fact_reader::add_event(uint64_t event) {
  current_ = facts_.events.size();
  facts_.events.emplace_back();
  now().event = event;
  if (event != 0)
    by_number_[event] = current_;
}

event_facts& fact_reader::named(uint64_t event) {
  if (now().event == event)
    return now();
  if (!now().begin && now().event == 0 && !now().holes.empty()) {
    now().event = event; // a hole has swallowed its begin
    by_number_[event] = current_;
    return now();
  }
  const auto known = by_number_.find(event);
  if (known != by_number_.end())
    return facts_.events[known->second];
  // Its begin is not in the trace.
  add_event(event);
  return now();
}

} // namespace flushtrace
