// What is open, and what comes next; see changed_world.hpp.
#include "tools/flushtrace/whatif/changed_world.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace flushtrace {

void changed_world::ask(asked_key who, open_request x) {
  x.order = next_order_++;
  requests_[who] = std::move(x);
}

open_request* changed_world::find_event() {
  for (auto& [who, x] : requests_)
    if (x.kind == request_kind::next_event)
      return &x;
  return nullptr;
}

std::optional<open_request> changed_world::take_request(asked_key who) {
  const auto node = requests_.extract(who);
  if (!node)
    return {};
  return std::move(node.mapped());
}

void changed_world::forget_recorded(const exchange& x) {
  for (auto i = requests_.begin(); i != requests_.end(); ++i)
    if (i->second.recorded == &x) {
      requests_.erase(i);
      return;
    }
}

void changed_world::arm(asked_key who, armed_alarm x) {
  x.order = next_order_++;
  alarms_[who] = std::move(x);
}

std::optional<armed_alarm> changed_world::take_alarm(asked_key who) {
  const auto node = alarms_.extract(who);
  if (!node)
    return {};
  return std::move(node.mapped());
}

void changed_world::promise(promised x) {
  x.order = next_order_++;
  promises_.push_back(std::move(x));
}

promised changed_world::take_promise(size_t which) {
  auto x = std::move(promises_[which]);
  promises_.erase(promises_.begin() + static_cast<long>(which));
  return x;
}

void changed_world::take_item(size_t item) {
  const auto found =
      std::find_if(items_.begin(), items_.end(),
                   [&](const auto& x) { return x.second.item == item; });
  if (found != items_.end())
    items_.erase(found);
}

const open_request* changed_world::find_request(asked_key who) const {
  const auto found = requests_.find(who);
  return found == requests_.end() ? nullptr : &found->second;
}

const armed_alarm* changed_world::find_alarm(asked_key who) const {
  const auto found = alarms_.find(who);
  return found == alarms_.end() ? nullptr : &found->second;
}

int64_t changed_world::differs_at() const noexcept {
  int64_t first = never;
  for (const auto& [who, x] : requests_)
    first = std::min(first, x.differs_at);
  for (const auto& [who, x] : alarms_)
    first = std::min(first, x.differs_at);
  return first;
}

bool changed_world::is_event_due() const noexcept {
  return std::any_of(requests_.begin(), requests_.end(), [](const auto& x) {
    return x.second.kind == request_kind::next_event && x.second.due != never;
  });
}

void changed_world::answer_over_freeze(
    size_t interval, int64_t begin,
    const std::vector<recorded_interval>& recorded) {
  for (auto& [who, x] : requests_) {
    const auto* like = x.answer.like;
    if (like == nullptr || !like->is_over_freeze
        || like->end_interval > interval)
      continue;
    x.due = begin + like->end_ns - recorded[like->end_interval].begin;
    x.is_timed_out = false;
  }
}

int64_t changed_world::after_stall(int64_t ns) const noexcept {
  for (const auto& x : stalls_)
    if (ns >= x.begin && ns < x.end)
      ns = x.end;
  return ns;
}

int64_t changed_world::seen(int64_t due, bool is_alarm) const noexcept {
  if (due < pause_.freeze_begin)
    return after_stall(due);
  if (is_alarm)
    return std::max(due, pause_.end);
  return std::max(due, pause_.freeze_end);
}

/// An answer that came during a freeze must not lose against its own time-out.
int64_t changed_world::answer_seen(const open_request& x) const noexcept {
  return x.due == never ? never : seen(x.due, false);
}

std::optional<arrival> changed_world::next() const {
  const auto all = possible();
  return all.empty() ? std::optional<arrival>{} : all.front();
}

std::vector<arrival> changed_world::possible() const {
  constexpr int socket = 0;
  constexpr int alarm = 1;
  using rank = std::tuple<int64_t, int, int64_t, uint64_t>;
  std::vector<std::pair<rank, arrival>> found;
  const auto add = [&](const rank& x, const arrival& what) {
    if (std::get<0>(x) != never)
      found.emplace_back(x, what);
  };
  for (const auto& [who, x] : requests_) {
    const auto at = answer_seen(x);
    add({at, socket, x.due, x.order}, {arrival_kind::answer, at, who, 0});
  }
  std::set<uint8_t> lanes;
  for (const auto& [due, x] : items_) {
    if (!lanes.insert(x.lane).second)
      continue;
    const auto at = seen(due, false);
    add({at, socket, due, 0}, {arrival_kind::item, at, {}, x.item});
  }
  for (size_t i = 0; i < promises_.size(); ++i) {
    const auto at = seen(promises_[i].due, false);
    add({at, socket, promises_[i].due, promises_[i].order},
        {arrival_kind::promise, at, {}, i});
  }
  const auto first = std::min_element(
      alarms_.begin(), alarms_.end(), [](const auto& x, const auto& y) {
        return std::tie(x.second.due, x.second.order)
               < std::tie(y.second.due, y.second.order);
      });
  if (first != alarms_.end()) {
    const auto& x = first->second;
    const auto at = x.due == never ? never : seen(x.due, true);
    add({at, alarm, x.due, x.order},
        {arrival_kind::alarm, at, first->first, 0});
  }
  std::stable_sort(
      found.begin(), found.end(),
      [](const auto& x, const auto& y) { return x.first < y.first; });
  std::vector<arrival> sorted;
  for (const auto& [when, what] : found)
    sorted.push_back(what);
  return sorted;
}

} // namespace flushtrace
