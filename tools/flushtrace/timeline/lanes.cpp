#include "tools/flushtrace/timeline/lanes.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace flushtrace {

namespace {

constexpr std::array<std::string_view, 4> outside_names{"APM agent", "Lambda",
                                                        "APM Server", "world"};
constexpr std::array<std::string_view, 5> actor_names{
    poller_role, "coordinator", "apm_forwarder", "log_processor", "timer"};
constexpr std::array<std::string_view, 8> port_names{
    "agent_listener", "telemetry_listener", "http_client",
    "timers",         "credentials",        "spill",
    "tracer",         "application"};

template <class Names>
uint32_t place_in(const Names& names, std::string_view name) {
  return static_cast<uint32_t>(std::find(names.begin(), names.end(), name)
                               - names.begin());
}

/// Where a lane stands among all; what nobody knows comes last.
std::pair<uint32_t, uint32_t> rank_of(const lane& x) {
  const auto group = static_cast<uint32_t>(x.group);
  switch (x.group) {
  case lane_group::outside:
    return {group, place_in(outside_names, x.name)};
  case lane_group::actors:
    return {group, place_in(actor_names, x.name)};
  case lane_group::ports:
    break;
  }
  return {group, place_in(port_names, x.name)};
}

uint32_t find_lane(const std::vector<lane>& in, outside where) {
  const auto name = outside_names[static_cast<size_t>(where)];
  return static_cast<uint32_t>(
      std::find_if(in.begin(), in.end(),
                   [&](const lane& x) { return x.name == name; })
      - in.begin());
}

} // namespace

uint32_t lane_table::named(std::string_view name, lane_group group) {
  const auto [at, is_new] = numbers_.emplace(
      std::string{name}, static_cast<uint32_t>(numbers_.size()));
  if (is_new)
    lanes_.push_back({std::string{name}, group});
  return at->second;
}

uint32_t lane_table::of(outside where) {
  return named(outside_names[static_cast<size_t>(where)], lane_group::outside);
}

uint32_t lane_table::of(apm::trace::actor_reference actor) {
  if (actor.value == 0)
    return of(outside::world);
  auto& known = of_role_[actor.role()];
  if (known != 0)
    return known - 1;
  const auto* role = of_.find(apm::trace::entry_kind::role, actor.role());
  const auto name = role != nullptr
                        ? role->text
                        : "role " + std::to_string(int{actor.role()});
  const bool is_actor = place_in(actor_names, name) < actor_names.size();
  const auto number =
      named(name, is_actor ? lane_group::actors : lane_group::ports);
  known = number + 1;
  return number;
}

void lane_table::settle(activity& in) {
  std::vector<uint32_t> order(lanes_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t x, uint32_t y) {
    return rank_of(lanes_[x]) < rank_of(lanes_[y]);
  });
  std::vector<uint32_t> place(order.size());
  for (const auto x : order) {
    place[x] = static_cast<uint32_t>(in.lanes.size());
    in.lanes.push_back(lanes_[x]);
  }
  for (auto& x : in.steps) {
    x.lane = place[x.lane];
    x.sender = place[x.sender];
  }
  for (auto& x : in.lives)
    x.lane = place[x.lane];
  in.lambda_lane = find_lane(in.lanes, outside::lambda);
  in.server_lane = find_lane(in.lanes, outside::server);
}

} // namespace flushtrace
