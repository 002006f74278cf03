// Aligning records by cause; see alignment.hpp.
#include "tools/flushtrace/diff/alignment.hpp"

#include "runtime/trace/wire.hpp"
#include "tools/flushtrace/diff/common_row.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace flushtrace {

namespace {

using apm::trace::actor_reference;
using apm::trace::entry_kind;
using apm::trace::record_kind;

constexpr size_t nobody = static_cast<size_t>(-1);

/// The event that a step without a cause counts in. What comes before the first
/// is its: an agent that starts is a little sooner or later than INVOKE.
uint64_t counted_in(uint64_t event) noexcept {
  return std::max<uint64_t>(event, 1);
}

/// Who: of actors that live for one event, the n-th of its role in there.
struct actor_place {
  std::string_view role;
  uint64_t event = 0;
  uint64_t ordinal = 0;

  bool operator<(const actor_place& x) const noexcept {
    return std::tie(role, event, ordinal)
           < std::tie(x.role, x.event, x.ordinal);
  }
};

/// Of both traces, so that who is the same has the same number.
using actor_numbers = std::map<actor_place, size_t>;

/// What effects of one cause are told apart by, beside their order.
struct step_kind {
  size_t actor = 0;
  uint8_t kind = 0;
  std::string_view type;

  bool operator<(const step_kind& x) const noexcept {
    return std::tie(actor, kind, type) < std::tie(x.actor, x.kind, x.type);
  }
};

/// Records by their indexes, by kind.
using siblings = std::map<step_kind, std::vector<size_t>>;

/// One trace as trees: what came from outside, and what came of it.
class forest {
public:
  /// @param events which of its events, and A's number of each
  forest(const trace& of, const std::map<uint64_t, uint64_t>& events,
         actor_numbers& actors)
      : of_(of), actors_(actors) {
    const apm::trace::schema_book book{of};
    const auto numbers = events_of_records(of);
    std::unordered_map<uint64_t, size_t> indexes;
    steps_.resize(numbers.size());
    for (size_t i = 0; i < numbers.size(); ++i) {
      const auto event = events.find(numbers[i]);
      if (event == events.end())
        continue;
      const auto& x = of.records[i];
      auto& step = steps_[i];
      step.is_chosen = true;
      step.event = event->second;
      indexes[x.sequence] = i;
      const auto cause = x.cause == 0 ? indexes.end() : indexes.find(x.cause);
      step.cause = cause == indexes.end() ? nobody : cause->second;
      const step_kind kind{actor_of(x.actor, step.event), x.kind,
                           book.type_of(x)};
      auto& among = step.cause == nobody ? roots_[counted_in(step.event)]
                                         : effects_[step.cause];
      among[kind].push_back(i);
    }
  }

  struct forest_step {
    size_t cause = nobody;
    uint64_t event = 0;
    bool is_chosen = false;
  };

  const std::vector<forest_step>& steps() const noexcept { return steps_; }
  const record& at(size_t i) const noexcept { return of_.records[i]; }
  const std::map<uint64_t, siblings>& roots() const noexcept { return roots_; }

  const siblings& effects_of(size_t i) const {
    static const siblings none;
    const auto found = effects_.find(i);
    return found == effects_.end() ? none : found->second;
  }

private:
  size_t actor_of(actor_reference x, uint64_t event) {
    const auto known = known_.find(x.value);
    if (known != known_.end())
      return known->second;
    const auto* role =
        x.value == 0 ? nullptr : of_.find(entry_kind::role, x.role());
    actor_place at{role == nullptr ? std::string_view{} : role->text, 0,
                   x.ordinal()};
    if (role != nullptr && role->other != 0) { // a child: born for an event
      at.event = counted_in(event);
      at.ordinal = children_[{x.role(), at.event}]++;
    }
    const auto number = actors_.try_emplace(at, actors_.size());
    return known_[x.value] = number.first->second;
  }

