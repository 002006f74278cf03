#include "tools/flushtrace/columns.hpp"

#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/record_text.hpp"

namespace flushtrace {

namespace {

std::string json_string(std::string_view x) {
  std::string text;
  apm::append_json_string(text, x);
  return text;
}

/// A text, or nothing.
std::string word(std::string_view x, column_form form) {
  if (form == column_form::text)
    return printable(x);
  return x.empty() ? "null" : json_string(x);
}

std::string number(uint64_t x, bool is_there, column_form form) {
  if (!is_there)
    return form == column_form::text ? "" : "null";
  return std::to_string(x);
}

std::string duration(std::optional<int64_t> ns, column_form form) {
  if (!ns)
    return form == column_form::text ? "" : "null";
  return form == column_form::text ? seconds_text(*ns) : std::to_string(*ns);
}

std::string flag(record_facts& facts, uint8_t which, column_form form) {
  if (facts.kind() != "enqueued")
    return form == column_form::text ? "" : "null";
  return (facts.content().flags & which) != 0 ? "true" : "false";
}

/// A value in a column of its own: a text needs no quotes.
std::string shown(const process_trace& of, const found_value& x) {
  const auto& value = *x.content;
  return value.kind == apm::trace::value_kind::text
                 && value.how == apm::trace::kept_text
             ? printable(value.text)
             : value_text(of, x);
}

std::string named(const std::string& path, record_facts& facts,
                  column_form form) {
  std::string text;
  size_t count = 0;
  visit_values(facts.content(), path, [&](const found_value& x) {
    text += count++ == 0 ? "" : form == column_form::text ? " " : ",";
    text +=
        form == column_form::text ? shown(facts.process(), x) : value_json(x);
  });
  if (form == column_form::text || count == 1)
    return text;
  return count == 0 ? "null" : '[' + text + ']';
}

std::string extra(const column& x, record_facts& facts, column_form form) {
  const auto& of = facts.process();
  switch (x.extra) {
  case extra_column::process:
    return std::to_string(of.content.process.process_id);
  case extra_column::wall:
    return word(wall_text(of, facts.current().time_ns), form);
  default:
    return word(fields_text(of, facts.content()), form);
  }
}

std::string common(const column& x, record_facts& facts, column_form form) {
  const auto& now = facts.current();
  const auto* event = facts.event();
  switch (x.field.kind) {
  case field_kind::number:
    return number(now.sequence, true, form);
  case field_kind::time:
    return duration(facts.since_start_ns(), form);
  case field_kind::dt:
    return duration(facts.dt_ns(), form);
  case field_kind::actor:
    return word(facts.actor(), form);
  case field_kind::role:
    return word(facts.role(), form);
  case field_kind::kind:
    return word(facts.kind(), form);
  case field_kind::type:
    return word(facts.type(), form);
  case field_kind::parent:
    return number(now.cause, now.cause != 0, form);
  case field_kind::event:
    return number(event == nullptr ? 0 : event->event, event != nullptr, form);
  case field_kind::winner:
    return word(event == nullptr ? "" : event->winner, form);
  case field_kind::verdict:
    return word(facts.verdict(), form);
  case field_kind::cause:
    return word(facts.causes(), form);
  case field_kind::outside:
    return flag(facts, apm::trace::is_from_outside, form);
  case field_kind::urgent:
    return flag(facts, apm::trace::is_urgent, form);
  case field_kind::named:
    break;
  }
  return named(x.field.path, facts, form);
}

} // namespace

apm::result<std::vector<column>> parse_columns(const std::string& list) {
  static const std::vector<std::pair<std::string, extra_column>> extras = {
      {"process", extra_column::process},
      {"wall", extra_column::wall},
      {"payload", extra_column::payload}};
  std::vector<column> columns;
  for (size_t at = 0; at <= list.size();) {
    const auto end = std::min(list.find(',', at), list.size());
    column x;
    x.name = list.substr(at, end - at);
    for (const auto& [name, kind] : extras)
      if (x.name == name)
        x.extra = kind;
    if (x.extra == extra_column::none) {
      auto field = find_field(x.name);
      if (!field)
        return apm::error{apm::errc::bad_value,
                          field.error().detail + "; process, wall, payload"};
      x.field = std::move(field.value());
    }
    columns.push_back(std::move(x));
    at = end + 1;
  }
  return columns;
}

std::string cell(const column& x, record_facts& facts, column_form form) {
  return x.extra == extra_column::none ? common(x, facts, form)
                                       : extra(x, facts, form);
}

std::string csv_text(const std::string& x) {
  if (x.find_first_of(",\"\r\n") == std::string::npos)
    return x;
  std::string text = "\"";
  for (const char c : x)
    text += c == '"' ? std::string{"\"\""} : std::string{c};
  return text + '"';
}

size_t width_of(const column& x) {
  // What most values need; a longer one shifts its line.
  switch (x.field.kind) {
  case field_kind::actor:
    return 28;
  case field_kind::type:
    return 20;
  case field_kind::time:
  case field_kind::dt:
  case field_kind::kind:
  case field_kind::role:
  case field_kind::winner:
    return 14;
  default:
    return x.extra == extra_column::wall ? 24 : 9;
  }
}

} // namespace flushtrace
