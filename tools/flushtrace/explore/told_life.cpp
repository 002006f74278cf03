// Living as told; see told_life.hpp.
#include "tools/flushtrace/explore/told_life.hpp"

#include "tools/flushtrace/explore/explored_life.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

/// Longer lives than any that are told; those that do not end are no use.
constexpr size_t steps_max = 2'000;

/// What brings a life to its end soonest: turns, answers, then Lambda, then
/// time.
int rank_of(const action& x) noexcept {
  constexpr int never = 9; // a fault
  switch (x.kind) {
  case action_kind::turn:
    return 0;
  case action_kind::answer:
    return x.how == answer_kind::accepted ? 1 : never;
  case action_kind::lambda:
    return 2;
  case action_kind::time:
    return 3;
  case action_kind::platform:
    return 4;
  case action_kind::agent:
    break;
  }
  return 5;
}

size_t soonest(const std::vector<action>& possible) noexcept {
  const auto least = std::min_element(
      possible.begin(), possible.end(),
      [](const action& x, const action& y) { return rank_of(x) < rank_of(y); });
  return static_cast<size_t>(least - possible.begin());
}

} // namespace

told_life::told_life(const scenario& of)
    : of_(of),
      own_host_(std::make_unique<world_host>()),
      life_(std::make_unique<explored_life>(*own_host_, of_)) {}

told_life::told_life(world_host& host, const scenario& of)
    : of_(of), life_(std::make_unique<explored_life>(host, of_)) {}

told_life::~told_life() = default;

const std::vector<action>& told_life::taken() const noexcept {
  return life_->taken();
}

const std::vector<action>& told_life::possible() const noexcept {
  return life_->actions();
}

uint64_t told_life::records() const noexcept {
  return life_->records();
}

const std::string& told_life::violation() const noexcept {
  return life_->violation();
}

apm::result<std::string> told_life::segment() {
  return life_->segment();
}

bool told_life::take(const action& x) {
  const auto& possible = life_->actions();
  const auto found = std::find(possible.begin(), possible.end(), x);
  return choose(static_cast<size_t>(found - possible.begin()));
}

const std::string& told_life::finish() {
  while (!life_->actions().empty() && choices_.size() < steps_max)
    choose(soonest(life_->actions()));
  return violation();
}

bool told_life::choose(size_t which) {
  if (which >= life_->actions().size())
    return false;
  choices_.push_back(static_cast<uint32_t>(which));
  const auto chosen = life_->actions()[which];
  life_->take(chosen);
  return true;
}

} // namespace flushtrace
