#include "tools/flushtrace/record_text.hpp"

#include "runtime/formats/rfc3339.hpp"
#include "tools/flushtrace/filter/message_fields.hpp"

#include <algorithm>
#include <cstdio>

namespace flushtrace {

namespace {

using apm::trace::body_form;
using apm::trace::value;
using apm::trace::value_kind;

/// Of a text in one line for people; JSON has all of it.
constexpr size_t text_bytes_max = 160;

std::string quoted(std::string_view text) {
  const bool is_long = text.size() > text_bytes_max;
  return '"' + printable(text.substr(0, text_bytes_max))
         + (is_long ? "…\"" : "\"");
}

std::string describe_lines(const value& x) {
  size_t counts[line_kinds] = {};
  for (const auto& each : x.lines)
    ++counts[each.kind < line_kinds ? each.kind : 0];
  std::string text;
  for (uint8_t i = 0; i < line_kinds; ++i)
    if (counts[i] > 0)
      text += (text.empty() ? "" : ", ") + std::to_string(counts[i]) + ' '
              + line_kind_name(i);
  return text;
}

std::string describe_body(const value& x) {
  const auto size = std::to_string(x.size) + " B";
  switch (x.form) {
  case body_form::empty:
    return "<empty>";
  case body_form::hashed:
    return '<' + size + " #" + hexadecimal(x.hash) + '>';
  case body_form::lines:
    return '<' + size + ": " + describe_lines(x) + '>';
  case body_form::whole:
  case body_form::masked:
    return '<' + size + ' ' + quoted(x.text) + '>';
  case body_form::size_only:
    break;
  }
  return '<' + size + '>';
}

class value_printer {
public:
  value_printer(const process_trace& of, std::string_view owner)
      : of_(of), owner_(owner) {}

  std::string of(const value& x, std::string_view name,
                 std::string_view inner) const {
    switch (x.kind) {
    case value_kind::unsigned_number: {
      const auto word = number_name(owner_, name, x.number);
      return word.empty() ? std::to_string(x.number) : std::string{word};
    }
    case value_kind::signed_number:
      return std::to_string(x.signed_number);
    case value_kind::time:
      return since_start(of_, x.signed_number);
    case value_kind::boolean:
      return x.number != 0 ? "true" : "false";
    case value_kind::number:
      return std::to_string(x.real);
    case value_kind::text:
      return text_of(x);
    case value_kind::actor:
      return printable(of_.content.name_of({static_cast<uint32_t>(x.number)}));
    case value_kind::body:
      return describe_body(x);
    case value_kind::list:
      return '[' + list(x.elements, name, inner) + ']';
    case value_kind::structure:
      return '{' + structure(x.elements, inner) + '}';
    case value_kind::missing:
      break;
    }
    return "(cut)";
  }

private:
  static std::string text_of(const value& x) {
    if (x.how == apm::trace::kept_text)
      return quoted(x.text);
    return '<' + std::to_string(x.size) + " B"
           + (x.how == apm::trace::hashed_text ? " #" + hexadecimal(x.hash)
                                               : std::string{})
           + '>';
  }

  std::string list(const std::vector<value>& xs, std::string_view name,
                   std::string_view inner) const {
    std::string text;
    for (const auto& x : xs)
      text += (text.empty() ? "" : ", ") + of(x, name, inner);
    return text;
  }

  std::string structure(const std::vector<value>& xs,
                        std::string_view fields) const {
    std::string text;
    for (const auto& x : xs) {
      const auto field = take_field(fields);
      text += (text.empty() ? "" : ", ") + named(field.name)
              + of(x, field.name, field.inner);
    }
    return text;
  }

  static std::string named(std::string_view name) {
    return name.empty() ? std::string{} : std::string{name} + '=';
  }

