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

/// An empty value is none: as where the variable is not set.
apm::result<void> set_variable(alteration& to, const apm::setting_row& row,
                               std::string_view value) {
  apm::settings alone;
  if (!value.empty())
    if (auto read = row.value.read(alone, value); !read)
      return read.error();
  to.environment[std::string{row.variable}] = value;
  return boost::outcome_v2::success();
}

/// A parameter has a value of its own, or is a variable by a shorter name.
apm::result<void> set_parameter(alteration& to, const parameter& which,
                                std::string_view value) {
  if (which.set != nullptr)
    return which.set(to, value);
  if (value.empty())
    return error{errc::bad_value, "there is no value"};
  return set_variable(to, *apm::find_setting(which.variable), value);
}

/// *Errors:* what is wrong with the value, behind it.
apm::result<void> told_of(apm::result<void> done, std::string_view name,
                          std::string_view value, std::string_view values) {
  if (done)
    return done;
  auto detail =
      std::string{name} + '=' + std::string{value} + ": " + done.error().detail;
  if (!values.empty())
    detail += "; it takes " + std::string{values};
  return error{done.error().code, std::move(detail)};
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
  if (const auto* known = find_parameter(name); known != nullptr)
    return told_of(set_parameter(to, *known, value), name, value,
                   known->values);
  if (const auto* row = apm::find_setting(name); row != nullptr)
    return told_of(set_variable(to, *row, value), name, value, {});
  return error{errc::bad_value,
               "there is no parameter " + std::string{name} + ": perhaps "
                   + std::string{nearest_to(name)}
                   + " was meant; flushtrace whatif --list has all"};
}

} // namespace flushtrace
