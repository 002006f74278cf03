// Trying orders around a recorded life; see recorded_orders.hpp.
#include "tools/flushtrace/explore/recorded_orders.hpp"

#include "tools/flushtrace/explore/hashing.hpp"
#include "tools/flushtrace/explore/promises.hpp"
#include "tools/flushtrace/whatif/life.hpp"
#include "tools/flushtrace/whatif/whatif_engine.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace flushtrace {

namespace {

using clock_type = std::chrono::steady_clock;

/// Orders that wait to be tried: beyond that there is no time for them either.
constexpr size_t waiting_max = 200'000;

/// What can go wrong with a POST.
constexpr stated_answer failures[] = {
    {503, apm::http_failure::none},
    {0, apm::http_failure::closed},
};

std::string name_of(const stated_answer& x) {
  return x.status != 0 ? std::to_string(x.status) : "a lost connection";
}

/// Takes time's order but for some changes.
class order_guide final : public model_guide {
public:
  order_guide(changed_order order, uint32_t faults)
      : order_(std::move(order)), faults_(faults) {}

  /// Of that it takes more changes by chance, one step in so many.
  void change_by_chance(uint64_t seed, uint32_t one_in, uint32_t changes) {
    seed_ = seed;
    one_in_ = one_in;
    chances_ = changes;
  }

  guided_choice choose(const std::vector<arrival>& possible,
                       const life& of) override {
    const auto all = choices(possible, of);
    const auto which = chosen(static_cast<uint32_t>(all.size()));
    const auto choice = all[which];
    possible_.push_back(static_cast<uint32_t>(all.size()));
    if (which != 0)
      note(possible, choice, of);
    faults_ -= choice.answer ? 1 : 0;
    return choice;
  }

  void after_turn(const apm::coordinator_state& x) override {
    if (violation_.empty())
      violation_ = unbalanced_books(x);
  }

  /// By step: how much there was to choose from.
  const std::vector<uint32_t>& possible() const noexcept { return possible_; }
  const changed_order& order() const noexcept { return order_; }
  const std::vector<std::string>& words() const noexcept { return words_; }
  const std::string& violation() const noexcept { return violation_; }

  /// Whether each change was possible.
  bool is_whole() const noexcept { return words_.size() == order_.size(); }

private:
  std::vector<guided_choice> choices(const std::vector<arrival>& possible,
                                     const life& of) const {
    std::vector<guided_choice> all;
    for (size_t i = 0; i < possible.size(); ++i)
      all.push_back({i, {}});
    for (size_t i = 0; i < possible.size() && faults_ > 0; ++i)
      if (of.is_post_answer(possible[i]))
        for (const auto& each : failures)
          all.push_back({i, each});
    return all;
  }

  size_t chosen(uint32_t choices) {
    const auto step = static_cast<uint32_t>(possible_.size());
    if (one_in_ != 0) {
      const bool is_changed =
          chances_ > 0 && choices > 1 && mix(seed_, step) % one_in_ == 0;
      if (!is_changed)
        return 0;
      --chances_;
      order_.push_back(
          {step,
           1 + static_cast<uint32_t>(mix(seed_, step, 1) % (choices - 1))});
      return order_.back().choice;
    }
    const auto found =
        std::find_if(order_.begin(), order_.end(),
                     [&](const order_change& x) { return x.step == step; });
    return found == order_.end() || found->choice >= choices ? 0
                                                             : found->choice;
  }

  void note(const std::vector<arrival>& possible, const guided_choice& x,
            const life& of) {
    auto text = of.describe(possible[x.which]);
    if (x.answer)
      text += ", which is " + name_of(*x.answer) + ',';
    if (x.which != 0)
      text += " comes before " + of.describe(possible.front());
    else
      text.pop_back();
    words_.push_back("step " + std::to_string(possible_.size() - 1) + ": "
                     + text);
  }

  changed_order order_;
  uint32_t faults_;
  uint64_t seed_ = 0;
  uint32_t one_in_ = 0; ///< 0: nothing is left to chance
  uint32_t chances_ = 0;
  std::vector<uint32_t> possible_;
  std::vector<std::string> words_;
  std::string violation_;
};

class searcher {
public:
  searcher(const process_trace& of, const orders_budget& budget)
      : engine_(of, hosts_), budget_(budget), begin_(clock_type::now()) {
    how_.modelled_from = budget.from;
    const auto recorded = analyse(of);
    const bool is_background =
        recorded.settings.strategy == apm::send_strategy::background;
    found_.strategy = is_background ? "background" : "syncflush";
    for (const auto& event : recorded.events)
      recorded_.insert(ending_of(event));
  }

  /// First time's order, then those with one change, and so on.
  apm::result<recorded_orders>
  search(const std::function<void(uint64_t)>& progress) {
    std::deque<changed_order> waiting{{}};
    size_t cut_at = SIZE_MAX; // orders of so many changes were left out
    while (!waiting.empty() && !is_spent()) {
      const auto order = std::move(waiting.front());
      waiting.pop_front();
      order_guide guide{order, budget_.faults};
      if (auto done = live(guide); !done) {
        if (order.empty())
          return done.error();
        ++found_.untold;
        continue;
      }
      if (progress)
        progress(found_.orders);
      if (order.empty())
        found_.steps = static_cast<uint32_t>(guide.possible().size());
      if (order.size() == budget_.changes)
        continue;
      if (waiting.size() < waiting_max)
        add_neighbours(guide, waiting);
      else
        cut_at = std::min(cut_at, order.size() + 1);
    }
    const auto open =
        waiting.empty() ? budget_.changes + size_t{1} : waiting.front().size();
    found_.complete_changes = static_cast<int>(std::min(open, cut_at)) - 1;
    return finish();
  }

