// Living events without their causes; see prover.hpp.
#include "tools/flushtrace/proof/prover.hpp"

#include "tools/flushtrace/proof/life_changes.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

/// All that an event has missed, whatever the unit: to tell more from less.
uint64_t missed_of(const event_outcome& x) noexcept {
  return x.lost + x.delayed + x.rejected + x.platform_records
         + x.forgotten_records + x.refused_bytes;
}

/// The gravest first.
constexpr apm::flush_outcome by_gravity[] = {
    apm::flush_outcome::lost, apm::flush_outcome::rejected,
    apm::flush_outcome::unaccounted, apm::flush_outcome::at_risk,
    apm::flush_outcome::delayed};

/// 0: nothing is missed.
size_t gravity_of(const event_outcome& x) noexcept {
  const auto* at = std::find_if(std::begin(by_gravity), std::end(by_gravity),
                                [&](auto each) { return x.has(each); });
  return static_cast<size_t>(std::end(by_gravity) - at);
}

/// Whether the gravest of what is missed is gone.
bool is_less_grave(const but_for& x, const event_outcome& than) noexcept {
  return x.is_there && !x.outcome.is_undecidable && !x.outcome.is_unfinished
         && gravity_of(x.outcome) < gravity_of(than);
}

bool is_better(const but_for& x, const but_for& than) noexcept {
  if (x.is_clean() != than.is_clean())
    return x.is_clean();
  const auto gravity = gravity_of(x.outcome);
  const auto other = gravity_of(than.outcome);
  return gravity != other ? gravity < other
                          : missed_of(x.outcome) < missed_of(than.outcome);
}

/// What makes no difference is none of the causes, once one is known.
void rule_out(event_analysis& event) {
  const bool is_any_proved =
      std::any_of(event.findings.begin(), event.findings.end(),
                  [](const finding& x) { return x.how == proof::proved; });
  for (auto& each : event.findings)
    if (is_any_proved && each.how == proof::inferred && each.without
        && (!each.without->is_there
            || missed_of(each.without->outcome) >= missed_of(event.outcome)))
      each.how = proof::ruled_out;
}

/// A value such as `https://…` is for people to fill in.
bool is_a_value(const std::string& value) noexcept {
  return !value.empty() && value.front() != '/'
         && value.find("://") == std::string::npos;
}

/// What Lambda bills for the extension behind the function's end.
int64_t added_ns(const event_facts& x, int64_t function_end_ns) noexcept {
  return std::max<int64_t>(0, x.next_asked.ns - function_end_ns);
}

} // namespace

/// What became of an event in a changed life.
struct prover::lived_event {
  event_facts facts;
  event_outcome outcome;
  bool is_exact = false;
  /// Where the function ended, there and in the recording.
  std::optional<function_end> end;
};

struct prover::life {
  explicit life(const changed_life& x) : is_same(x.is_exact_to_end) {
    for (auto& each : analyse(x.trace).events) {
      auto& event = events[each.facts.event];
      const auto end = x.function_ends.find(each.facts.request_id);
      if (end != x.function_ends.end())
        event.end = end->second;
      event.is_exact = x.is_exact(each.facts);
      event.outcome = each.outcome;
      event.facts = std::move(each.facts);
    }
  }

  bool is_same;
  std::map<uint64_t, lived_event> events;
};

prover::prover(const process_trace& of, size_t lives_max, progress* shown)
    : facts_(read_facts(of)),
      lives_max_(lives_max),
      shown_(shown),
      engine_(of, hosts_) {
  if (of.content.fact("redacted") == "yes")
    impossible_ = "it is redacted, and cannot be lived again: prove it before "
                  "it is given away";
  else
    impossible_ = engine_.impossible();
}

prover::~prover() = default;

/// Null: there were too many, or it is impossible.
const prover::life* prover::live(const neutralisation& x, uint64_t event) {
  const auto& change = x.change;
  const bool is_of_event = !change.moved_inputs.empty()
                           || !change.dropped_inputs.empty()
                           || change.server_answers.size() > 1;
  const auto text =
      x.full_text() + (is_of_event ? ' ' + std::to_string(event) : "");
  const auto known = lives_.find(text);
  if (known != lives_.end())
    return known->second.get();
  if (!impossible_.empty() || lives_.size() >= lives_max_)
    return nullptr;
  if (shown_ != nullptr)
    shown_->step("proving causes, life", lives_.size() + 1, lives_max_);
  const auto changed = engine_.live(x.change);
  auto& place = lives_[text];
  if (changed)
    place = std::make_unique<life>(changed.value());
  return place.get();
}