  const process_trace& of_;
  std::string_view owner_;
};

/// ANSI colours, for the parts of a line.
namespace colour {

constexpr const char* faint = "\033[90m";
constexpr const char* loud = "\033[31;1m";
constexpr const char* bright = "\033[33;1m";
constexpr const char* plain = "\033[0m";
constexpr const char* actors[] = {"\033[36m", "\033[32m", "\033[35m",
                                  "\033[34m", "\033[33m", "\033[96m"};

} // namespace colour

/// Kinds that tell of lost lines, and those that decide about a flush.
const char* colour_of(std::string_view kind) {
  if (kind == "dropped" || kind == "verdict" || kind == "not_consumed")
    return colour::loud;
  const bool decides = kind == "winner" || kind == "late_signal"
                       || kind == "event_begin" || kind == "flush_begin"
                       || kind == "flush_end" || kind == "breaker"
                       || kind == "ledger";
  return decides ? colour::bright : "";
}

} // namespace

std::string seconds_text(int64_t ns) {
  // Not by way of a double, which costs more than all else of a line.
  const auto magnitude =
      ns < 0 ? ~static_cast<uint64_t>(ns) + 1 : static_cast<uint64_t>(ns);
  const auto us = magnitude / 1000 + (magnitude % 1000 >= 500 ? 1 : 0);
  auto fraction = std::to_string(us % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return (ns < 0 ? '-' : '+') + std::to_string(us / 1'000'000) + '.' + fraction;
}

std::string since_start(const process_trace& of, int64_t monotonic_ns) {
  return seconds_text(static_cast<int64_t>(
      static_cast<uint64_t>(monotonic_ns)
      - static_cast<uint64_t>(of.content.process.start.monotonic)));
}

std::string wall_text(const process_trace& of, int64_t monotonic_ns) {
  return apm::format_rfc3339_ms(of.wall_ns(monotonic_ns) / 1'000'000);
}

std::string printable(std::string_view text) {
  std::string shown{text};
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; },
      '?');
  return shown;
}

record_printer::record_printer(const process_trace& of)
    : of_(of), book_(of.content) {}

std::string fields_text(const process_trace& of,
                        const apm::trace::record_content& content) {
  const bool is_message = !content.type.empty();
  auto names = is_message ? message_fields(content.type) : std::string_view{};
  const value_printer values{of, is_message ? content.type : content.kind};
  std::string text;
  for (const auto& each : content.fields) {
    auto field = take_field(names);
    if (!is_message)
      field.name = each.name;
    text += (text.empty() ? "" : ", ")
            + (field.name.empty() ? "" : printable(field.name) + '=')
            + values.of(each.content, field.name, field.inner);
  }
  return text;
}

std::string value_text(const process_trace& of, const found_value& x) {
  return value_printer{of, x.owner}.of(*x.content, x.name, {});
}

namespace {

std::string kind_text(const record& x,
                      const apm::trace::record_content& content) {
  return content.kind.empty() ? "kind " + std::to_string(x.kind)
                              : printable(content.kind);
}

} // namespace

record_parts record_printer::parts(const record& x) const {
  const auto content = book_.read(x);
  return {kind_text(x, content), printable(content.type),
          fields_text(of_, content),
          (content.flags & apm::trace::is_urgent) != 0};
}

const std::string&
record_printer::name_of(apm::trace::actor_reference actor) const {
  auto& name = names_[actor.value];
  if (name.empty())
    name = printable(of_.content.name_of(actor));
  return name;
}

std::string record_printer::text(const record& x, bool is_coloured) const {
  const auto content = book_.read(x);
  const auto paint = [&](const char* how, const std::string& text) {
    return is_coloured && *how != '\0' ? how + text + colour::plain : text;
  };
  std::string line =
      paint(colour::faint,
            std::to_string(x.sequence) + "  " + since_start(of_, x.time_ns))
      + "  "
      + paint(colour::actors[x.actor.role() % std::size(colour::actors)],
              name_of(x.actor))
      + "  ";
  line += paint(colour_of(content.kind), kind_text(x, content));
  if (!content.type.empty())
    line += ' ' + printable(content.type);
  const auto fields = fields_text(of_, content);
  if (!fields.empty())
    line += content.type.empty() ? "  " + fields : '(' + fields + ')';
  if ((content.flags & apm::trace::is_urgent) != 0)
    line += "  urgent";
  if ((content.flags & apm::trace::is_from_outside) != 0)
    line += "  from outside";
  if (x.cause != 0)
    line += paint(colour::faint, "  <- " + std::to_string(x.cause));
  return line;
}

} // namespace flushtrace
