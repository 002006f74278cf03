// How long turns take, learned of a recording: a turn that another one follows
// without a wait has taken until that. Of each kind of turn the median.
//
//   const turn_costs costs{run};
//   now += costs.of("coordinator", "agent_intake");
#pragma once

#include "tools/flushtrace/replay/recorded_run.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace flushtrace {

class turn_costs {
public:
  explicit turn_costs(const recorded_run& run);

  /// @param message that is handled; empty: the actor begins
  /// *Units:* ns; 0 where nothing like it was recorded.
  int64_t of(std::string_view role, std::string_view message) const;

  /// From a message's coming from outside to its turn, where nobody else has
  /// one. *Units:* ns.
  int64_t wake_ns() const noexcept { return wake_ns_; }

private:
  int64_t wake_ns_ = 0;
  std::map<std::pair<std::string, std::string>, int64_t, std::less<>> median_;
};

} // namespace flushtrace
