// Comparing records field by field; see comparison.hpp.
#include "tools/flushtrace/replay/comparison.hpp"

#include "runtime/trace/wire.hpp"
#include "tools/flushtrace/filter/message_fields.hpp"
#include "tools/flushtrace/record_text.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::trace::body_form;
using apm::trace::record_content;
using apm::trace::record_kind;
using apm::trace::schema_book;
using apm::trace::value;
using apm::trace::value_kind;

/// The world's own, beside messages: what a replay takes from the trace.
bool is_reading(const record& x) noexcept {
  return is_kind(x, record_kind::wall_read)
         || is_kind(x, record_kind::random_draw)
         || is_kind(x, record_kind::clock_anchor)
         || is_kind(x, record_kind::post)
         || is_kind(x, record_kind::process_end);
}

uint32_t type_number(const record& enqueued) noexcept {
  apm::trace::byte_reader in{enqueued.payload};
  return static_cast<uint32_t>(in.u());
}

/// Fields whose number is one of bytes.
bool counts_bytes(std::string_view name) noexcept {
  return name == "bytes" || name == "inbox_bytes" || name == "platform_bytes";
}

/// A packed body is of another size than the original's: a replay packs less,
/// and what a twin holds is not what the original held.
bool is_packed(const record_content& of, size_t field) noexcept {
  return of.type == "http_request"
         && of.fields[field].content.kind == value_kind::body
         && of.fields[field].content.form != body_form::empty;
}

