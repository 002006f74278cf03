// Evaluates filters; see filter.hpp.
#include "tools/flushtrace/filter/filter.hpp"

#include "tools/flushtrace/filter/message_fields.hpp"

#include <algorithm>
#include <cstdio>

namespace flushtrace {

namespace {

using apm::trace::value;
using apm::trace::value_kind;

bool is_ordered(comparison_kind kind, int order) {
  switch (kind) {
  case comparison_kind::equal:
    return order == 0;
  case comparison_kind::different:
    return order != 0;
  case comparison_kind::less:
    return order < 0;
  case comparison_kind::at_most:
    return order <= 0;
  case comparison_kind::greater:
    return order > 0;
  case comparison_kind::at_least:
    return order >= 0;
  case comparison_kind::alike:
    break;
  }
  return false;
}

/// A clause over a value that is there. `different` is the opposite of `equal`,
/// which the caller sees to: of many values none is to be equal.
class matcher {
public:
  explicit matcher(const clause& x)
      : wanted_(x.wanted),
        kind_(x.comparison == comparison_kind::different
                  ? comparison_kind::equal
                  : x.comparison) {}

  bool text(std::string_view x) const {
    if (kind_ == comparison_kind::alike)
      return wanted_.pattern && wanted_.pattern->is_in(x);
    return kind_ == comparison_kind::equal && x == wanted_.text;
  }

  /// Any of words that blanks separate.
  bool words(std::string_view x) const {
    while (!x.empty()) {
      const auto word = x.substr(0, x.find(' '));
      if (text(word))
        return true;
      x.remove_prefix(std::min(word.size() + 1, x.size()));
    }
    return false;
  }

  bool number(whole_number x) const {
    return wanted_.number && is_ordered(kind_, wanted_.number->compare(x));
  }

  /// @param ns that one of `x` stands for; 0: it is no duration
  bool number(whole_number x, uint64_t ns) const {
    if (!wanted_.number || wanted_.number->unit != unit_kind::time || ns < 2)
      return number(x);
    whole_number scaled{x.is_negative, 0};
    if (!__builtin_mul_overflow(x.magnitude, ns, &scaled.magnitude))
      return number(scaled);
    return is_ordered(kind_, x.is_negative ? -1 : 1); // beyond all literals
  }

  bool truth(bool x) const {
    if (wanted_.number)
      return number(whole_number::of(uint64_t{x ? 1U : 0U}));
    return text(x ? "true" : "false");
  }

  /// Any point in time is after all that lie beyond 64 bits.
  bool time(const process_trace& of, int64_t monotonic_ns) const {
    if (wanted_.wall_ns)
      return is_ordered(kind_, of.wall_ns(monotonic_ns) < *wanted_.wall_ns ? -1
                               : of.wall_ns(monotonic_ns) > *wanted_.wall_ns
                                   ? 1
                                   : 0);
    const auto since = static_cast<int64_t>(
        static_cast<uint64_t>(monotonic_ns)
        - static_cast<uint64_t>(of.content.process.start.monotonic));
    return number(whole_number::of(since));
  }

