// Parses filters:
//
//   filter  = row { "||" row }
//   row     = one { "&&" one }
//   one     = "!" one | "(" filter ")" | field [ comparison value ]
//   value   = word | text in quotes
//
// It goes down for brackets alone, which are counted.
#include "runtime/formats/rfc3339.hpp"
#include "tools/flushtrace/filter/filter.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

bool is_order(comparison_kind x) {
  return x == comparison_kind::less || x == comparison_kind::at_most
         || x == comparison_kind::greater || x == comparison_kind::at_least;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const auto x : words)
    text += (text.empty() ? "" : " ") + std::string{x};
  return text;
}

/// The nearest that 64 bits of ns can hold: the years 1677 to 2262.
int64_t in_ns(int64_t us) {
  int64_t ns = 0;
  if (__builtin_mul_overflow(us, int64_t{1000}, &ns))
    return us < 0 ? INT64_MIN : INT64_MAX;
  return ns;
}

/// Why a number cannot be a field's value; empty: it can.
std::string problem_of_number(const clause& x) {
  const auto& wanted = x.wanted;
  const auto type = type_of(x.field);
  if (type == field_type::number)
    return wanted.number && wanted.number->unit == unit_kind::none
               ? ""
               : "this is to be a whole number";
  if (type == field_type::duration) {
    if (x.field.kind == field_kind::time && wanted.wall_ns)
      return "";
    const bool is_duration = wanted.number
                             && (wanted.number->unit == unit_kind::time
                                 || (wanted.number->unit == unit_kind::none
                                     && wanted.number->real == 0));
    return is_duration ? ""
                       : "this is to be a duration with its unit, such as "
                         "50ms; possible are ns us ms s min h";
  }
  if (x.field.kind != field_kind::named || !wanted.number
      || wanted.number->unit != unit_kind::time)
    return "";
  const auto name =
      std::string_view{x.field.path}.substr(x.field.path.rfind('.') + 1);
  return nanoseconds_of(name) != 0
             ? ""
             : "`" + x.field.path + "` is no duration: give a plain number";
}

/// Why a word cannot be a field's value; empty: it can.
std::string problem_of_word(const clause& x) {
  if (x.comparison != comparison_kind::equal
      && x.comparison != comparison_kind::different)
    return "";
  const bool may_be_number =
      x.field.kind == field_kind::named || type_of(x.field) == field_type::any;
  if (may_be_number && x.wanted.number)
    return "";
  const auto words = words_of(x.field);
  if (words.empty()
      || std::find(words.begin(), words.end(), x.wanted.text) != words.end())
    return "";
  const auto inner = words_of({field_kind::named, "kind"});
  const bool is_inner =
      x.field.kind == field_kind::kind
      && std::find(inner.begin(), inner.end(), x.wanted.text) != inner.end();
  return is_inner ? "no record is of this kind; for a field `kind` within a "
                    "record write field.kind"
                  : "this is none of its values; possible are " + joined(words);
}

std::string problem_of_comparison(const clause& x) {
  const auto type = type_of(x.field);
  if (x.comparison == comparison_kind::alike
      && (type == field_type::number || type == field_type::duration
          || type == field_type::truth))
    return "a number is not compared with ~; possible are == != < <= > >=";
  if (is_order(x.comparison)
      && (type == field_type::text || type == field_type::truth))
    return "a text has no order; possible are == != ~";
  return "";
}

} // namespace

class filter_parser {
public:
  explicit filter_parser(std::string_view text) : text_(text) {}

  apm::result<filter> parse() {
    auto tokens = split_tokens(text_);
    if (!tokens)
      return tokens.error();
    tokens_ = std::move(tokens.value());
    if (now().kind != token_kind::end)
      either(0);
    if (problem_.empty() && now().kind != token_kind::end)
      fail(now(), now().kind == token_kind::close
                      ? "this closes what was never opened"
                      : "the filter should end here, or go on with && or ||");
    if (!problem_.empty())
      return apm::error{apm::errc::bad_value, problem_};
    return std::move(made_);
  }

private:
  using step_kind = filter::step_kind;

  const token& now() const { return tokens_[next_]; }

  bool takes(token_kind kind) {
    if (now().kind != kind)
      return false;
    ++next_;
    return true;
  }

  void fail(const token& at, const std::string& what) {
    if (problem_.empty())
      problem_ = point_at(text_, at.at, at.size, what);
  }

  /// One after the other, with a jump to the end of all behind each but the
  /// last.
  template <class Part>
  void row_of(token_kind sign, step_kind skip, Part part) {
    std::vector<size_t> skips;
    part();
    while (problem_.empty() && takes(sign)) {
      skips.push_back(made_.steps_.size());
      made_.steps_.push_back({skip, 0});
      part();
    }
    for (const auto i : skips)
      made_.steps_[i].to = made_.steps_.size();
  }

  void either(int depth) {
    row_of(token_kind::either, step_kind::skip_if, [&] {
      row_of(token_kind::both, step_kind::skip_if_not, [&] { one(depth); });
    });
  }

  void one(int depth) {
    bool is_inverted = false;
    while (takes(token_kind::invert))
      is_inverted = !is_inverted;
    const auto first = now();
    if (takes(token_kind::open)) {
      if (depth == filter_depth_max)
        return fail(first, "brackets are nested too deeply");
      either(depth + 1);
      if (problem_.empty() && !takes(token_kind::close))
        fail(first, "this bracket is never closed");
    } else if (takes(token_kind::word)) {
      take_clause(first);
    } else {
      fail(first, "a field is missing here, such as actor, type, dt, inv, "
                  "status");
    }
    if (is_inverted)
      made_.steps_.push_back({step_kind::invert, 0});
  }

  void take_clause(const token& name) {
    auto field = find_field(name.text);
    if (!field)
      return fail(name, field.error().detail);
    clause x;
    x.field = std::move(field.value());
    const auto sign = now();
    x.is_alone = !takes(token_kind::comparison);
    if (!x.is_alone) {
      x.comparison = sign.comparison;
      if (const auto problem = problem_of_comparison(x); !problem.empty())
        return fail(sign, problem);
      const auto value = now();
      if (!takes(token_kind::word) && !takes(token_kind::text))
        return fail(value, "a value is missing here");
      take_value(value, x);
    }
    made_.steps_.push_back({step_kind::clause, made_.clauses_.size()});
    made_.clauses_.push_back(std::move(x));
  }

  void take_value(const token& value, clause& x) {
    auto& wanted = x.wanted;
    wanted.text = value.text;
    if (x.comparison == comparison_kind::alike) {
      auto pattern = text_pattern::compile(value.text);
      if (!pattern)
        return fail(value, pattern.error().detail);
      wanted.pattern = std::move(pattern.value());
      return;
    }
    wanted.number = parse_quantity(value.text);
    if (const auto us = apm::parse_rfc3339_us(value.text))
      wanted.wall_ns = in_ns(us.value());
    auto problem = problem_of_number(x);
    if (problem.empty())
      problem = problem_of_word(x);
    if (problem.empty() && is_order(x.comparison) && !wanted.number
        && !wanted.wall_ns)
      problem = "only numbers have an order; possible are == != ~";
    if (!problem.empty())
      fail(value, problem);
  }

  std::string_view text_;
  std::vector<token> tokens_;
  size_t next_ = 0;
  filter made_;
  std::string problem_;
};

apm::result<filter> filter::parse(std::string_view text) {
  return filter_parser{text}.parse();
}

} // namespace flushtrace
