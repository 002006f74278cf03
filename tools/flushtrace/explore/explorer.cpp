// Trying orders; see explorer.hpp.
#include "tools/flushtrace/explore/explorer.hpp"

#include "tools/flushtrace/explore/explored_life.hpp"
#include "tools/flushtrace/explore/hashing.hpp"
#include "tools/flushtrace/explore/told_life.hpp"

#include <algorithm>
#include <memory>
#include <unordered_set>

namespace flushtrace {

namespace {

using clock_type = std::chrono::steady_clock;

/// A life of three invocations has some hundred; none goes on for ever.
constexpr size_t steps_max = 5'000;

/// How often the time is looked at, and progress told.
constexpr uint64_t look_every = 256;

/// How events end is told of so many ways at most.
constexpr size_t ways_max = 300;

struct choice {
  uint32_t taken = 0;
  uint32_t possible = 0;
};

class explorer {
public:
  explorer(const scenario& of, const explore_budget& budget)
      : scenario_(of), budget_(budget), begin_(clock_type::now()) {}

  exploration run(const std::function<void(uint64_t)>& progress) {
    do {
      live();
      if (found_.schedules % look_every == 0 && progress)
        progress(found_.schedules);
    } while (found_.violation.empty() && !is_spent() && go_on());
    found_.states = seen_.size();
    found_.seconds =
        std::chrono::duration<double>(clock_type::now() - begin_).count();
    find_ends();
    return std::move(found_);
  }

private:
  /// One life: along the path, then on, always the first way.
  void live() {
    // What breaks a promise is lived again for its trace.
    explored_life life{hosts_.next(), scenario_,
                       apm::trace::payload_mode::digest};
    size_t step = 0;
    for (; !life.actions().empty() && step < steps_max; ++step) {
      const auto& actions = life.actions();
      if (budget_.is_random) {
        path_.resize(step);
        path_.push_back({static_cast<uint32_t>(next_random() % actions.size()),
                         static_cast<uint32_t>(actions.size())});
      } else if (step == path_.size()) {
        if (!seen_.insert(life.fingerprint()).second) {
          ++found_.pruned;
          break;
        }
        path_.push_back({0, static_cast<uint32_t>(actions.size())});
      }
      const auto chosen = actions[path_[step].taken];
      life.take(chosen);
    }
    ++found_.schedules;
    found_.records += life.records();
    const bool is_new = found_.coverage.insert(life.coverage()).second;
    path_.resize(std::min(path_.size(), step));
    if (is_new && life.actions().empty() && ways_.size() < ways_max)
      ways_.push_back(taken());
    if (life.violation().empty())
      return;
    found_.violation = life.violation();
    found_.found = taken();
  }

  schedule taken() const {
    schedule x;
    for (const auto& each : path_)
      x.push_back(each.taken);
    return x;
  }

  /// Of each way a life is lived again, with all that explain needs.
  void find_ends() {
    if (found_.violation.empty())
      for (const auto& way : ways_)
        count_endings(live_again(scenario_, way).segment, found_.ends);
  }

  /// The next path, in which the last choice that had another is that one.
  bool go_on() {
    if (budget_.is_random)
      return true;
    while (!path_.empty() && path_.back().taken + 1 == path_.back().possible)
      path_.pop_back();
    if (path_.empty()) {
      found_.is_complete = true;
      return false;
    }
    ++path_.back().taken;
    return true;
  }

  bool is_spent() const {
    if (found_.schedules >= budget_.schedules)
      return true;
    return found_.schedules % look_every == 0
           && clock_type::now() - begin_ >= budget_.time;
  }

  uint64_t next_random() noexcept { return mix(budget_.seed, ++drawn_); }

  const scenario& scenario_;
  const explore_budget& budget_;
  clock_type::time_point begin_;
  world_hosts hosts_;
  std::vector<choice> path_;
  std::vector<schedule> ways_;        ///< one for each, up to its end
  std::unordered_set<uint64_t> seen_; ///< whether, never in which order
  uint64_t drawn_ = 0;
  exploration found_;
};

/// Of a step that is not possible, what would be.
std::string misfit_of(const told_life& life, uint32_t which) {
  auto text = "step " + std::to_string(life.choices().size() + 1)
              + ": there is no " + std::to_string(which) + ": ";
  const auto& possible = life.possible();
  if (possible.empty())
    return text + "the life is over";
  text += "possible are";
  for (size_t i = 0; i < possible.size(); ++i)
    text += (i == 0 ? " " : ", ") + std::to_string(i) + " ("
            + describe(possible[i]) + ')';
  return text;
}

exploration told(const scenario& of, told_life& life) {
  exploration found;
  found.of = of;
  found.schedules = 1;
  found.records = life.records();
  found.violation = life.violation();
  found.actions = life.taken();
  found.found = life.choices();
  for (const auto& each : found.actions)
    if (each.kind != action_kind::turn)
      found.steps.push_back(describe(each));
  if (auto segment = life.segment())
    found.segment = std::move(segment.value());
  return found;
}

} // namespace

exploration explore(const scenario& of, const explore_budget& budget,
                    const std::function<void(uint64_t)>& progress) {
  auto found = explorer{of, budget}.run(progress);
  if (found.violation.empty())
    return found;
  auto again = live_again(of, found.found);
  found.of = of;
  found.steps = std::move(again.steps);
  found.actions = std::move(again.actions);
  found.segment = std::move(again.segment);
  return found;
}

exploration live_again(const scenario& of, const schedule& taken) {
  told_life life{of};
  std::string misfit;
  for (const auto which : taken) {
    if (life.choose(which))
      continue;
    if (life.violation().empty())
      misfit = misfit_of(life, which);
    break;
  }
  auto found = told(of, life);
  found.misfit = std::move(misfit);
  return found;
}

exploration retell(const scenario& of, const std::vector<action>& steps) {
  told_life life{of};
  for (const auto& each : steps)
    life.take(each);
  life.finish();
  return told(of, life);
}

} // namespace flushtrace
