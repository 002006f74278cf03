#include "tools/flushtrace/record_text.hpp"

#include "runtime/formats/json_write.hpp"
#include "runtime/formats/rfc3339.hpp"

#include <algorithm>
#include <cstdio>

namespace flushtrace {

namespace {

using apm::trace::body_form;
using apm::trace::value;
using apm::trace::value_kind;

/// Of a text in one line for people; JSON has all of it.
constexpr size_t text_bytes_max = 160;

constexpr const char* line_kinds[] = {
    "other", "metadata", "transaction", "span", "error", "metricset", "log"};

const char* line_kind_name(uint8_t kind) {
  return kind < std::size(line_kinds) ? line_kinds[kind] : "other";
}

std::string hexadecimal(uint32_t x) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(x));
  return text;
}

std::string quoted(std::string_view text) {
  const bool is_long = text.size() > text_bytes_max;
  return '"' + printable(text.substr(0, text_bytes_max))
         + (is_long ? "…\"" : "\"");
}

std::string describe_lines(const value& x) {
  size_t counts[std::size(line_kinds)] = {};
  for (const auto& each : x.lines)
    ++counts[each.kind < std::size(line_kinds) ? each.kind : 0];
  std::string text;
  for (size_t i = 0; i < std::size(line_kinds); ++i)
    if (counts[i] > 0)
      text += (text.empty() ? "" : ", ") + std::to_string(counts[i]) + ' '
              + line_kinds[i];
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

class value_text {
public:
  explicit value_text(const process_trace& of) : of_(of) {}

  std::string of(const value& x) const {
    switch (x.kind) {
    case value_kind::unsigned_number:
      return std::to_string(x.number);
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
      return '[' + joined(x.elements) + ']';
    case value_kind::structure:
      return '{' + joined(x.elements) + '}';
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

  std::string joined(const std::vector<value>& xs) const {
    std::string text;
    for (const auto& x : xs)
      text += (text.empty() ? "" : ", ") + of(x);
    return text;
  }

  const process_trace& of_;
};

// -- JSON ---------------------------------------------------------------------

std::string json_of(const value& x);

std::string json_list(const std::vector<value>& xs) {
  std::string text = "[";
  for (const auto& x : xs)
    text += (text.size() == 1 ? "" : ",") + json_of(x);
  return text + ']';
}

std::string json_text(std::string_view x) {
  std::string text;
  apm::append_json_string(text, x);
  return text;
}

std::string json_text_value(const value& x) {
  if (x.how == apm::trace::kept_text)
    return json_text(x.text);
  return "{\"bytes\":" + std::to_string(x.size)
         + (x.how == apm::trace::hashed_text
                ? ",\"hash\":\"" + hexadecimal(x.hash) + '"'
                : std::string{})
         + '}';
}

std::string json_body(const value& x) {
  std::string text = "{\"bytes\":" + std::to_string(x.size);
  if (x.form == body_form::hashed)
    text += ",\"hash\":\"" + hexadecimal(x.hash) + '"';
  if (x.form == body_form::whole || x.form == body_form::masked)
    text +=
        std::string{x.form == body_form::whole ? ",\"text\":" : ",\"masked\":"}
        + json_text(x.text);
  if (x.form == body_form::lines) {
    text += ",\"lines\":[";
    for (size_t i = 0; i < x.lines.size(); ++i)
      text += std::string{i == 0 ? "" : ","} + "[\""
              + line_kind_name(x.lines[i].kind) + "\","
              + std::to_string(x.lines[i].bytes) + ']';
    text += ']';
  }
  return text + '}';
}

std::string json_of(const value& x) {
  switch (x.kind) {
  case value_kind::unsigned_number:
  case value_kind::actor:
    return std::to_string(x.number);
  case value_kind::signed_number:
  case value_kind::time:
    return std::to_string(x.signed_number);
  case value_kind::boolean:
    return x.number != 0 ? "true" : "false";
  case value_kind::number: {
    std::string text;
    apm::append_json_number(text, x.real);
    return text;
  }
  case value_kind::text:
    return json_text_value(x);
  case value_kind::body:
    return json_body(x);
  case value_kind::list:
  case value_kind::structure:
    return json_list(x.elements);
  case value_kind::missing:
    break;
  }
  return "null";
}

} // namespace

std::string since_start(const process_trace& of, int64_t monotonic_ns) {
  const auto ns = static_cast<int64_t>(
      static_cast<uint64_t>(monotonic_ns)
      - static_cast<uint64_t>(of.content.process.start.monotonic));
  char text[40];
  std::snprintf(text, sizeof text, "%+.6f", static_cast<double>(ns) / 1e9);
  return text;
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

std::string record_printer::text(const record& x) const {
  const auto content = book_.read(x);
  const value_text values{of_};
  std::string line = std::to_string(x.sequence) + "  "
                     + since_start(of_, x.time_ns) + "  "
                     + printable(of_.content.name_of(x.actor)) + "  ";
  line += content.kind.empty() ? "kind " + std::to_string(x.kind)
                               : printable(content.kind);
  if (!content.type.empty())
    line += ' ' + printable(content.type);
  std::string fields;
  for (const auto& each : content.fields)
    fields += (fields.empty() ? "" : ", ")
              + (each.name.empty() ? "" : printable(each.name) + '=')
              + values.of(each.content);
  if (!fields.empty())
    line += content.type.empty() ? "  " + fields : '(' + fields + ')';
  if ((content.flags & apm::trace::is_urgent) != 0)
    line += "  urgent";
  if ((content.flags & apm::trace::is_from_outside) != 0)
    line += "  from outside";
  if (x.cause != 0)
    line += "  <- " + std::to_string(x.cause);
  return line;
}

std::string record_printer::json(const record& x) const {
  const auto content = book_.read(x);
  std::string line;
  apm::json_object out{line};
  out.integer("process", of_.content.process.process_id);
  out.integer("sequence", static_cast<int64_t>(x.sequence));
  out.integer("time_ns", x.time_ns);
  out.string("wall", wall_text(of_, x.time_ns));
  out.string("kind", content.kind.empty() ? std::to_string(x.kind)
                                          : std::string{content.kind});
  out.string("actor", of_.content.name_of(x.actor));
  if (x.cause != 0)
    out.integer("cause", static_cast<int64_t>(x.cause));
  if (!content.type.empty())
    out.string("type", content.type);
  if ((content.flags & apm::trace::is_urgent) != 0)
    out.boolean("urgent", true);
  if ((content.flags & apm::trace::is_from_outside) != 0)
    out.boolean("from_outside", true);
  if (!content.is_whole)
    out.boolean("cut", true);
  out.end();
  line.pop_back(); // the fields are members of values of all kinds
  const bool is_message = !content.type.empty();
  line += is_message ? ",\"fields\":[" : ",\"fields\":{";
  bool is_first = true;
  for (const auto& each : content.fields) {
    line += is_first ? "" : ",";
    is_first = false;
    if (!is_message)
      line += json_text(each.name) + ':';
    line += json_of(each.content);
  }
  return line + (is_message ? "]}" : "}}");
}

} // namespace flushtrace
