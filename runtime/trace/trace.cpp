// What a trace says of itself; see trace_reader.hpp.
#include "runtime/trace/trace_reader.hpp"
#include "runtime/trace/wire.hpp"

#include <algorithm>
#include <set>

namespace apm::trace {

namespace {

/// A damaged dictionary may have roles that are their own parents.
constexpr int ancestors_max = 8;

} // namespace

const dictionary_entry* trace::find(entry_kind kind,
                                    uint32_t id) const noexcept {
  const auto found =
      std::find_if(dictionary.begin(), dictionary.end(),
                   [&](const auto& x) { return x.kind == kind && x.id == id; });
  return found == dictionary.end() ? nullptr : &*found;
}

std::string_view trace::fact(std::string_view name) const noexcept {
  for (const auto& x : dictionary) {
    const std::string_view text{x.text};
    if (x.kind == entry_kind::fact && text.size() > name.size()
        && text[name.size()] == '=' && text.substr(0, name.size()) == name)
      return text.substr(name.size() + 1);
  }
  return {};
}

std::string trace::name_of(actor_reference actor) const {
  if (actor.value == 0)
    return "world";
  const auto* role = find(entry_kind::role, actor.role());
  std::string name = role == nullptr || role->text.empty()
                         ? '?' + std::to_string(actor.role())
                         : role->text;
  const auto* parent = role;
  std::string ancestors;
  for (int i = 0; i < ancestors_max && parent != nullptr && parent->other != 0;
       ++i) {
    parent = find(entry_kind::role, parent->other);
    if (parent != nullptr)
      ancestors.insert(0, parent->text + '/');
  }
  // Of the ports and the two that live always there is one each.
  const bool is_only = ancestors.empty() && actor.ordinal() == 1;
  return is_only ? name
                 : ancestors + std::to_string(actor.ordinal()) + '.' + name;
}

void trim_dictionary(trace& x) {
  std::set<uint32_t> types;
  std::set<uint32_t> roles;
  for (const auto& each : x.records) {
    roles.insert(each.actor.role());
    if (each.kind == static_cast<uint8_t>(record_kind::enqueued))
      types.insert(static_cast<uint32_t>(byte_reader{each.payload}.u()));
  }
  for (const auto& each : x.dictionary) // parents have children
    if (each.kind == entry_kind::role && roles.count(each.id) > 0)
      roles.insert(each.other);
  const auto is_needless = [&](const dictionary_entry& entry) {
    switch (entry.kind) {
    case entry_kind::message_type:
      return types.count(entry.id) == 0;
    case entry_kind::role:
      return roles.count(entry.id) == 0;
    case entry_kind::record_schema:
      return entry.text == schema_of(static_cast<record_kind>(entry.id));
    default:
      return false;
    }
  };
  x.dictionary.erase(
      std::remove_if(x.dictionary.begin(), x.dictionary.end(), is_needless),
      x.dictionary.end());
}

} // namespace apm::trace