/// Numbers that an actor counts with: the n-th request of one run is not that
/// of another.
bool is_counter(std::string_view name) noexcept {
  static constexpr std::string_view names[] = {
      "id", "lease", "round", "event", "sequence", "current", "fingerprint"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// Signed numbers are times, but for these.
bool is_no_time(std::string_view name) noexcept {
  return name == "exit_code" || name == "retry_after_ms";
}

bool has_figures(std::string_view text) noexcept {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

/// The same of what stands within a list or a structure: times, and what a
/// structure's number counts.
bool is_of_its_run(const value& x, value_kind within) noexcept {
  return x.kind == value_kind::signed_number || x.kind == value_kind::time
         || (x.kind == value_kind::unsigned_number
             && within == value_kind::structure);
}

bool has_word(std::string_view name, std::string_view word) noexcept {
  return name.find(word) != std::string_view::npos;
}

std::string field_name(const record_content& of, size_t index) {
  if (of.type.empty())
    return of.fields[index].name;
  auto names = message_fields(of.type);
  std::string_view name;
  for (size_t i = 0; i <= index; ++i)
    name = take_field(names).name;
  return name.empty() ? "field " + std::to_string(index) : std::string{name};
}

} // namespace

bool decides(uint8_t kind) noexcept {
  switch (static_cast<record_kind>(kind)) {
  case record_kind::event_begin:
  case record_kind::winner:
  case record_kind::late_signal:
  case record_kind::flush_end:
  case record_kind::ledger:
  case record_kind::dropped:
  case record_kind::verdict:
    return true;
  default:
    return false;
  }
}

record_comparison::record_comparison(const process_trace& recorded,
                                     comparison_rules rules)
    : recorded_(recorded),
      book_(recorded.content),
      replayed_book_(replayed_.content),
      rules_(rules) {
  replayed_.content.process = recorded.content.process;
}

void record_comparison::learn(
    std::vector<apm::trace::dictionary_entry> dictionary) {
  replayed_.content.dictionary = std::move(dictionary);
  replayed_book_ = schema_book{replayed_.content};
  for (const auto& x : replayed_.content.dictionary) {
    if (x.kind != apm::trace::entry_kind::message_type)
      continue;
    const auto* recorded = recorded_.content.find(x.kind, x.id);
    types_[x.id] = recorded != nullptr && recorded->text == x.text;
  }
}

void record_comparison::learn(const trace& other) {
  replayed_.content.process = other.process;
  learn(other.dictionary);
}

bool record_comparison::is_new(const record& got) const {
  return is_kind(got, record_kind::enqueued)
         && types_.count(type_number(got)) == 0;
}

bool record_comparison::is_same_type(const record& got) const {
  if (!is_kind(got, record_kind::enqueued))
    return true;
  const auto found = types_.find(type_number(got));
  return found != types_.end() && found->second;
}

bool record_comparison::is_same(const record& want, const record& got,
                                bool is_input) const {
  if (want.kind != got.kind || want.actor.value != got.actor.value)
    return false;
  if (is_input || is_reading(want)
      || (want.payload == got.payload && is_same_type(got)))
    return true;
  return is_same_content(want, got);
}

bool record_comparison::is_same_content(const record& want,
                                        const record& got) const {
  const auto x = book_.read(want);
  const auto y = replayed_book_.read(got);
  if (x.type != y.type || x.flags != y.flags)
    return false;
  if (rules_.how == strictness::outcome && !decides(want.kind))
    return true;
  // A field that only one program knows was added or taken away.
  const auto common = std::min(x.fields.size(), y.fields.size());
  for (size_t i = 0; i < common; ++i)
    if (!is_ignored(x, i)
        && !is_same_value(x.fields[i].content, y.fields[i].content))
      return false;
  return true;
}

bool record_comparison::is_ignored(const record_content& of,
                                   size_t field) const {
  return is_packed(of, field)
         || (rules_.how != strictness::exact
             && counts_bytes(of.fields[field].name))
         || (rules_.is_of_two_runs && is_of_its_run(of, field));
}

/// Whether a field is another one in each run, whatever the actors do.
bool record_comparison::is_of_its_run(const record_content& of,
                                      size_t field) const {
  const auto name = field_name(of, field);
  const auto kind = of.fields[field].content.kind;
  const bool is_time =
      kind == value_kind::time
      || (kind == value_kind::signed_number && !is_no_time(name));
  const bool is_size =
      has_word(name, "bytes") && rules_.how != strictness::exact;
  return is_time || is_size || is_counter(name);
}

/// Equal, but for what a hash is of: no twin has the hash of its original.
bool record_comparison::is_same_value(const value& x, const value& y) const {
  // The recorder cuts at a share of its ring, which was another one.
  if (x.kind == value_kind::missing || y.kind == value_kind::missing)
    return true;
  const bool is_sized =
      x.kind == value_kind::text || x.kind == value_kind::body;
  if (x.kind != y.kind)
    return false;
  // A recorder that knew the last few actors alone took one that had spawned
  // many since for the world.
  if (x.kind == value_kind::actor && x.number == 0)
    return true;
  if (is_sized && rules_.how == strictness::exact && x.size != y.size)
    return false;
  if (is_sized)
    return x.kind != value_kind::text || x.how != apm::trace::kept_text
           || y.how != apm::trace::kept_text || x.text == y.text
           || is_ignored_text(x.text, y.text);
  if (x.number != y.number || x.signed_number != y.signed_number
      || !(x.real == y.real))
    return false;
  const auto common = std::min(x.elements.size(), y.elements.size());
  const auto is_cut = [](const value& list) {
    return !list.elements.empty()
           && list.elements.back().kind == value_kind::missing;
  };
  if (x.elements.size() != y.elements.size() && !is_cut(x) && !is_cut(y))
    return false;
  for (size_t i = 0; i < common; ++i)
    if (!(rules_.is_of_two_runs
          && flushtrace::is_of_its_run(x.elements[i], x.kind))
        && !is_same_value(x.elements[i], y.elements[i]))
      return false;
  return true;
}

/// Of two that differ: whether that does not matter.
bool record_comparison::is_ignored_text(std::string_view x,
                                        std::string_view y) const {
  if (rules_.is_of_two_runs && rules_.how != strictness::outcome)
    return has_figures(x) || has_figures(y);
  return rules_.how != strictness::exact;
}

std::string record_comparison::describe(const record& got) const {
  return record_printer{replayed_}.text(got);
}

std::vector<field_difference>
record_comparison::differences(const record& want, const record& got) const {
  std::vector<field_difference> found;
  const auto x = book_.read(want);
  const auto y = replayed_book_.read(got);
  const auto add = [&](const std::string& field, std::string expected,
                       std::string given) {
    if (expected != given)
      found.push_back({field, std::move(expected), std::move(given)});
  };
  add("kind", std::string{x.kind}, std::string{y.kind});
  add("actor", recorded_.content.name_of(want.actor),
      replayed_.content.name_of(got.actor));
  add("message", std::string{x.type}, std::string{y.type});
  return found.empty() ? fields_that_differ(x, y) : found;
}

std::vector<field_difference>
record_comparison::field_differences(const record& want,
                                     const record& got) const {
  const bool is_taken =
      is_reading(want)
      && !(rules_.is_of_two_runs && is_kind(want, record_kind::post));
  if (is_taken || (rules_.how == strictness::outcome && !decides(want.kind)))
    return {};
  return fields_that_differ(book_.read(want), replayed_book_.read(got));
}

std::vector<field_difference>
record_comparison::fields_that_differ(const record_content& x,
                                      const record_content& y) const {
  std::vector<field_difference> found;
  // A field that only one program knows was added or taken away.
  const auto common = std::min(x.fields.size(), y.fields.size());
  for (size_t i = 0; i < common; ++i) {
    const auto& expected = x.fields[i].content;
    const auto& got = y.fields[i].content;
    if (is_ignored(x, i) || is_same_value(expected, got))
      continue;
    const auto name = field_name(x, i);
    const auto owner = x.type.empty() ? x.kind : x.type;
    found.push_back({name, value_text(recorded_, {&expected, owner, name}),
                     value_text(replayed_, {&got, owner, name})});
  }
  return found;
}

} // namespace flushtrace
