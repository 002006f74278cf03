// Changing one thing by its name; see alteration.hpp.
#include "tools/flushtrace/whatif/alteration.hpp"

#include "runtime/config/misspelling.hpp"
#include "runtime/config/settings_table.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::errc;
using apm::error;

const parameter* find_parameter(std::string_view name) {
  for (const auto& x : all_parameters())
    if (x.name == name)
      return &x;
  return nullptr;
}

/// The parameter or variable whose name is nearest.
std::string_view nearest_to(std::string_view name) {
  std::string_view nearest;
  size_t least = SIZE_MAX;
  const auto look_at = [&](std::string_view candidate) {
    const auto distance = apm::edit_distance(name, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  };
  for (const auto& x : all_parameters())
    look_at(x.name);
  for (const auto& x : apm::settings_table())
    look_at(x.variable);
  return nearest;
}

apm::result<void> set_variable(alteration& to, std::string_view variable,
                               std::string_view value) {
  const std::string name{variable};
  apm::environment alone;
  alone[name] = value;
  for (const auto& problem : apm::load_settings(alone).problems)
    if (problem.variable == name && !problem.is_advice)
      return error{errc::bad_value,
                   name + '=' + std::string{value} + ": " + problem.message};
  to.environment[name] = value;
  return boost::outcome_v2::success();
}

} // namespace

int64_t time_change::of(int64_t recorded_ns) const noexcept {
  if (fixed_ns)
    return *fixed_ns;
  if (factor == 1)
    return std::max<int64_t>(0, recorded_ns + added_ns);
  // Far below what would not fit any more, whatever a damaged trace says.
  constexpr double most_ns = 24 * 3600 * 1e9;
  const auto recorded = static_cast<double>(recorded_ns);
  const auto scaled = std::min(recorded * factor, std::max(most_ns, recorded));
  return std::max<int64_t>(0, static_cast<int64_t>(scaled));
}

apm::result<void> alter(alteration& to, std::string_view name,
                        std::string_view value) {
  const auto* known = find_parameter(name);
  if (known != nullptr && known->set != nullptr) {
    auto done = known->set(to, value);
    if (!done)
      return error{done.error().code, std::string{name} + '='
                                          + std::string{value} + ": "
                                          + done.error().detail + "; it takes "
                                          + std::string{known->values}};
    return done;
  }
  const auto variable = known != nullptr ? known->variable : name;
  if (apm::find_setting(variable) != nullptr)
    return set_variable(to, variable, value);
  return error{errc::bad_value,
               "there is no parameter " + std::string{name} + ": perhaps "
                   + std::string{nearest_to(name)}
                   + " was meant; flushtrace whatif --list has all"};
}

} // namespace flushtrace
