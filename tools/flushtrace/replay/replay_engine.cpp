// Driving the world through a recorded run; see replay_engine.hpp.
#include "tools/flushtrace/replay/replay_engine.hpp"

#include "tools/flushtrace/replay/record_matcher.hpp"
#include "tools/flushtrace/replay/recorded_inputs.hpp"
#include "tools/flushtrace/replay/recorded_readings.hpp"
#include "tools/flushtrace/replay/replay_world.hpp"

#include <algorithm>
#include <unordered_map>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

/// Ancestors that are told.
constexpr size_t ancestors_max = 64;

bool is_turn(const record& x) noexcept {
  return is_kind(x, record_kind::handled) || is_kind(x, record_kind::born);
}

class engine final : private world_driver {
public:
  engine(const recorded_run& run, const replay_settings& settings)
      : run_(run),
        settings_(settings),
        readings_(run),
        inputs_(run),
        world_(host_, run.setup, *this),
        matcher_(run, settings.how, world_.image()) {}

  replay_outcome run() {
    while (!outcome_.first && outcome_.stopped_at == nullptr
           && matcher_.at() < run_.records)
      take(current());
    outcome_.records = matcher_.at();
    if (outcome_.first && settings_.goes_on)
      go_on();
    if (settings_.keeps_trace)
      outcome_.image = std::string{world_.image()};
    return std::move(outcome_);
  }

private:
  // -- the world's questions --

  apm::steady_time now() const noexcept override {
    return apm::steady_time{std::chrono::nanoseconds{readings_.time_ns()}};
  }

  apm::wall_ms wall() noexcept override {
    return readings_.wall(world_.recorder().turn());
  }

  uint64_t draw() noexcept override { return readings_.draw(); }

  apm::trace::clock_readings anchor() noexcept override {
    return readings_.anchor();
  }

  void on_message(caf::mailbox_element& x) override {
    inputs_.fit(x, turn_at_);
  }

  void on_port_turn(const port_turn&) override {
    if (is_settling_)
      return; // the world was not asked that
    // What it has sent then stands behind its turn.
    const auto turn = run_.all()[turn_at_].sequence;
    for (size_t i = turn_at_ + 1; i < run_.records; ++i) {
      const auto& x = run_.all()[i];
      if (x.cause != turn || !is_kind(x, record_kind::enqueued))
        return;
      if (!deliver(x))
        return;
    }
  }

  // -- the course of it --

  const record& current() const { return run_.all()[matcher_.at()]; }

  void take(const record& x) {
    readings_.begin_turn(matcher_.at(), x.time_ns);
    if (is_kind(x, record_kind::enqueued) && x.cause == 0) {
      if (deliver(x))
        match(true);
    } else if (is_turn(x)) {
      turn_at_ = matcher_.at();
      if (!world_.run(x.actor))
        return diverge(divergence_kind::no_turn, &x, nullptr,
                       run_.of->content.name_of(x.actor)
                           + " has nothing to do");
      match(false);
    } else if (x.cause == 0) {
      record_own(x);
      match(true);
    } else {
      diverge(divergence_kind::missing, &x, nullptr, {});
    }
  }

  /// What the world has said of itself.
  void record_own(const record& x) {
    world_.recorder().know(static_cast<record_kind>(x.kind));
    world_.recorder().record(static_cast<record_kind>(x.kind), x.actor, 0,
                             x.payload);
  }

  bool deliver(const record& x) {
    auto message = inputs_.make(x);
    if (!message)
      return refuse(x, message.error().detail);
    if (!world_.deliver(x.actor, std::move(message.value())))
      return refuse(x, run_.of->content.name_of(x.actor) + " is not there");
    return true;
  }

  /// Behind the first difference.
  void go_on() {
    const auto last_turns = find_last_turns();
    size_t busy_until = 0;
    size_t at = 0;
    for (; at < matcher_.at(); ++at)
      busy_until = std::max(busy_until, last_turns[at]);
    for (; at < run_.records; ++at) {
      const auto& x = run_.all()[at];
      if (x.cause == 0 && !is_turn(x) && busy_until < at)
        settle();
      busy_until = std::max(busy_until, last_turns[at]);
      readings_.begin_turn(at, x.time_ns);
      if (is_kind(x, record_kind::enqueued) && x.cause == 0) {
        deliver(x);
      } else if (is_turn(x)) {
        turn_at_ = at;
        world_.run(x.actor);
      } else if (x.cause == 0) {
        record_own(x);
      }
    }
    settle();
  }

