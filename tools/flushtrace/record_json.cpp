// Records for programs; see record_text.hpp, README.md has the members.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/filter/message_fields.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/verbs.hpp"

#include <cstdio>

namespace flushtrace {

namespace {

using apm::trace::body_form;
using apm::trace::value;
using apm::trace::value_kind;

constexpr const char* line_kind_names[line_kinds] = {
    "other", "metadata", "transaction", "span", "error", "metricset", "log"};

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

const char* line_kind_name(uint8_t kind) {
  return kind < line_kinds ? line_kind_names[kind] : "other";
}

std::string hexadecimal(uint32_t x) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(x));
  return text;
}

std::string value_json(const found_value& x) {
  const auto word = x.content->kind == value_kind::unsigned_number
                        ? number_name(x.owner, x.name, x.content->number)
                        : std::string_view{};
  return word.empty() ? json_of(*x.content) : json_text(word);
}

std::string record_printer::json(const record& x) const {
  const auto content = book_.read(x);
  std::string line;
  apm::json_object out{line};
  out.integer("schema_version", schema_version);
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
