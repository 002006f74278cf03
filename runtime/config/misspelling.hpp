// Finds the variable that was probably meant by one that nobody reads. APM
// agents have ELASTIC_APM_ variables of their own, which the extension does not
// know: only near misses, and names that can be no agent's, are told.
#pragma once

#include "runtime/config/settings.hpp"

#include <string_view>
#include <vector>

namespace apm {

/// A variable that the extension does not read, though it looks as if it was
/// meant for it.
struct unknown_variable {
  std::string_view variable;
  std::string_view meant; ///< empty: none is near
};

/// *Shape:* in the order of the names; views of `env` and of the table.
std::vector<unknown_variable> find_misspelt(const environment& env);

/// In how many characters two names differ: inserted, left out, replaced, or
/// swapped with their neighbour. *Source:* the restricted Damerau-Levenshtein
/// distance (optimal string alignment).
size_t edit_distance(std::string_view x, std::string_view y);

} // namespace apm
