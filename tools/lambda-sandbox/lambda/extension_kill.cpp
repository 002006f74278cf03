// The fault `kill_extension`: when it is set, and what it does; see
// kill_switch.hpp and lambda_platform.hpp.
#include "tools/lambda-sandbox/lambda/clock.hpp"
#include "tools/lambda-sandbox/lambda/lambda_platform.hpp"

#include <algorithm>
#include <csignal>

namespace sandbox {

/// The last invocation's kill may be meant for the run's end.
void lambda_platform::arm_kill(const char* name) {
  const auto& plan = scenario_.invocations;
  if (!plan.empty())
    kills_.arm(plan[std::min(planned_, plan.size() - 1)].kill_extension, name,
               places_.temporary_directory);
}

const char* lambda_platform::phase_name() const {
  switch (phase_) {
  case phase::none:
    return "none";
  case phase::extension_init:
  case phase::runtime_init:
    return "init";
  case phase::idle:
    return "idle";
  case phase::invoke:
    return "invoke";
  case phase::stopping:
    return "shutdown";
  }
  return "none";
}

void lambda_platform::kill_extensions() {
  sample_all();
  bool is_hit = false;
  for (const auto& each : extension_programs_)
    if (each->is_running()) {
      each->end.is_killed_by_scenario = true;
      each->signal(SIGKILL);
      is_hit = true;
    }
  observer_.record().kills.push_back({now_ns(), phase_name(), is_hit});
  observer_.note(now_ns(), "lambda",
                 std::string{"kill_extension in phase "} + phase_name()
                     + (is_hit ? "" : ": no process is there"));
}

} // namespace sandbox
