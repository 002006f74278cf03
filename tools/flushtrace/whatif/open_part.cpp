// What a life has open with the world, along the recording and in the model;
// see life.hpp.
#include "tools/flushtrace/units.hpp"
#include "tools/flushtrace/whatif/life.hpp"
#include "tools/flushtrace/whatif/record_fields.hpp"

#include <algorithm>

#include "caf/local_actor.hpp"

namespace flushtrace {

namespace {

using apm::trace::record_kind;

/// Of a draw that the recording does not have: the middle.
constexpr uint64_t middle_draw = 500;

uint32_t reference_of(const caf::strong_actor_ptr& x) {
  auto* traced = dynamic_cast<apm::traced_actor*>(x->get());
  return traced == nullptr ? 0 : traced->reference().value;
}

std::string_view role_of(const caf::strong_actor_ptr& x) {
  const auto* local = dynamic_cast<const caf::local_actor*>(x->get());
  return local == nullptr ? std::string_view{} : local->name();
}

int64_t ns_of(apm::steady_time x) {
  return std::chrono::nanoseconds{x.time_since_epoch()}.count();
}

} // namespace

life_source::life_source(const process_trace& of, recorded_run prepared)
    : run(std::move(prepared)),
      facts(read_facts(of)),
      exchanges(run),
      costs(run),
      stalls(find_stalls(run, exchanges)) {
  for (size_t i = 0; i < run.records; ++i)
    if (is_kind(run.all()[i], record_kind::random_draw))
      draws.push_back(apm::trace::byte_reader{run.all()[i].payload}.u());
}

life::life(const life_source& from, world_host& host, const alteration& how,
           const world_setup& setup, model_guide* guide)
    : run_(from.run),
      how_(how),
      setup_(setup),
      guide_(guide),
      exchanges_(from.exchanges),
      script_(run_, exchanges_, from.facts, how),
      server_(exchanges_, script_, how),
      costs_(from.costs),
      stalls_(from.stalls),
      readings_(run_),
      recorded_(run_),
      inputs_(recorded_, run_, how, setup.config),
      answers_(run_, inputs_),
      book_(run_.of->content),
      draws_(from.draws),
      script_differs_at_(script_.first_difference()),
      course_(script_),
      world_(host, setup_, *this),
      matcher_(run_, strictness::exact, world_.image()) {
  learn_left_files();
}

/// Of earlier processes, and how much room there was.
void life::learn_left_files() {
  bool is_room_known = false;
  for (size_t i = 0; i < run_.records; ++i) {
    if (book_.type_of(run_.all()[i]) != "spill_found")
      continue;
    auto message = recorded_.make(run_.all()[i]);
    if (!message)
      continue;
    const auto& found = message.value().get_as<apm::spill_found>(0);
    if (!is_room_known)
      folder_.set_room(found.room_bytes);
    is_room_known = true;
    folder_.leave(found);
  }
}

apm::result<void> life::live() {
  follow();
  if (is_modelled_ && !failure_)
    begin_model();
  if (failure_)
    return *failure_;
  return boost::outcome_v2::success();
}

uint64_t life::exact_until() const {
  return matcher_.at() == 0 ? 0 : run_.all()[matcher_.at() - 1].sequence;
}

// -- the world's questions ----------------------------------------------------

apm::steady_time life::now() const noexcept {
  return apm::steady_time{
      std::chrono::nanoseconds{is_modelled_ ? now_ : readings_.time_ns()}};
}

apm::wall_ms life::wall() noexcept {
  if (!is_modelled_)
    return readings_.wall(world_.recorder().turn());
  return (now_ + course_.recorded().wall_offset) / ns_per_ms;
}

uint64_t life::draw() noexcept {
  if (!is_modelled_) {
    ++next_draw_;
    return readings_.draw();
  }
  return next_draw_ < draws_.size() ? draws_[next_draw_++] : middle_draw;
}

apm::trace::clock_readings life::anchor() noexcept {
  if (!is_modelled_)
    return readings_.anchor();
  const auto& anchors = run_.of->anchors;
  const auto& like =
      anchors[std::min(course_.interval() + 1, anchors.size() - 1)];
  // As unsigned ones: a damaged trace may have any.
  const auto boot = static_cast<uint64_t>(now_)
                    + static_cast<uint64_t>(like.boot)
                    - static_cast<uint64_t>(like.monotonic);
  return {now_, now_ + course_.recorded().wall_offset,
          static_cast<int64_t>(boot)};
}

void life::on_message(caf::mailbox_element& x) {
  if (is_modelled_)
    recorded_.fit(x);
  else
    recorded_.fit(x, turn_at_);
}

void life::on_port_turn(const port_turn& x) {
  track(x);
  if (is_modelled_)
    answer_port(x);
  else
    give_recorded(x);
}

// -- what is open -------------------------------------------------------------

void life::track(const port_turn& x) {
  if (!x.from)
    return; // a port has asked another one, and was recorded
  if (const auto* const* asked =
          std::get_if<const apm::http_request*>(&x.message))
    ask(**asked, x.from);
  else if (const auto* const* cancel =
               std::get_if<const apm::http_cancel*>(&x.message))
    open_.forget_request({reference_of(x.from), (*cancel)->id});
  else if (const auto* const* set =
               std::get_if<const apm::timer_set*>(&x.message))
    arm(**set, x.from);
  else if (const auto* const* unset =
               std::get_if<const apm::timer_cancel*>(&x.message))
    open_.disarm({reference_of(x.from), (*unset)->id});
  else if (const auto* const* ended =
               std::get_if<const apm::lifecycle_ended*>(&x.message)) {
    has_ended_ = true;
    exit_code_ = (*ended)->exit_code;
  } else if (const auto* const* stored =
                 std::get_if<const apm::spill_store*>(&x.message);
             stored != nullptr && !is_modelled_) {
    folder_.store(**stored);
  }
}

void life::ask(const apm::http_request& x, const caf::strong_actor_ptr& from) {
  open_request made;
  made.from = from;
  made.kind = kind_of(role_of(from), x.url);
  made.begin = ns_of(now());
  made.timeout_ms = x.timeout_ms;
  if (const auto* recorded = recorded_message())
    made.recorded = exchanges_.of_request(recorded->sequence);
  const auto order = orders_[{made.kind, course_.interval()}]++;
  if (made.kind == request_kind::next_event) {
    made.recorded =
        exchanges_.nth(request_kind::next_event, course_.interval());
    if (is_modelled_)
      await_event(made);
  } else {
    plan(made, order);
  }
  open_.ask({reference_of(from), x.id}, std::move(made));
}

/// Along the recording: of what the port is sent in the turn under way.
const record* life::recorded_message() const {
  if (is_modelled_)
    return nullptr;
  return find_record(run_.all(), run_.all()[turn_at_].cause);
}

/// What it will get, and when; and when that first differs from the recording.
void life::plan(open_request& x, size_t order) {
  const auto* recorded = x.recorded;
  const bool is_same = recorded != nullptr
                       && recorded->timeout_ms == x.timeout_ms
                       && how_.has_recorded_server();
  if (is_same && recorded->has_answer()) {
    x.answer.like = recorded;
    x.due = recorded->end_ns;
    return;
  }
  x.answer = recorded != nullptr
                 ? server_.plan(*recorded)
                 : server_.plan(x.kind, course_.interval(), order);
  const auto timeout = x.timeout_ms == 0 ? never : x.timeout_ms * ns_per_ms;
  x.is_timed_out = x.answer.latency_ns >= timeout;
  const auto after = std::min(x.answer.latency_ns, timeout);
  x.due = after == never ? never : x.begin + after;
  if (recorded == nullptr || is_same)
    return;
  const auto was_due = recorded->has_answer() ? recorded->end_ns : never;
  const bool is_answer_same =
      x.due == was_due && x.answer.like == recorded && !x.is_timed_out;
  if (!is_answer_same)
    x.differs_at = std::min(x.due, was_due);
}

void life::await_event(open_request& x) {
  x.recorded =
      exchanges_.nth(request_kind::next_event, course_.following() - 1);
  const bool is_known = x.recorded != nullptr && x.recorded->has_answer();
  if (!is_known)
    return; // nothing more was recorded
  const auto pause =
      script_.pause_after(course_.interval(), course_.begin(), x.begin);
  x.answer.like = x.recorded;
  x.due = std::max(pause.end, x.begin);
  open_.freeze(pause);
}

void life::arm(const apm::timer_set& x, const caf::strong_actor_ptr& from) {
  armed_alarm made;
  made.to = from;
  made.due = ns_of(x.due);
  made.is_signal = role_of(from) == "timer";
  if (const auto* recorded = recorded_message()) {
    const auto was_due = field_at(book_.read(*recorded), 1).signed_number;
    if (was_due != made.due)
      made.differs_at = std::min(was_due, made.due);
  }
  if (made.is_signal && !how_.signals.deadline) {
    made.differs_at = is_modelled_ ? never : made.due;
    made.due = never;
  }
  open_.arm({reference_of(from), x.id}, std::move(made));
}

} // namespace flushtrace