  const trace& of_;
  actor_numbers& actors_;
  std::vector<forest_step> steps_; ///< as the trace's records
  std::map<uint64_t, siblings> roots_;
  std::unordered_map<size_t, siblings> effects_;
  std::unordered_map<uint32_t, size_t> known_; ///< actors, by reference
  std::map<std::pair<uint8_t, uint64_t>, uint64_t> children_;
};

class aligner {
public:
  aligner(const forest& a, const forest& b, const likeness& are_alike)
      : a_(a), b_(b), are_alike_(are_alike) {
    partner_.resize(b.steps().size(), nobody);
  }

  std::vector<aligned_record> run() {
    for (const auto& [event, of_a] : a_.roots()) {
      const auto of_b = b_.roots().find(event);
      if (of_b != b_.roots().end())
        match(of_a, of_b->second);
    }
    while (!open_.empty()) {
      const auto [x, y] = open_.back();
      open_.pop_back();
      match(a_.effects_of(x), b_.effects_of(y));
    }
    return steps();
  }

private:
  void match(const siblings& xs, const siblings& ys) {
    for (const auto& [kind, of_a] : xs) {
      const auto of_b = ys.find(kind);
      if (of_b == ys.end())
        continue;
      const auto pairs =
          pair_rows(of_a.size(), of_b->second.size(), [&](size_t i, size_t j) {
            return are_alike_(a_.at(of_a[i]), b_.at(of_b->second[j]));
          });
      for (const auto& [i, j] : pairs) {
        partner_[of_b->second[j]] = of_a[i];
        open_.emplace_back(of_a[i], of_b->second[j]);
      }
    }
  }

  std::vector<aligned_record> steps() const {
    std::vector<aligned_record> made;
    std::vector<size_t> places_a(a_.steps().size(), nobody);
    std::vector<size_t> places_b(b_.steps().size(), nobody);
    const auto add = [&](const forest& from, size_t i, std::vector<size_t>& at,
                         const record* aligned_record::*side) {
      const auto& step = from.steps()[i];
      at[i] = made.size();
      made.emplace_back();
      made.back().*side = &from.at(i);
      made.back().event = step.event;
      made.back().cause = step.cause == nobody ? at[i] : at[step.cause];
    };
    for (size_t i = 0; i < places_a.size(); ++i)
      if (a_.steps()[i].is_chosen)
        add(a_, i, places_a, &aligned_record::a);
    for (size_t i = 0; i < places_b.size(); ++i) {
      if (!b_.steps()[i].is_chosen)
        continue;
      if (partner_[i] == nobody) {
        add(b_, i, places_b, &aligned_record::b);
        continue;
      }
      places_b[i] = places_a[partner_[i]];
      made[places_b[i]].b = &b_.at(i);
    }
    return made;
  }

  const forest& a_;
  const forest& b_;
  const likeness& are_alike_;
  std::vector<size_t> partner_;                 ///< of each of B, in A
  std::vector<std::pair<size_t, size_t>> open_; ///< whose effects are next
};

} // namespace

std::vector<uint64_t> events_of_records(const trace& x) {
  std::vector<uint64_t> found;
  found.reserve(x.records.size());
  uint64_t event = 0;
  for (const auto& each : x.records) {
    if (is_kind(each, record_kind::event_begin))
      event = apm::trace::byte_reader{each.payload}.u();
    found.push_back(event);
  }
  return found;
}

std::vector<aligned_record> align(const trace& a, const trace& b,
                                  const std::vector<event_pair>& pairs,
                                  const likeness& are_alike) {
  std::map<uint64_t, uint64_t> of_a;
  std::map<uint64_t, uint64_t> of_b;
  for (const auto& x : pairs) {
    of_a[x.a] = x.a;
    of_b[x.b] = x.a;
  }
  actor_numbers actors;
  const forest from_a{a, of_a, actors};
  const forest from_b{b, of_b, actors};
  return aligner{from_a, from_b, are_alike}.run();
}

} // namespace flushtrace
