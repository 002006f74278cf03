// Decides in the model of a changed life what time would decide: what comes
// next, and what the APM Server answers. And watches what comes of it.
#pragma once

#include "actors/coordinator/coordinator_state.hpp"
#include "tools/flushtrace/whatif/alteration.hpp"
#include "tools/flushtrace/whatif/changed_world.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace flushtrace {

class life;

struct guided_choice {
  size_t which = 0;
  /// Of the APM Server, in place of the planned one.
  std::optional<stated_answer> answer;
};

class model_guide {
public:
  virtual ~model_guide() = default;

  /// @param possible not empty; in the order in which it would come by time
  virtual guided_choice choose(const std::vector<arrival>& possible,
                               const life& of) = 0;

  virtual void after_turn(const apm::coordinator_state& x) = 0;
};

} // namespace flushtrace
