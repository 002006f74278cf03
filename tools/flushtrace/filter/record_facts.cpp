#include "tools/flushtrace/filter/record_facts.hpp"

#include "runtime/trace/wire.hpp"
#include "tools/flushtrace/filter/message_fields.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::trace::entry_kind;
using apm::trace::record_kind;
using apm::trace::value;
using apm::trace::value_kind;

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

/// Cuts the first name of a path off.
std::string_view take_name(std::string_view& path) {
  const auto name = path.substr(0, path.find('.'));
  path.remove_prefix(std::min(name.size() + 1, path.size()));
  return name;
}

/// Of lists in lists, and structs in structs.
constexpr int value_depth_max = 16;

class path_visitor {
public:
  path_visitor(std::string_view owner,
               const std::function<void(const found_value&)>& use)
      : owner_(owner), use_(use) {}

  void visit(const value& x, std::string_view name, std::string_view rest,
             std::string_view inner, int depth = 0) const {
    if (x.kind == value_kind::missing || depth > value_depth_max)
      return;
    if (x.kind == value_kind::list) {
      for (const auto& each : x.elements)
        visit(each, name, rest, inner, depth + 1);
    } else if (x.kind == value_kind::structure) {
      const auto next = take_name(rest);
      const auto place = place_of(inner, next);
      if (place.index < x.elements.size())
        visit(x.elements[place.index], next, rest, place.inner, depth + 1);
    } else if (rest.empty()) {
      use_({&x, owner_, name});
    }
  }

private:
  std::string_view owner_;
  const std::function<void(const found_value&)>& use_;
};

} // namespace

void visit_values(const apm::trace::record_content& in, std::string_view path,
                  const std::function<void(const found_value&)>& use) {
  const auto name = take_name(path);
  if (in.type.empty()) {
    for (const auto& x : in.fields)
      if (x.name == name)
        path_visitor{in.kind, use}.visit(x.content, name, path, {});
    return;
  }
  const auto place = place_of(message_fields(in.type), name);
  if (place.index < in.fields.size())
    path_visitor{in.type, use}.visit(in.fields[place.index].content, name, path,
                                     place.inner);
}

event_index::event_index(const trace& of) : rows_(events_of(of)) {
  rows_.erase(std::remove_if(rows_.begin(), rows_.end(),
                             [](const auto& x) { return x.record == 0; }),
              rows_.end());
  std::sort(rows_.begin(), rows_.end(),
            [](const auto& x, const auto& y) { return x.record < y.record; });
}

const event_row* event_index::at(uint64_t sequence) const {
  const auto after = std::upper_bound(
      rows_.begin(), rows_.end(), sequence,
      [](uint64_t number, const auto& x) { return number < x.record; });
  return after == rows_.begin() ? nullptr : &*(after - 1);
}

record_facts::record_facts(const process_trace& of, event_lookup words)
    : of_(of),
      find_words_(std::move(words)),
      book_(of.content),
      events_(of.content) {
  for (size_t i = 0; i < kinds_.size(); ++i)
    kinds_[i] = first_word(apm::trace::schema_of(static_cast<record_kind>(i)));
  for (const auto& x : of.content.dictionary) {
    if (x.kind == entry_kind::message_type)
      types_.emplace(x.id, first_word(x.text));
    else if (x.kind == entry_kind::record_schema && x.id < kinds_.size()
             && kinds_[x.id].empty())
      kinds_[x.id] = first_word(x.text);
  }
}

void record_facts::go_to(const record& x) {
  current_ = &x;
  content_.reset();
  is_event_known_ = false;
  const auto [last, is_first] = last_of_.try_emplace(x.actor.value, x.time_ns);
  dt_ns_.reset();
  if (!is_first) // times of a damaged trace are any
    dt_ns_ = static_cast<int64_t>(static_cast<uint64_t>(x.time_ns)
                                  - static_cast<uint64_t>(last->second));
  last->second = x.time_ns;
}

int64_t record_facts::since_start_ns() const noexcept {
  return static_cast<int64_t>(
      static_cast<uint64_t>(current_->time_ns)
      - static_cast<uint64_t>(of_.content.process.start.monotonic));
}

const std::string& record_facts::actor() {
  auto& name = names_[current_->actor.value];
  if (name.empty())
    name = of_.content.name_of(current_->actor);
  return name;
}

std::string_view record_facts::role() {
  const std::string_view name = actor();
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

std::string_view record_facts::kind() const {
  return kinds_[current_->kind];
}

const record* record_facts::find(uint64_t sequence) const {
  return find_record(of_.content.records, sequence);
}

std::string_view record_facts::type_of(const record& x) const {
  if (!is_kind(x, record_kind::enqueued))
    return {};
  const auto found = types_.find(
      static_cast<uint32_t>(apm::trace::byte_reader{x.payload}.u()));
  return found == types_.end() ? std::string_view{} : found->second;
}

std::string_view record_facts::type() const {
  if (!is_kind(*current_, record_kind::handled)
      && !is_kind(*current_, record_kind::not_consumed))
    return type_of(*current_);
  const auto* sent = find(current_->cause);
  return sent == nullptr ? std::string_view{} : type_of(*sent);
}

const event_row* record_facts::event() {
  if (!is_event_known_)
    event_ = events_.at(current_->sequence);
  is_event_known_ = true;
  return event_;
}

const event_words& record_facts::words() {
  const auto* x = event();
  if (x == told_)
    return words_;
  told_ = x;
  words_ = x == nullptr || !find_words_ ? event_words{} : find_words_(x->event);
  if (x != nullptr && words_.verdict.empty()) {
    words_.verdict = verdict_of(*x);
    words_.is_missed = x->outcomes != 0;
  }
  return words_;
}

const std::string& record_facts::verdict() {
  return words().verdict;
}

bool record_facts::is_missed() {
  return words().is_missed;
}

const std::string& record_facts::causes() {
  return words().causes;
}

const apm::trace::record_content& record_facts::content() {
  if (!content_)
    content_ = book_.read(*current_);
  return *content_;
}

} // namespace flushtrace
