// Learning what turns take; see turn_costs.hpp.
#include "tools/flushtrace/whatif/turn_costs.hpp"

#include <algorithm>
#include <vector>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

using turn_kind = std::pair<std::string, std::string>;

constexpr double half = 0.5;

/// Of turns of which there are few one may have stood still in its midst, for
/// which see stalls.hpp: they take no longer than nine in ten of all.
constexpr size_t samples_min = 3;
constexpr double usual_share = 0.9;

/// The value below which such a share of them lies. *Shape:* of one at least.
int64_t part_of(std::vector<int64_t>& times, double share) {
  const auto at =
      times.begin()
      + static_cast<long>(static_cast<double>(times.size()) * share);
  std::nth_element(times.begin(), at, times.end());
  return *at;
}

} // namespace

turn_costs::turn_costs(const recorded_run& run) {
  const apm::trace::schema_book book{run.of->content};
  std::map<uint64_t, std::string_view> messages; // by record
  std::map<turn_kind, std::vector<int64_t>> taken;
  turn_kind last;
  int64_t begun = 0;
  std::vector<int64_t> wakes;
  const record* last_from_outside = nullptr;
  bool is_open = false; // nothing has come from outside since
  for (size_t i = 0; i < run.records; ++i) {
    const auto& x = run.all()[i];
    if (is_kind(x, record_kind::enqueued)) {
      messages[x.sequence] = book.type_of(x);
      is_open = is_open && x.cause != 0;
      last_from_outside = x.cause == 0 ? &x : nullptr;
      continue;
    }
    const bool is_turn =
        is_kind(x, record_kind::handled) || is_kind(x, record_kind::born);
    if (!is_turn)
      continue;
    if (last_from_outside != nullptr && x.cause == last_from_outside->sequence)
      wakes.push_back(x.time_ns - last_from_outside->time_ns);
    last_from_outside = nullptr;
    if (is_open)
      taken[last].push_back(x.time_ns - begun);
    const auto role = x.actor.role();
    last.first = role == 0 || role > run.setup.roles.size()
                     ? std::string{}
                     : std::string{run.setup.roles[role - 1].first};
    const auto found = messages.find(x.cause);
    last.second = is_kind(x, record_kind::born) || found == messages.end()
                      ? std::string{}
                      : std::string{found->second};
    begun = x.time_ns;
    is_open = true;
  }
  std::vector<int64_t> all;
  for (const auto& [kind, times] : taken)
    all.insert(all.end(), times.begin(), times.end());
  const auto usual = all.empty() ? 0 : part_of(all, usual_share);
  for (auto& [kind, times] : taken) {
    const auto median = part_of(times, half);
    median_[kind] =
        times.size() < samples_min ? std::min(median, usual) : median;
  }
  if (!wakes.empty())
    wake_ns_ = part_of(wakes, half);
}

int64_t turn_costs::of(std::string_view role, std::string_view message) const {
  const auto found =
      median_.find(turn_kind{std::string{role}, std::string{message}});
  return found == median_.end() ? 0 : found->second;
}

} // namespace flushtrace
