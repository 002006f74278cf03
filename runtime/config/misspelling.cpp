// Comparing names with the table's; see misspelling.hpp.
#include "runtime/config/misspelling.hpp"

#include "runtime/config/settings_table.hpp"

#include <algorithm>

namespace apm {

namespace {

constexpr std::string_view prefix = "ELASTIC_APM_";
constexpr std::string_view lambda_prefix = "ELASTIC_APM_LAMBDA_";

/// Names that begin so are no agent's. *Source:* the configuration pages of
/// Elastic's Node.js, Python, Java, Go, .NET, Ruby and PHP agents.
constexpr std::string_view own_prefixes[] = {lambda_prefix, "ELASTIC_APM_DATA_",
                                             "ELASTIC_APM_SECRETS_MANAGER_",
                                             "ELASTIC_APM_SSM_"};

/// What agents read, and one of ours with or without `LAMBDA_` is called, too.
constexpr std::string_view agents_own[] = {"ELASTIC_APM_VERIFY_SERVER_CERT"};

/// A slip or two of the fingers.
constexpr size_t distance_max = 2;
/// Where the name can only be ours: a wrong word in it, such as a unit.
constexpr size_t own_distance_max = 6;

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool can_only_be_ours(std::string_view name) {
  return std::any_of(
      std::begin(own_prefixes), std::end(own_prefixes),
      [&](std::string_view own) { return begins_with(name, own); });
}

/// A name without the part that some of ours have and others have not.
std::string without_lambda(std::string_view name) {
  return std::string{begins_with(name, lambda_prefix)
                         ? name.substr(lambda_prefix.size())
                         : name.substr(prefix.size())};
}

/// The nearest name of the table, empty if all differ in more than `most`.
std::string_view nearest(std::string_view name, size_t most) {
  std::string_view best;
  size_t least = most + 1;
  for (const auto& row : settings_table()) {
    if (!begins_with(row.variable, prefix))
      continue;
    const auto distance = std::min(
        edit_distance(name, row.variable),
        edit_distance(without_lambda(name), without_lambda(row.variable)));
    if (distance < least) {
      least = distance;
      best = row.variable;
    }
  }
  return best;
}

} // namespace

size_t edit_distance(std::string_view x, std::string_view y) {
  // Three rows of the table of distances between all prefixes.
  std::vector<size_t> before(y.size() + 1);
  std::vector<size_t> last(y.size() + 1);
  std::vector<size_t> now(y.size() + 1);
  for (size_t j = 0; j <= y.size(); ++j)
    now[j] = j;
  for (size_t i = 1; i <= x.size(); ++i) {
    std::swap(before, last);
    std::swap(last, now);
    now[0] = i;
    for (size_t j = 1; j <= y.size(); ++j) {
      const size_t replaced = last[j - 1] + (x[i - 1] == y[j - 1] ? 0 : 1);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
  }
  return now[y.size()];
}

std::vector<unknown_variable> find_misspelt(const environment& env) {
  std::vector<unknown_variable> found;
  for (const auto& [name, value] : env) {
    const bool is_agents =
        std::find(std::begin(agents_own), std::end(agents_own), name)
        != std::end(agents_own);
    if (!begins_with(name, prefix) || is_agents
        || find_setting(name) != nullptr)
      continue;
    const bool is_ours = can_only_be_ours(name);
    const auto meant = nearest(name, is_ours ? own_distance_max : distance_max);
    if (is_ours || !meant.empty())
      found.push_back({name, meant});
  }
  return found;
}

} // namespace apm
