// After Thompson: all ways through the pattern are followed at once, a step for
// each character of the text.
#include "tools/flushtrace/filter/text_pattern.hpp"

#include <cstdio>
#include <utility>

namespace flushtrace {

namespace {

/// Of groups within groups.
constexpr int pattern_depth_max = 64;

/// Steps of a pattern: each costs a few ns for each character of a text.
constexpr size_t steps_max = 1024;

using character_set = std::bitset<256>;

size_t index_of(char c) {
  return static_cast<unsigned char>(c);
}

void add_range(character_set& to, char first, char last) {
  for (size_t i = index_of(first); i <= index_of(last); ++i)
    to.set(i);
}

/// A character in a message, which is to stay one line.
std::string shown(char c) {
  if (c >= ' ' && c <= '~')
    return {c};
  char text[8];
  std::snprintf(text, sizeof text, "\\x%02x",
                static_cast<unsigned>(index_of(c)));
  return text;
}

/// `\d`, `\w`, `\s`, their opposites, and characters that would mean something.
character_set escaped(char c) {
  character_set set;
  switch (c) {
  case 'd':
  case 'D':
    add_range(set, '0', '9');
    break;
  case 'w':
  case 'W':
    add_range(set, 'a', 'z');
    add_range(set, 'A', 'Z');
    add_range(set, '0', '9');
    set.set(index_of('_'));
    break;
  case 's':
  case 'S':
    for (const char blank : {' ', '\t', '\n', '\r', '\f', '\v'})
      set.set(index_of(blank));
    break;
  default:
    set.set(index_of(c));
    return set;
  }
  return c >= 'a' ? set : ~set;
}

} // namespace

/// Makes steps of a pattern. A part's steps are moved when a `*` or `|` behind
/// it needs a step before it, so jumps are kept relative until the end.
class pattern_compiler {
public:
  explicit pattern_compiler(std::string_view pattern) : left_(pattern) {}

  apm::result<text_pattern> compile() {
    auto steps = either(0);
    if (problem_.empty() && !left_.empty())
      problem_ = "a ) closes what was never opened";
    if (problem_.empty() && steps.size() >= steps_max)
      problem_ = "the pattern is too long";
    if (!problem_.empty())
      return apm::error{apm::errc::bad_value, problem_};
    text_pattern made;
    made.sets_ = std::move(sets_);
    for (size_t i = 0; i < steps.size(); ++i)
      made.steps_.push_back(
          {steps[i].kind, i + static_cast<size_t>(steps[i].next),
           i + static_cast<size_t>(steps[i].other), steps[i].set});
    made.steps_.push_back({});
    return made;
  }

private:
  using step_kind = text_pattern::step_kind;

  /// A step whose jumps are counted from itself.
  struct relative_step {
    step_kind kind;
    ptrdiff_t next;
    ptrdiff_t other;
    size_t set;
  };

  using part = std::vector<relative_step>;

  static ptrdiff_t length(const part& x) {
    return static_cast<ptrdiff_t>(x.size());
  }

  static void append(part& to, const part& x) {
    to.insert(to.end(), x.begin(), x.end());
  }

  part either(int depth) {
    std::vector<part> ways{row(depth)};
    while (problem_.empty() && !left_.empty() && left_.front() == '|') {
      left_.remove_prefix(1);
      ways.push_back(row(depth));
    }
    // From the last on, so that each way is copied once.
    part made = std::move(ways.back());
    for (size_t i = ways.size() - 1; i > 0; --i) {
      auto& way = ways[i - 1];
      part both{{step_kind::split, 1, length(way) + 2, 0}};
      append(both, way);
      both.push_back({step_kind::jump, length(made) + 1, 0, 0});
      append(both, made);
      made = std::move(both);
      if (made.size() > steps_max) {
        problem_ = "the pattern is too long";
        break;
      }
    }
    return made;
  }

  part row(int depth) {
    part made;
    while (problem_.empty() && !left_.empty() && left_.front() != '|'
           && left_.front() != ')') {
      auto one = piece(depth);
      while (!left_.empty()
             && std::string_view{"*+?"}.find(left_.front())
                    != std::string_view::npos) {
        one = repeated(std::move(one), left_.front());
        left_.remove_prefix(1);
        if (one.size() > steps_max)
          break;
      }
      append(made, one);
      if (made.size() > steps_max)
        problem_ = "the pattern is too long";
    }
    return made;
  }

  static part repeated(part one, char how) {
    part made;
    if (how != '+')
      made.push_back(
          {step_kind::split, 1, length(one) + (how == '*' ? 2 : 1), 0});
    append(made, one);
    if (how == '*')
      made.push_back({step_kind::jump, -length(one) - 1, 0, 0});
    if (how == '+')
      made.push_back({step_kind::split, -length(one), 1, 0});
    return made;
  }

