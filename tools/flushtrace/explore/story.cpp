// Reading stories; see story.hpp.
#include "tools/flushtrace/explore/story.hpp"

namespace flushtrace {

bool is_explored(const apm::trace::trace& x) {
  return !x.fact("scenario").empty();
}

apm::result<told_story> read_story(const apm::trace::trace& of) {
  if (!is_explored(of))
    return apm::error{apm::errc::bad_shape, "it is not of an exploration"};
  auto scenario = read_scenario(of.fact("scenario"));
  if (!scenario)
    return scenario.error();
  auto steps = read_steps(of.fact("steps"));
  if (!steps)
    return steps.error();
  return told_story{scenario.value(), std::move(steps.value()),
                    std::string{of.fact("violation")}};
}

} // namespace flushtrace
