// A life along its recording; see life.hpp.
#include "tools/flushtrace/whatif/life.hpp"
#include "tools/flushtrace/whatif/record_fields.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

/// Fields that say what will be, and change nothing until then: a timer that is
/// taken back before either time is the same timer.
constexpr struct {
  std::string_view owner; ///< a message, or a kind of record
  std::string_view field;
} harmless[] = {
    {"timer_set", "due"},
    {"http_request", "timeout_ms"},
    {"flush_begin", "budget"},
    {"buffer", "bytes_max"},
};

std::string at_record(const record& x) {
  return "at record " + std::to_string(x.sequence);
}

} // namespace

void life::follow() {
  while (!is_modelled_ && !failure_ && matcher_.at() < run_.records) {
    const auto& x = run_.all()[matcher_.at()];
    if (!differs_before(x))
      take(x);
  }
}

/// Whether the changed world goes another way before this record. If so it is
/// left.
bool life::differs_before(const record& x) {
  const auto at = std::min(script_differs_at_, open_.differs_at());
  if (x.sequence >= how_.modelled_from || how_.cpu_share != 1) {
    leave_recording("all is modelled");
  } else if (at <= x.time_ns) {
    leave_recording(at == script_differs_at_
                        ? "something comes at another time"
                        : "an answer or a timer comes at another time");
  } else if (is_kind(x, record_kind::enqueued) && x.cause == 0
             && inputs_.is_altered(x)) {
    leave_recording("a signal does not come");
  }
  if (is_modelled_)
    first_change_ += ' ' + at_record(x);
  return is_modelled_;
}

void life::leave_recording(std::string why) {
  first_change_ = std::move(why);
  is_modelled_ = true;
}

void life::take(const record& x) {
  readings_.begin_turn(matcher_.at(), x.time_ns);
  if (is_kind(x, record_kind::enqueued) && x.cause == 0) {
    note_delivered(x);
    if (deliver(x))
      match(true);
  } else if (is_kind(x, record_kind::handled)
             || is_kind(x, record_kind::born)) {
    turn_at_ = matcher_.at();
    if (!world_.run(x.actor))
      return leave_recording(run_.of->content.name_of(x.actor)
                             + " has nothing to do " + at_record(x));
    match(false);
  } else if (x.cause == 0) {
    world_.recorder().know(static_cast<record_kind>(x.kind));
    world_.recorder().record(static_cast<record_kind>(x.kind), x.actor, 0,
                             x.payload);
    match(true);
  } else {
    leave_recording("something is not done " + at_record(x));
  }
}

/// What was open and is not any more.
void life::note_delivered(const record& x) {
  if (const auto* asked = exchanges_.of_answer(matcher_.at())) {
    open_.forget_recorded(*asked);
    if (asked->kind == request_kind::next_event)
      course_.begin_next(x.time_ns);
  } else if (book_.type_of(x) == "timer_fired") {
    open_.disarm({x.actor.value, field_at(book_.read(x), 0).number});
  }
}

bool life::deliver(const record& x) {
  auto message = recorded_.make(x);
  if (!message)
    fail(x, message.error().detail);
  else if (!world_.deliver(x.actor, std::move(message.value())))
    fail(x, run_.of->content.name_of(x.actor) + " is not there");
  return !failure_;
}

void life::fail(const record& x, const std::string& why) {
  failure_ = apm::error{apm::errc::bad_shape,
                        "the message of record " + std::to_string(x.sequence)
                            + " cannot be had again: " + why};
}

void life::match(bool is_input) {
  for (;;) {
    switch (matcher_.next(is_input)) {
    case matched::none:
      return;
    case matched::same:
      break;
    case matched::beyond:
      if (run_.is_ended)
        leave_recording("something is done behind the last record");
      return;
    case matched::different:
      if (!is_harmless())
        return;
      matcher_.accept();
      break;
    }
  }
}

/// Otherwise it is the first decision that differs.
bool life::is_harmless() {
  const auto& want = matcher_.want();
  const auto content = book_.read(want);
  const auto owner = content.type.empty() ? content.kind : content.type;
  const auto fields = matcher_.differences();
  const auto is_known = [&](const field_difference& x) {
    return std::any_of(std::begin(harmless), std::end(harmless),
                       [&](const auto& each) {
                         return each.owner == owner && each.field == x.field;
                       });
  };
  if (!fields.empty() && std::all_of(fields.begin(), fields.end(), is_known))
    return true;
  std::string what =
      std::string{owner} + " of " + run_.of->content.name_of(want.actor);
  const bool is_another =
      !fields.empty()
      && (fields.front().field == "kind" || fields.front().field == "message");
  if (is_another)
    what = fields.front().got + " in place of " + what;
  else if (!fields.empty())
    what = fields.front().field + " of " + what + " is " + fields.front().got
           + ", and was " + fields.front().expected;
  else
    what += " differs";
  leave_recording(what + ' ' + at_record(want));
  return false;
}

/// What the port has sent in its turn stands behind that.
void life::give_recorded(const port_turn&) {
  const auto turn = run_.all()[turn_at_].sequence;
  for (size_t i = turn_at_ + 1; i < run_.records; ++i) {
    const auto& x = run_.all()[i];
    if (x.cause != turn || !is_kind(x, record_kind::enqueued))
      return;
    auto message = recorded_.make(x);
    if (message) {
      const auto& content = message.value();
      if (content.match_elements<apm::spill_stored>())
        folder_.learn(content.get_as<apm::spill_stored>(0));
      else if (content.match_elements<apm::spill_found>())
        folder_.learn(content.get_as<apm::spill_found>(0));
    }
    if (!deliver(x))
      return;
  }
}

} // namespace flushtrace
