// The lanes of a picture: one for each role of actors and each part of the
// world, in the order in which telemetry goes. Inside of `activity` alone.
#pragma once

#include "tools/flushtrace/timeline/activity.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace flushtrace {

/// Parts of the world.
enum class outside : uint8_t { agent, lambda, server, world };

/// The role of the actor that asks for events.
constexpr std::string_view poller_role = "lifecycle_poller";

/// Lanes as they are met, numbered from 0.
class lane_table {
public:
  explicit lane_table(const trace& of) : of_(of) {}

  uint32_t of(apm::trace::actor_reference actor);
  uint32_t of(outside where);
  uint32_t of_port(std::string_view name) {
    return named(name, lane_group::ports);
  }

  const lane& at(uint32_t number) const { return lanes_[number]; }

  /// Puts them into the picture's order, and the numbers in `in` right.
  void settle(activity& in);

private:
  uint32_t named(std::string_view name, lane_group group);

  const trace& of_;
  std::vector<lane> lanes_;
  std::map<std::string, uint32_t, std::less<>> numbers_;
  std::array<uint32_t, 256> of_role_{}; ///< + 1; 0: not known yet
};

} // namespace flushtrace