  part piece(int depth) {
    const char c = left_.front();
    left_.remove_prefix(1);
    switch (c) {
    case '(':
      return group(depth);
    case '[':
      return one_of(bracket());
    case '.':
      return one_of(~character_set{});
    case '^':
      return {{step_kind::begin, 0, 0, 0}};
    case '$':
      return {{step_kind::end, 0, 0, 0}};
    case '*':
    case '+':
    case '?':
      problem_ = std::string{"nothing stands before "} + c
                 + " that could be repeated; as itself write \\" + c;
      return {};
    case '\\':
      return one_of(escape());
    default:
      return one_of(character_set{}.set(index_of(c)));
    }
  }

  part group(int depth) {
    if (depth == pattern_depth_max) {
      problem_ = "groups are nested too deeply";
      return {};
    }
    if (left_.substr(0, 2) == "?:")
      left_.remove_prefix(2);
    auto made = either(depth + 1);
    if (!problem_.empty())
      return {};
    if (left_.empty())
      problem_ = "a ( is never closed; as itself write \\(";
    else
      left_.remove_prefix(1);
    return made;
  }

  character_set escape() {
    if (left_.empty()) {
      problem_ = "nothing stands behind the last \\";
      return {};
    }
    const char c = left_.front();
    left_.remove_prefix(1);
    return escaped(c);
  }

  character_set bracket() {
    character_set set;
    const bool is_opposite = !left_.empty() && left_.front() == '^';
    if (is_opposite)
      left_.remove_prefix(1);
    for (bool is_first = true;; is_first = false) {
      if (left_.empty()) {
        problem_ = "a [ is never closed; as itself write \\[";
        return {};
      }
      const char c = left_.front();
      left_.remove_prefix(1);
      if (c == ']' && !is_first)
        return is_opposite ? ~set : set;
      if (c == '\\') {
        set |= escape();
      } else if (left_.size() > 1 && left_[0] == '-' && left_[1] != ']') {
        if (index_of(c) > index_of(left_[1]))
          problem_ =
              "no character is from " + shown(c) + " to " + shown(left_[1]);
        add_range(set, c, left_[1]);
        left_.remove_prefix(2);
      } else {
        set.set(index_of(c));
      }
    }
  }

  part one_of(const character_set& set) {
    sets_.push_back(set);
    return {{step_kind::characters, 1, 0, sets_.size() - 1}};
  }

  std::string_view left_;
  std::vector<character_set> sets_;
  std::string problem_;
};

/// Where one match stands: the steps that the next character may take.
class pattern_run {
public:
  explicit pattern_run(const text_pattern& of)
      : of_(of), seen_(of.steps_.size(), SIZE_MAX) {}

  bool find(std::string_view text) {
    for (size_t at = 0;; ++at) {
      add(0, at, text.size()); // a match may begin anywhere
      if (is_match_)
        return true;
      if (at == text.size())
        return false;
      now_.swap(next_);
      next_.clear();
      for (const auto i : now_)
        if (of_.sets_[of_.steps_[i].set].test(index_of(text[at])))
          add(i + 1, at + 1, text.size());
    }
  }

private:
  /// Follows what needs no character, from a step on.
  void add(size_t first, size_t at, size_t size) {
    using step_kind = text_pattern::step_kind;
    open_.assign(1, first);
    while (!open_.empty()) {
      const auto i = open_.back();
      open_.pop_back();
      if (seen_[i] == at)
        continue;
      seen_[i] = at;
      const auto& step = of_.steps_[i];
      if (step.kind == step_kind::match) {
        is_match_ = true;
      } else if (step.kind == step_kind::characters) {
        next_.push_back(i);
      } else if (step.kind == step_kind::jump) {
        open_.push_back(step.next);
      } else if (step.kind == step_kind::split) {
        open_.push_back(step.other);
        open_.push_back(step.next);
      } else if (step.kind == step_kind::begin ? at == 0 : at == size) {
        open_.push_back(i + 1);
      }
    }
  }

  const text_pattern& of_;
  std::vector<size_t> seen_; ///< at which character a step was last added
  std::vector<size_t> now_;
  std::vector<size_t> next_;
  std::vector<size_t> open_;
  bool is_match_ = false;
};

apm::result<text_pattern> text_pattern::compile(std::string_view pattern) {
  return pattern_compiler{pattern}.compile();
}

bool text_pattern::is_in(std::string_view text) const {
  return pattern_run{*this}.find(text);
}

} // namespace flushtrace