  /// Of each record: the last turn that it has led to at once.
  std::vector<size_t> find_last_turns() const {
    std::vector<size_t> found(run_.records);
    std::unordered_map<uint64_t, size_t> places;
    for (size_t i = 0; i < run_.records; ++i) {
      const auto& x = run_.all()[i];
      places[x.sequence] = i;
      const auto cause = is_turn(x) ? places.find(x.cause) : places.end();
      if (cause != places.end())
        found[cause->second] = i;
    }
    return found;
  }

  /// Lets those have their turns who had none in the recording, where nobody
  /// had anything left to do in there.
  void settle() {
    is_settling_ = true;
    for (; !world_.jobs().empty() && extra_turns_ < run_.records;
         ++extra_turns_)
      world_.run(size_t{0});
    is_settling_ = false;
  }

  bool refuse(const record& x, const std::string& why) {
    if (!outcome_.first)
      diverge(divergence_kind::unreadable, &x, nullptr,
              "the message of record " + std::to_string(x.sequence)
                  + " cannot be had again: " + why);
    return false;
  }

  /// What has just been recorded is compared with what was.
  void match(bool is_input) {
    for (;;) {
      const auto found = matcher_.next(is_input);
      if (outcome_.first || found == matched::none)
        return;
      if (found == matched::beyond) {
        // Of what was cut off, or killed in its midst, nothing is known.
        if (run_.is_ended)
          diverge(divergence_kind::unexpected, nullptr, &matcher_.got(), {});
        return;
      }
      const auto& want = matcher_.want();
      if (found == matched::different)
        return diverge(is_effect_of_turn(want) ? divergence_kind::different
                                               : divergence_kind::unexpected,
                       &want, &matcher_.got(), {});
      count(want);
    }
  }

  /// Whether a record can be one of the turn that was just taken.
  bool is_effect_of_turn(const record& x) const {
    return x.cause != 0 && x.time_ns == readings_.time_ns();
  }

  void count(const record& x) {
    const bool is_last = x.sequence >= settings_.until
                         || (settings_.breaks_at && settings_.breaks_at(x));
    if (is_last && outcome_.stopped_at == nullptr)
      outcome_.stopped_at = &x;
    outcome_.messages += is_kind(x, record_kind::handled) ? 1 : 0;
    outcome_.events += is_kind(x, record_kind::event_begin) ? 1 : 0;
  }

  void diverge(divergence_kind kind, const record* want, const record* got,
               std::string why) {
    divergence x;
    x.kind = kind;
    x.expected = want;
    x.why = std::move(why);
    x.is_input_missing = readings_.lacks_any();
    if (got != nullptr) {
      x.got = matcher_.describe_got();
      if (want != nullptr)
        x.fields = matcher_.differences();
    }
    x.ancestors = ancestors_of(want != nullptr ? want->cause : 0);
    outcome_.first = std::move(x);
  }

  std::vector<uint64_t> ancestors_of(uint64_t cause) const {
    std::vector<uint64_t> found;
    while (cause != 0 && found.size() < ancestors_max) {
      const auto* at = find_record(run_.all(), cause);
      if (at == nullptr)
        break;
      found.push_back(cause);
      cause = at->cause < cause ? at->cause : 0;
    }
    return found;
  }

  const recorded_run& run_;
  const replay_settings& settings_;
  recorded_readings readings_;
  recorded_inputs inputs_;
  replay_outcome outcome_;
  size_t turn_at_ = 0;       ///< of the turn under way
  size_t extra_turns_ = 0;   ///< that were not recorded
  bool is_settling_ = false; ///< such a turn is under way
  world_host host_;
  replay_world world_;
  record_matcher matcher_;
};

} // namespace

replay_outcome replay(const recorded_run& run,
                      const replay_settings& settings) {
  return engine{run, settings}.run();
}

} // namespace flushtrace
