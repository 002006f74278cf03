#include "tools/flushtrace/filter/fields.hpp"

#include "runtime/trace/record.hpp"
#include "tools/flushtrace/analysis/cause.hpp"
#include "tools/flushtrace/filter/message_fields.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace flushtrace {

namespace {

constexpr std::string_view field_prefix = "field.";

/// Letters by which a name may differ from one that is meant.
constexpr size_t typing_errors_max = 2;

/// Longer names are nobody's typing errors.
constexpr size_t name_bytes_max = 40;

/// Where a name occurs: kinds of records, with the letter of their schema, and
/// messages, whose letters a trace has.
struct occurrence {
  std::string_view owner;
  char letter = 0; ///< 0: not known here
};

using catalogue = std::map<std::string, std::vector<occurrence>, std::less<>>;

void add_message(catalogue& to, std::string_view type, std::string_view fields,
                 const std::string& front) {
  for (auto x = take_field(fields); !x.name.empty(); x = take_field(fields)) {
    const auto path = front + std::string{x.name};
    to[path].push_back({type});
    if (!x.inner.empty())
      add_message(to, type, x.inner, path + '.');
  }
}

catalogue make_catalogue() {
  catalogue made;
  for (unsigned i = 0; i < 256; ++i) {
    auto schema =
        apm::trace::schema_of(static_cast<apm::trace::record_kind>(i));
    const auto kind = schema.substr(0, schema.find(' '));
    schema.remove_prefix(kind.size());
    while (!schema.empty()) {
      schema.remove_prefix(1);
      const auto word = schema.substr(0, schema.find(' '));
      const auto colon = word.find(':');
      made[std::string{word.substr(0, colon)}].push_back(
          {kind, word[colon + 1]});
      schema.remove_prefix(word.size());
    }
  }
  for (const auto type : known_messages())
    add_message(made, type, message_fields(type), {});
  return made;
}

const catalogue& named_fields() {
  static const catalogue made = make_catalogue();
  return made;
}

/// Letters to change, add or leave out to make one of the other.
size_t distance(std::string_view x, std::string_view y) {
  std::array<size_t, name_bytes_max + 1> row{};
  for (size_t j = 0; j <= y.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= x.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= y.size(); ++j) {
      const auto above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1,
                         diagonal + (x[i - 1] == y[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[y.size()];
}

bool is_like(std::string_view wanted, std::string_view name) {
  if (wanted.size() > name_bytes_max || name.size() > name_bytes_max)
    return false;
  const auto last = name.substr(name.rfind('.') + 1);
  return (wanted.size() > typing_errors_max
          && distance(wanted, name) <= typing_errors_max)
         || wanted == last || (wanted.size() > 3 && name.find(wanted) == 0);
}

std::string problem_of(std::string_view name) {
  std::string text = "no record has a field `" + std::string{name} + "`";
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; },
      '?'); // of --fields, where any text may stand
  std::string like;
  for (const auto& x : common_fields())
    if (is_like(name, x.name))
      like += (like.empty() ? "" : ", ") + std::string{x.name};
  for (const auto& [known, where] : named_fields())
    if (is_like(name, known))
      like += (like.empty() ? "" : ", ") + known;
  if (!like.empty())
    text += "; like it: " + like;
  text += "; possible are";
  for (const auto& x : common_fields())
    text += ' ' + std::string{x.name};
  return text + ", and a record's own, such as status, lines, reason";
}

void append_words(std::string_view text, std::vector<std::string_view>& to) {
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    to.push_back(word);
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
}

std::vector<std::string_view> words_of_named(const std::string& path) {
  const auto found = named_fields().find(path);
  if (found == named_fields().end())
    return {};
  const auto name = std::string_view{path}.substr(path.rfind('.') + 1);
  std::vector<std::string_view> words;
  for (const auto& x : found->second) {
    const auto names = number_names(x.owner, name);
    if (names.empty() && x.letter != 'u')
      return {}; // it may be a text
    append_words(names, words);
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

std::vector<std::string_view> all_kinds() {
  std::vector<std::string_view> words;
  for (unsigned i = 0; i < 256; ++i) {
    const auto schema =
        apm::trace::schema_of(static_cast<apm::trace::record_kind>(i));
    if (!schema.empty())
      words.push_back(schema.substr(0, schema.find(' ')));
  }
  return words;
}

} // namespace

const std::vector<field_row>& common_fields() {
  static const std::vector<field_row> rows = {
      {"number", field_kind::number, field_type::number, "of the record"},
      {"time", field_kind::time, field_type::duration,
       "since the process began, or a point in time"},
      {"dt", field_kind::dt, field_type::duration,
       "since the last record of the same actor"},
      {"actor", field_kind::actor, field_type::text,
       "its name, or the role of it"},
      {"role", field_kind::role, field_type::text, "of the actor"},
      {"kind", field_kind::kind, field_type::text, "of the record"},
      {"type", field_kind::type, field_type::text, "of the message"},
      {"parent", field_kind::parent, field_type::number,
       "the record that brought it about"},
      {"inv", field_kind::event, field_type::any,
       "the invocation's number, or its verdict, or missed"},
      {"event", field_kind::event, field_type::any, "the same"},
      {"winner", field_kind::winner, field_type::text, "what ended the event"},
      {"verdict", field_kind::verdict, field_type::text, "of the event"},
      {"cause", field_kind::cause, field_type::text,
       "why the event's flush was missed"},
      {"outside", field_kind::outside, field_type::truth,
       "the message came from outside"},
      {"urgent", field_kind::urgent, field_type::truth,
       "the message was put first"},
  };
  return rows;
}

apm::result<field_reference> find_field(std::string_view name) {
  for (const auto& x : common_fields())
    if (x.name == name)
      return field_reference{x.kind, {}};
  if (name.substr(0, field_prefix.size()) == field_prefix
      && name.size() > field_prefix.size())
    return field_reference{field_kind::named,
                           std::string{name.substr(field_prefix.size())}};
  if (named_fields().find(name) != named_fields().end())
    return field_reference{field_kind::named, std::string{name}};
  return apm::error{apm::errc::bad_value, problem_of(name)};
}

field_type type_of(const field_reference& x) {
  if (x.kind == field_kind::named)
    return field_type::any;
  for (const auto& row : common_fields())
    if (row.kind == x.kind)
      return row.type;
  return field_type::any;
}

std::vector<std::string_view> words_of(const field_reference& x) {
  switch (x.kind) {
  case field_kind::kind:
    return all_kinds();
  case field_kind::type:
    return known_messages();
  case field_kind::winner:
    return {"agent_flushed", "runtime_done", "deadline"};
  case field_kind::verdict:
    return {"complete", "lost",        "delayed", "at_risk",
            "rejected", "unaccounted", "unknown"};
  case field_kind::event:
    return {"missed",  "complete", "lost",        "delayed",
            "at_risk", "rejected", "unaccounted", "unknown"};
  case field_kind::cause: {
    std::vector<std::string_view> words;
    for (const auto& each : all_causes())
      words.emplace_back(each.id);
    return words;
  }
  case field_kind::outside:
  case field_kind::urgent:
    return {"true", "false"};
  case field_kind::named:
    return words_of_named(x.path);
  default:
    return {};
  }
}

uint64_t nanoseconds_of(std::string_view name) {
  // Fields of runtime/trace/record.cpp whose names have no unit.
  static const std::set<std::string_view> in_ns = {
      "slack", "budget",   "monotonic", "real",
      "boot",  "deadline", "probe_at",  "due"};
  const auto ends_with = [&](std::string_view end) {
    return name.size() > end.size()
           && name.substr(name.size() - end.size()) == end;
  };
  if (in_ns.count(name) > 0 || ends_with("_ns"))
    return 1;
  return ends_with("_us") ? 1'000 : ends_with("_ms") ? 1'000'000 : 0;
}

} // namespace flushtrace