  apm::result<recorded_orders>
  search_by_chance(const std::function<void(uint64_t)>& progress) {
    order_guide by_time{{}, 0};
    if (auto done = live(by_time); !done)
      return done.error();
    found_.steps = static_cast<uint32_t>(by_time.possible().size());
    found_.complete_changes = 0;
    const auto one_in = std::max(
        uint32_t{1}, found_.steps / std::max(uint32_t{1}, budget_.changes));
    for (uint64_t n = 0; !is_spent(); ++n) {
      order_guide guide{{}, budget_.faults};
      guide.change_by_chance(mix(budget_.seed, n), one_in, budget_.changes);
      if (!live(guide))
        ++found_.untold;
      if (progress)
        progress(found_.orders);
    }
    return finish();
  }

  apm::result<recorded_orders> again(const changed_order& order) {
    order_guide guide{order, budget_.faults};
    if (auto done = live(guide); !done)
      return done.error();
    if (!guide.is_whole())
      return apm::error{apm::errc::bad_value,
                        text_of(order)
                            + " does not fit: the life has other "
                              "steps"};
    found_.steps = static_cast<uint32_t>(guide.possible().size());
    return finish();
  }

private:
  static void add_neighbours(const order_guide& of,
                             std::deque<changed_order>& to) {
    const auto& order = of.order();
    const auto begin = order.empty() ? 0 : order.back().step + 1;
    for (auto step = begin; step < of.possible().size(); ++step)
      for (uint32_t choice = 1; choice < of.possible()[step]; ++choice) {
        to.push_back(order);
        to.back().push_back({step, choice});
      }
  }

  /// *Errors:* as `whatif_engine::live`: such a life is none that was tried.
  apm::result<void> live(order_guide& guide) {
    auto lived = engine_.live(how_, &guide);
    if (!lived)
      return lived.error();
    ++found_.orders;
    auto& life = lived.value().trace;
    note_violation(guide, life.content);
    std::set<ending> seen;
    for (const auto& event : analyse(life).events)
      if (seen.insert(ending_of(event)).second)
        note_way(event, guide, life.content);
    return boost::outcome_v2::success();
  }

  void note_violation(const order_guide& guide, const trace& life) {
    if (guide.violation().empty() || !found_.violation.empty())
      return;
    found_.violation = guide.violation();
    found_.broken = guide.order();
    found_.broken_changes = guide.words();
    found_.broken_sample = life;
  }

  void note_way(const event_analysis& event, const order_guide& guide,
                const trace& life) {
    const auto key = ending_of(event);
    auto& x = ways_[key];
    if (x.orders++ != 0)
      return;
    x.how = key;
    x.is_recorded = recorded_.count(key) > 0;
    x.event = event.facts.event;
    x.order = guide.order();
    x.changes = guide.words();
    if (!x.is_recorded)
      x.sample = life;
  }

  bool is_spent() const {
    return !found_.violation.empty() || found_.orders >= budget_.orders
           || clock_type::now() - begin_ >= budget_.time;
  }

  recorded_orders finish() {
    found_.seconds =
        std::chrono::duration<double>(clock_type::now() - begin_).count();
    for (auto& [key, x] : ways_)
      found_.ways.push_back(std::move(x));
    std::stable_sort(
        found_.ways.begin(), found_.ways.end(),
        [](const way& x, const way& y) { return x.orders > y.orders; });
    return std::move(found_);
  }

  world_hosts hosts_;
  whatif_engine engine_;
  const orders_budget& budget_;
  clock_type::time_point begin_;
  alteration how_;
  std::set<ending> recorded_;
  std::map<ending, way> ways_;
  recorded_orders found_;
};

} // namespace

std::string text_of(const changed_order& x) {
  std::string text;
  for (const auto& each : x)
    text += (text.empty() ? "" : ",") + std::to_string(each.step) + ':'
            + std::to_string(each.choice);
  return text;
}

apm::result<changed_order> order_of(const std::string& text) {
  changed_order order;
  std::istringstream in{text};
  for (std::string each; std::getline(in, each, ',');) {
    unsigned step = 0;
    unsigned choice = 0;
    int end = 0;
    const bool is_change =
        std::sscanf(each.c_str(), "%9u:%9u%n", &step, &choice, &end) == 2
        && static_cast<size_t>(end) == each.size() && choice > 0
        && (order.empty() || step > order.back().step);
    if (!is_change)
      return apm::error{apm::errc::bad_value,
                        text
                            + ": write steps and choices as they were told, "
                              "such as 12:1,30:2"};
    order.push_back({step, choice});
  }
  return order;
}

apm::result<recorded_orders>
explore_recorded(const process_trace& of, const orders_budget& budget,
                 const std::function<void(uint64_t)>& progress) {
  searcher search{of, budget};
  return budget.is_random ? search.search_by_chance(progress)
                          : search.search(progress);
}

apm::result<recorded_orders> live_order(const process_trace& of,
                                        const orders_budget& budget,
                                        const changed_order& order) {
  return searcher{of, budget}.again(order);
}

} // namespace flushtrace