  bool is_for_texts() const {
    return kind_ == comparison_kind::equal || kind_ == comparison_kind::alike;
  }

private:
  const literal& wanted_;
  comparison_kind kind_;
};

/// Of a text that is hashed, as dump shows it.
std::string hash_text(uint32_t hash) {
  char text[12];
  std::snprintf(text, sizeof text, "#%08x", static_cast<unsigned>(hash));
  return text;
}

bool matches_text(const matcher& match, const value& x) {
  const bool is_hashed = x.kind == value_kind::body
                             ? x.form == apm::trace::body_form::hashed
                             : x.how == apm::trace::hashed_text;
  if (!match.is_for_texts())
    return match.number(whole_number::of(x.size));
  return match.text(is_hashed ? hash_text(x.hash) : std::string{x.text});
}

bool matches(const matcher& match, const found_value& found,
             record_facts& facts) {
  const auto& x = *found.content;
  const auto ns = nanoseconds_of(found.name);
  switch (x.kind) {
  case value_kind::unsigned_number: {
    const auto name = number_name(found.owner, found.name, x.number);
    return match.number(whole_number::of(x.number), ns)
           || (!name.empty() && match.text(name));
  }
  case value_kind::signed_number:
    return match.number(whole_number::of(x.signed_number), ns);
  case value_kind::time:
    return match.time(facts.process(), x.signed_number);
  case value_kind::boolean:
    return match.truth(x.number != 0);
  case value_kind::actor:
    return match.text(
        facts.process().content.name_of({static_cast<uint32_t>(x.number)}));
  case value_kind::number:
    return match.number(whole_number::of(static_cast<int64_t>(
        std::clamp(x.real == x.real ? x.real : 0.0, -9e18, 9e18))));
  case value_kind::text:
  case value_kind::body:
    return matches_text(match, x);
  default:
    return false;
  }
}

bool is_something(const value& x) {
  return x.number != 0 || x.signed_number != 0 || x.size != 0;
}

/// What one clause finds in a record.
struct finding {
  bool is_there = false;
  bool is_match = false;
};

finding find_named(const clause& x, record_facts& facts) {
  finding found;
  const matcher match{x};
  visit_values(facts.content(), x.field.path, [&](const found_value& each) {
    found.is_there = true;
    found.is_match = found.is_match
                     || (x.is_alone ? is_something(*each.content)
                                    : matches(match, each, facts));
  });
  return found;
}

finding find_words(const clause& x, std::string_view words) {
  const bool is_there = !words.empty();
  return {is_there, is_there && (x.is_alone || matcher{x}.words(words))};
}

finding find_event(const clause& x, record_facts& facts) {
  const auto* event = facts.event();
  if (event == nullptr)
    return {};
  const matcher match{x};
  return {true, x.is_alone || match.number(whole_number::of(event->event))
                    || (facts.is_missed() && match.text("missed"))
                    || match.words(facts.verdict())};
}

finding find_flag(const clause& x, record_facts& facts, uint8_t flag) {
  if (facts.kind() != "enqueued")
    return {};
  const bool is_set = (facts.content().flags & flag) != 0;
  return {true, x.is_alone ? is_set : matcher{x}.truth(is_set)};
}

finding find(const clause& x, record_facts& facts) {
  const matcher match{x};
  switch (x.field.kind) {
  case field_kind::number:
    return {true,
            x.is_alone
                || match.number(whole_number::of(facts.current().sequence))};
  case field_kind::time:
    return {true,
            x.is_alone || match.time(facts.process(), facts.current().time_ns)};
  case field_kind::dt:
    return {
        facts.dt_ns().has_value(),
        facts.dt_ns()
            && (x.is_alone || match.number(whole_number::of(*facts.dt_ns())))};
  case field_kind::actor:
    return {true, x.is_alone || match.text(facts.actor())
                      || match.text(facts.role())};
  case field_kind::role:
    return {true, x.is_alone || match.text(facts.role())};
  case field_kind::kind:
    return find_words(x, facts.kind());
  case field_kind::type:
    return find_words(x, facts.type());
  case field_kind::parent:
    return {facts.current().cause != 0,
            facts.current().cause != 0
                && (x.is_alone
                    || match.number(whole_number::of(facts.current().cause)))};
  case field_kind::event:
    return find_event(x, facts);
  case field_kind::winner:
    return find_words(x, facts.event() == nullptr ? std::string_view{}
                                                  : facts.event()->winner);
  case field_kind::verdict:
    return find_words(x, facts.verdict());
  case field_kind::cause:
    return find_words(x, facts.causes());
  case field_kind::outside:
    return find_flag(x, facts, apm::trace::is_from_outside);
  case field_kind::urgent:
    return find_flag(x, facts, apm::trace::is_urgent);
  case field_kind::named:
    break;
  }
  return find_named(x, facts);
}

} // namespace

bool holds(const clause& x, record_facts& facts) {
  const auto found = find(x, facts);
  if (x.comparison == comparison_kind::different && !x.is_alone)
    return found.is_there && !found.is_match;
  return found.is_match;
}

bool filter::holds(record_facts& x) const {
  bool outcome = true;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const auto& now = steps_[i];
    if (now.kind == step_kind::clause)
      outcome = flushtrace::holds(clauses_[now.to], x);
    else if (now.kind == step_kind::invert)
      outcome = !outcome;
    else if (outcome == (now.kind == step_kind::skip_if))
      i = now.to - 1; // it is behind this step
  }
  return outcome;
}

bool filter::needs_causes() const {
  return std::any_of(clauses_.begin(), clauses_.end(), [](const clause& x) {
    return x.field.kind == field_kind::cause;
  });
}

bool filter::needs_verdicts() const {
  return std::any_of(clauses_.begin(), clauses_.end(), [](const clause& x) {
    return x.field.kind == field_kind::verdict
           || (x.field.kind == field_kind::event && !x.is_alone
               && !x.wanted.number);
  });
}

} // namespace flushtrace
