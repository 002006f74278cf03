#include "tools/flushtrace/redaction/trace_redactor.hpp"

#include "runtime/trace/ring_layout.hpp"
#include "tools/flushtrace/redaction/value_writer.hpp"
#include "tools/flushtrace/trace_set.hpp"

#include <algorithm>

namespace flushtrace {

namespace {

using apm::trace::body_form;
using apm::trace::dictionary_entry;
using apm::trace::entry_kind;
using apm::trace::record_kind;
using apm::trace::value;
using apm::trace::value_kind;

/// Names of our own making: a trace from elsewhere may have others.
bool is_plain_name(std::string_view x) {
  return std::all_of(x.begin(), x.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// A name, and behind it the letters of a signature or a schema.
bool is_plain_schema(std::string_view x) {
  return x.size() < 1024 && is_plain_name(x.substr(0, x.find(' ')))
         && std::all_of(x.begin(), x.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                     || std::string_view{"_ :[]{}"}.find(c)
                            != std::string_view::npos;
            });
}

class redactor {
public:
  redactor(const trace& of, const text_redactor& texts)
      : of_(of), book_(of), texts_(texts) {}

  trace redact() {
    trace made;
    made.process = of_.process;
    for (const auto& x : of_.dictionary)
      add(x, made.dictionary);
    std::string text;
    std::vector<size_t> ends;
    for (const auto& x : of_.records) {
      write(x, text);
      ends.push_back(text.size());
    }
    made.storage = std::make_shared<const std::string>(std::move(text));
    made.records = of_.records;
    size_t begin = 0;
    for (size_t i = 0; i < ends.size(); ++i) {
      made.records[i].payload =
          std::string_view{*made.storage}.substr(begin, ends[i] - begin);
      begin = ends[i];
    }
    return made;
  }

private:
  /// What has no form that is known says nothing any more.
  void add(const dictionary_entry& x, std::vector<dictionary_entry>& to) const {
    const auto equals = x.text.find('=');
    switch (x.kind) {
    case entry_kind::role:
      if (is_plain_name(x.text))
        to.push_back(x);
      break;
    case entry_kind::message_type:
    case entry_kind::record_schema:
      if (is_plain_schema(x.text))
        to.push_back(x);
      break;
    case entry_kind::configuration:
      if (equals != std::string::npos)
        to.push_back({x.kind, x.id, x.other,
                      x.text.substr(0, equals + 1)
                          + texts_.shown_value(x.text.substr(equals + 1))});
      break;
    case entry_kind::fact:
      add_fact(x, to);
      break;
    default:
      break;
    }
  }

  void add_fact(const dictionary_entry& x,
                std::vector<dictionary_entry>& to) const {
    const auto name = x.text.substr(0, x.text.find('='));
    const bool is_ours =
        name == "version" || name == "payload" || name == "reason"
        || name == "telemetry_port"
        || name.compare(0, shipping_fact.size(), shipping_fact) == 0;
    if (is_ours || texts_.keeps(kept_part::names))
      to.push_back(x);
  }

  void write(const record& x, std::string& to) const {
    const auto content = book_.read(x);
    const auto begin = to.size();
    write_values(x, content, to);
    // By a record's size readers tell whether the next one is missing; what
    // stands behind the last field they pass over.
    while (content.is_whole
           && apm::trace::slots_for(to.size() - begin)
                  < apm::trace::slots_for(x.payload.size()))
      to += '\0';
  }

  void write_values(const record& x, const apm::trace::record_content& content,
                    std::string& to) const {
    if (is_kind(x, record_kind::enqueued)) {
      apm::trace::byte_reader in{x.payload};
      const auto type = in.u();
      const auto flags = in.byte();
      if (!in.is_sound())
        return;
      apm::trace::append_varint(to, type);
      to += static_cast<char>(flags);
    }
    value_writer out{to};
    for (const auto& each : content.fields) {
      auto shown = each.content;
      hide(shown, content.type == "http_response");
      out.put(shown);
    }
  }

  /// @param is_protocol its bodies are what Lambda or the APM Server says: what
  /// is left of them when they are masked is nobody's but for request ids and
  /// the function's names
  void hide(value& x, bool is_protocol) const {
    if (x.kind == value_kind::text)
      hide_text(x);
    else if (x.kind == value_kind::body)
      hide_body(x, is_protocol);
    const bool is_platform =
        x.kind == value_kind::structure
        && std::any_of(x.elements.begin(), x.elements.end(), is_platform_type);
    for (auto& each : x.elements)
      hide(each, is_protocol || is_platform);
  }

  /// A telemetry record stands beside its type.
  static bool is_platform_type(const value& x) {
    return x.kind == value_kind::text && x.how == apm::trace::kept_text
           && x.text.substr(0, 9) == "platform.";
  }

  void hide_text(value& x) const {
    if (x.how != apm::trace::kept_text) {
      if (x.how != apm::trace::hashed_text)
        x.how = apm::trace::sized_text;
      return;
    }
    auto shown = texts_.shown(x.text);
    if (shown.empty() && !x.text.empty()) {
      x.how = apm::trace::hashed_text;
      x.hash = texts_.hash(x.text);
      return;
    }
    kept_.push_back(std::make_unique<std::string>(std::move(shown)));
    x.text = *kept_.back();
    x.size = x.text.size();
  }

  void hide_body(value& x, bool is_protocol) const {
    if (x.form == body_form::masked && is_protocol) {
      kept_.push_back(std::make_unique<std::string>(texts_.shown_body(x.text)));
      x.text = *kept_.back();
      return;
    }
    const bool is_shown =
        x.form == body_form::empty || x.form == body_form::hashed
        || x.form == body_form::lines
        || (x.form == body_form::whole && texts_.keeps(kept_part::bodies))
        || (x.form == body_form::masked
            && (texts_.keeps(kept_part::bodies)
                || texts_.keeps(kept_part::shapes)));
    if (!is_shown)
      x.form = body_form::size_only;
  }

  const trace& of_;
  apm::trace::schema_book book_;
  const text_redactor& texts_;
  mutable std::vector<std::unique_ptr<std::string>> kept_;
};

} // namespace

trace redact_trace(const trace& x, const text_redactor& texts) {
  return redactor{x, texts}.redact();
}

} // namespace flushtrace
