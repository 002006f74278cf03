// Leaving out events; see shrinker.hpp.
#include "tools/flushtrace/explore/shrinker.hpp"

#include "tools/flushtrace/explore/scripts.hpp"
#include "tools/flushtrace/explore/told_life.hpp"
#include "tools/flushtrace/replay/replay_world.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>

namespace flushtrace {

namespace {

using steps_list = std::vector<action>;

/// Some seconds at most: what is told last is no shorter for more.
constexpr uint64_t lives_max = 30'000;

/// A violation without its numbers: which promise it is.
std::string promise_of(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(),
                            [](char c) { return c >= '0' && c <= '9'; }),
             text.end());
  return text;
}

bool is_fault(const action& x) noexcept {
  return x.kind == action_kind::answer && x.how != answer_kind::accepted;
}

uint32_t count_faults(const steps_list& of) {
  return static_cast<uint32_t>(std::count_if(of.begin(), of.end(), is_fault));
}

/// What there was without an invocation: those after it move up.
steps_list without_invocation(const steps_list& from, uint32_t number) {
  steps_list kept;
  for (auto x : from) {
    uint32_t steps = 0;
    if (x.kind == action_kind::lambda)
      steps = 1;
    else if (x.kind == action_kind::agent)
      steps = agent_steps;
    else if (x.kind == action_kind::platform)
      steps = platform_steps;
    // INVOKE counts from 1, the others' steps from 0; SHUTDOWN is 0.
    const uint32_t first =
        x.kind == action_kind::lambda ? number : (number - 1) * steps;
    if (steps != 0 && x.which >= first + steps)
      x.which = static_cast<uint8_t>(x.which - steps);
    else if (steps != 0 && x.which >= first)
      continue;
    kept.push_back(x);
  }
  return kept;
}

class shrinker {
public:
  shrinker(scenario of, std::string promise)
      : of_(of), promise_(std::move(promise)) {}

  exploration run(const steps_list& taken) {
    const auto begin = std::chrono::steady_clock::now();
    if (!begin_with(taken))
      return {};
    leave_out_invocations();
    while (leave_out_one() || leave_out_two() || make_simpler())
      ;
    settle_scenario();
    auto found = retell(of_, best_);
    found.schedules = lives_;
    found.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
            .count();
    return found;
  }

private:
  /// In the loop's order where that does, with all that may be left out.
  bool begin_with(const steps_list& taken) {
    steps_list events;
    std::copy_if(taken.begin(), taken.end(), std::back_inserter(events),
                 [](const action& x) { return x.kind != action_kind::turn; });
    auto wanted = of_;
    wanted.order = order_kind::loop;
    for (const bool leaves_out : {true, false}) {
      wanted.may_leave_out = leaves_out;
      if (is_kept(wanted, events))
        return true;
    }
    return is_kept(of_, taken);
  }

  void leave_out_invocations() {
    for (auto number = of_.invocations; number > 0; --number) {
      auto fewer = of_;
      fewer.invocations = of_.invocations - 1;
      if (fewer.invocations > 0)
        is_kept(fewer, without_invocation(best_, number));
    }
  }

  bool leave_out_one() {
    return each_index([this](size_t i) {
      auto fewer = best_;
      fewer.erase(fewer.begin() + static_cast<long>(i));
      return is_better(of_, fewer);
    });
  }

  /// What goes only together: a request and its answer, a fault and what
  /// follows it.
  bool leave_out_two() {
    const auto is_turn = [this](size_t i) {
      return best_[i].kind == action_kind::turn;
    };
    return each_index([&](size_t i) {
      for (size_t k = 0; k < i; ++k) {
        if (is_turn(i) || is_turn(k))
          continue; // of these there are too many
        auto fewer = best_;
        fewer.erase(fewer.begin() + static_cast<long>(i));
        fewer.erase(fewer.begin() + static_cast<long>(k));
        if (is_better(of_, fewer))
          return true;
      }
      return false;
    });
  }

  /// Faults become answers, or more usual faults.
  bool make_simpler() {
    return each_index([this](size_t i) {
      if (!is_fault(best_[i]))
        return false;
      for (uint8_t how = 0; how < static_cast<uint8_t>(best_[i].how); ++how) {
        auto simpler = best_;
        simpler[i].how = static_cast<answer_kind>(how);
        if (is_better(of_, simpler))
          return true;
      }
      return false;
    });
  }

  /// From the last one on; @returns whether any of them was a success
  template <class Try>
  bool each_index(Try with) {
    bool is_any = false;
    for (size_t i = best_.size(); i-- > 0;)
      if (with(i)) {
        is_any = true;
        i = std::min(i, best_.size());
      }
    return is_any;
  }

  /// No more freedom than is made use of.
  void settle_scenario() {
    auto least = of_;
    least.faults = count_faults(best_);
    is_kept(least, best_);
    least = of_;
    least.may_leave_out = false;
    const auto events = count_events(best_);
    if (attempt x{least, {}}; live(x, best_) && count_events(x.taken) <= events)
      keep(std::move(x));
  }

  struct attempt {
    scenario of;
    steps_list taken;
  };

  /// @returns whether the same promise is broken
  bool live(attempt& x, const steps_list& wanted) {
    if (lives_ >= lives_max)
      return false;
    ++lives_;
    told_life life{host_, x.of};
    for (const auto& each : wanted)
      life.take(each);
    const bool is_broken = promise_of(life.finish()) == promise_;
    x.taken = life.taken();
    return is_broken;
  }

  void keep(attempt x) {
    of_ = x.of;
    best_ = std::move(x.taken);
  }

  bool is_kept(const scenario& of, const steps_list& wanted) {
    attempt x{of, {}};
    if (!live(x, wanted))
      return false;
    keep(std::move(x));
    return true;
  }

  bool is_better(const scenario& of, const steps_list& wanted) {
    attempt x{of, {}};
    if (!live(x, wanted) || !(cost_of(x.taken) < cost_of(best_)))
      return false;
    keep(std::move(x));
    return true;
  }

  static std::tuple<size_t, uint32_t, size_t, unsigned>
  cost_of(const steps_list& x) {
    unsigned oddness = 0;
    for (const auto& each : x)
      oddness += static_cast<unsigned>(each.how);
    return {count_events(x), count_faults(x), x.size(), oddness};
  }

  scenario of_;
  std::string promise_;
  world_host host_;
  steps_list best_;
  uint64_t lives_ = 0;
};

} // namespace

exploration shrink(scenario of, const std::vector<action>& taken,
                   const std::string& violation) {
  return shrinker{of, promise_of(violation)}.run(taken);
}

} // namespace flushtrace