std::optional<but_for> prover::outcome_of(const event_analysis& event,
                                          const neutralisation& x) {
  const auto* found = live(x, event.facts.event);
  if (found == nullptr)
    return {};
  but_for made;
  made.change = x.full_text();
  made.is_same_life = found->is_same;
  const auto at = found->events.find(event.facts.event);
  if (at == found->events.end())
    return made;
  const auto& again = at->second;
  made.is_there =
      again.facts.request_id == event.facts.request_id
      && (x.has_taken_hold == nullptr || x.has_taken_hold(again.facts));
  if (!made.is_there)
    return made;
  made.is_exact = again.is_exact;
  made.outcome = again.outcome;
  const bool is_billed = event.facts.kind == apm::event_kind::invoke
                         && event.facts.next_asked && again.facts.next_asked;
  if (is_billed && again.end)
    made.billed_ns = added_ns(again.facts, again.end->changed)
                     - added_ns(event.facts, again.end->recorded);
  return made;
}

prover::trial prover::try_without(const event_analysis& event,
                                  const event_outcome& missed, finding& x) {
  trial made{&x, {}};
  x.why_inferred =
      impossible_.empty() ? why_not_neutralised(x.what->id) : impossible_;
  if (!x.why_inferred.empty())
    return made;
  const auto changes = neutralise({facts_, event, x});
  if (changes.empty())
    x.why_inferred = "there is nothing that would take it away";
  const auto actors = changes::current_actors().text;
  for (const auto& each : changes) {
    if (gravity_of(missed) == 0 && each.text != actors) {
      x.why_inferred = "the actors of this version miss nothing here, whatever "
                       "else is otherwise";
      continue;
    }
    const auto outcome = outcome_of(event, each);
    if (!outcome) {
      x.why_inferred =
          impossible_.empty() ? "it cannot be lived without" : impossible_;
      continue;
    }
    if (outcome->is_same_life) {
      x.why_inferred = "nothing is otherwise where " + each.full_text();
      continue;
    }
    made.changes.push_back(each);
    if (is_less_grave(*outcome, each.text == actors ? event.outcome : missed))
      x.how = proof::proved;
    if (!x.without || is_better(*outcome, *x.without))
      x.without = outcome;
    if (outcome->is_clean())
      break;
  }
  if (!x.without)
    return made;
  x.why_inferred.clear();
  return made;
}

/// Where none of them alone is all of it: two that are, the heaviest first.
void prover::try_together(const event_analysis& event,
                          const std::vector<trial>& trials) {
  for (size_t i = 0; i < trials.size(); ++i)
    for (size_t j = i + 1; j < trials.size(); ++j)
      if (try_both(event, trials[i], trials[j]))
        return;
}

bool prover::try_both(const event_analysis& event, const trial& x,
                      const trial& y) {
  for (const auto& without_x : x.changes)
    for (const auto& without_y : y.changes) {
      const auto outcome = outcome_of(event, joined(without_x, without_y));
      if (!outcome || !outcome->is_clean())
        continue;
      for (auto* each : {x.of, y.of}) {
        each->how = proof::proved;
        each->without = outcome;
      }
      return true;
    }
  return false;
}

void prover::prove(event_analysis& event) {
  if (!event.outcome.is_missed() || event.findings.empty())
    return;
  if (lives_.size() >= lives_max_) {
    ++left_out_;
    return;
  }
  // A change proves nothing where the actors of this version need none.
  const auto unchanged = outcome_of(event, changes::current_actors());
  const bool is_known = unchanged && unchanged->is_there
                        && !unchanged->outcome.is_undecidable
                        && !unchanged->outcome.is_unfinished;
  const auto& missed = is_known ? unchanged->outcome : event.outcome;
  std::vector<trial> trials;
  bool is_all_told = false;
  for (auto& each : event.findings)
    if (&each == &event.findings.front() || each.weight > remark_weight_max) {
      trials.push_back(try_without(event, missed, each));
      is_all_told = is_all_told || (each.without && each.without->is_clean());
    }
  if (!is_all_told)
    try_together(event, trials);
  rule_out(event);
  std::stable_partition(
      event.findings.begin(), event.findings.end(),
      [](const finding& x) { return x.how != proof::ruled_out; });
  auto& first = event.findings.front();
  const auto& fix = first.fix;
  if (gravity_of(missed) == 0 || fix.setting.empty() || !is_a_value(fix.value))
    return;
  const auto mended = changes::with_a_server(
      {facts_, event, first}, {changes::setting_is(fix.setting, fix.value)});
  auto effect = outcome_of(event, mended.front());
  // Where it makes no difference a replay cannot tell what it would bring.
  if (effect && !effect->is_same_life)
    first.with_remedy = std::move(effect);
}

process_analysis analyse_and_prove(const process_trace& of) {
  auto found = analyse(of);
  const bool is_missed =
      std::any_of(found.events.begin(), found.events.end(),
                  [](const auto& x) { return x.outcome.is_missed(); });
  if (!is_missed)
    return found;
  prover proofs{of};
  for (auto& each : found.events)
    proofs.prove(each);
  return found;
}

} // namespace flushtrace
