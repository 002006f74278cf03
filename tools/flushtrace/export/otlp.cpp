// OTLP's traces as JSON, one request: a trace an event, with its flush and its
// requests as spans, and what decided as events of spans.
// *Source:* OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding"; semantic
// conventions for FaaS, HTTP and cloud.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/export/export.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/timeline/sentence.hpp"

#include <algorithm>
#include <cstdio>

namespace flushtrace {

namespace {

using apm::trace::record_kind;

/// Of a span.
enum span_kind : int { internal_span = 1, client_span = 3 };
enum status_code : int { unset_status = 0, ok_status = 1, error_status = 2 };

/// Attributes as OTLP has them: a list of keys and typed values.
class attribute_list {
public:
  void string(const char* key, std::string_view value) {
    if (value.empty())
      return;
    begin(key);
    json_ += "\"stringValue\":";
    apm::append_json_string(json_, value);
    json_ += "}}";
  }

  /// 64-bit integers are texts in its JSON.
  void integer(const char* key, int64_t value) {
    begin(key);
    json_ += "\"intValue\":\"" + std::to_string(value) + "\"}}";
  }

  void boolean(const char* key, bool value) {
    begin(key);
    json_ += std::string{"\"boolValue\":"} + (value ? "true" : "false") + "}}";
  }

  std::string json() const { return '[' + json_ + ']'; }

private:
  void begin(const char* key) {
    json_ += json_.empty() ? "{\"key\":" : ",{\"key\":";
    apm::append_json_string(json_, key);
    json_ += ",\"value\":{";
  }

  std::string json_;
};

/// Numbers that look random and are the same whenever a trace is exported: the
/// last step of MurmurHash3.
uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCD;
  x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53;
  return x ^ (x >> 33);
}

/// *Shape:* not all zero, which stands for no id.
std::string id_text(uint64_t x) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx",
                static_cast<unsigned long long>(x == 0 ? 1 : x));
  return text;
}

class otlp_writer {
public:
  explicit otlp_writer(const shown_process& shown)
      : shown_(shown), process_(*shown.process), printer_(process_) {}

  /// One of `resourceSpans`.
  std::string write() {
    for (const auto* x : shown_.events())
      write_event(*x);
    std::string json =
        "{\"resource\":{\"attributes\":" + resource().json()
        + "},\"scopeSpans\":[{\"scope\":{\"name\":\"flushtrace\"}"
          ",\"spans\":[";
    json += spans_;
    return json + "]}]}";
  }

private:
  attribute_list resource() const {
    attribute_list x;
    const auto function = setting_of(process_, "AWS_LAMBDA_FUNCTION_NAME");
    const auto service = setting_of(process_, "ELASTIC_APM_SERVICE_NAME");
    x.string("service.name", !service.empty()    ? service
                             : !function.empty() ? function
                                                 : "apm-lambda-extension");
    x.string("faas.name", function);
    x.string("cloud.provider", "aws");
    x.string("cloud.platform", "aws_lambda");
    x.string("cloud.region", setting_of(process_, "AWS_REGION"));
    x.integer("process.pid", process_.content.process.process_id);
    return x;
  }

  /// *Units:* ns since the Unix epoch, as text.
  std::string time_text(int64_t monotonic) const {
    return '"'
           + std::to_string(std::max<int64_t>(0, process_.wall_ns(monotonic)))
           + '"';
  }

  std::string time_at(uint32_t i) const {
    return time_text(shown_.at(i).time_ns);
  }

  struct span {
    std::string name;
    std::string id;
    std::string parent; ///< empty: none
    span_kind kind = internal_span;
    std::string begin;
    std::string end;
    attribute_list attributes;
    std::string events;
    status_code status = unset_status;
    std::string message;
  };

  void add(const span& x) {
    spans_ += spans_.empty() ? "{" : ",{";
    spans_ += "\"traceId\":\"" + trace_id_ + "\",\"spanId\":\"" + x.id + '"';
    if (!x.parent.empty())
      spans_ += ",\"parentSpanId\":\"" + x.parent + '"';
    spans_ += ",\"name\":";
    apm::append_json_string(spans_, printable(x.name));
    spans_ += ",\"kind\":" + std::to_string(int{x.kind})
              + ",\"startTimeUnixNano\":" + x.begin + ",\"endTimeUnixNano\":"
              + x.end + ",\"attributes\":" + x.attributes.json();
    if (!x.events.empty())
      spans_ += ",\"events\":[" + x.events + ']';
    spans_ += ",\"status\":{";
    if (!x.message.empty()) {
      spans_ += "\"message\":";
      apm::append_json_string(spans_, x.message);
      spans_ += ',';
    }
    spans_ += "\"code\":" + std::to_string(int{x.status}) + "}}";
  }

  std::string span_id(uint64_t record) const {
    return id_text(mixed(seed_ ^ mixed(record)));
  }

  void write_event(const event_span& x) {
    const auto& start = process_.content.process;
    seed_ = mixed(static_cast<uint64_t>(start.start.real)
                  ^ mixed(start.process_id ^ mixed(x.row.event)));
    trace_id_ = id_text(mixed(seed_ + 1)) + id_text(seed_);
    span root;
    root.name = x.row.kind + ' ' + std::to_string(x.row.event);
    root.id = span_id(x.row.record);
    root.begin = time_at(x.first);
    root.end = time_at(x.last);
    if (x.row.end_ns && *x.row.end_ns >= shown_.at(x.first).time_ns)
      root.end = time_text(*x.row.end_ns);
    root.attributes = event_attributes(x);
    root.events = decisions(x);
    root.status = x.outcome.is_missed() ? error_status
                  : x.row.end_ns        ? ok_status
                                        : unset_status;
    if (x.outcome.is_missed())
      root.message = sentence_of(x);
    add(root);
    add_flush(x, root.id);
    add_requests(x, root.id);
  }

  attribute_list event_attributes(const event_span& x) const {
    attribute_list to;
    const auto number = [&](const char* key, uint64_t value) {
      to.integer(key, static_cast<int64_t>(value));
    };
    to.string("faas.invocation_id", printable(x.row.request_id));
    to.boolean("faas.coldstart", x.row.event == 1);
    number("flushtrace.event", x.row.event);
    to.string("flushtrace.verdict", x.verdict);
    to.string("flushtrace.winner", x.row.winner);
    if (x.row.slack_ns)
      to.integer("flushtrace.slack_ns", *x.row.slack_ns);
    number("flushtrace.lines.received", x.row.received);
    number("flushtrace.lines.accepted", x.row.accepted);
    number("flushtrace.lines.dropped", x.row.dropped);
    number("flushtrace.lines.held", x.row.held);
    if (x.outcome.is_missed() && !x.findings.empty()) {
      to.string("flushtrace.cause", x.findings.front().what->id);
      to.string("flushtrace.explanation", printable(x.findings.front().detail));
      to.string("flushtrace.remedy", printable(x.findings.front().fix.text));
    }
    return to;
  }

  /// Signals and what else has decided, as events of the span.
  std::string decisions(const event_span& x) const {
    std::string json;
    for (auto i = x.first; i <= x.last; ++i) {
      const auto kind = static_cast<record_kind>(shown_.at(i).kind);
      if (kind != record_kind::winner && kind != record_kind::late_signal
          && kind != record_kind::dropped && kind != record_kind::breaker)
        continue;
      const auto parts = printer_.parts(shown_.at(i));
      attribute_list own;
      own.integer("flushtrace.record",
                  static_cast<int64_t>(shown_.at(i).sequence));
      own.string("flushtrace.fields", parts.fields);
      json += (json.empty() ? "{" : ",{") + std::string{"\"timeUnixNano\":"}
              + time_at(i) + ",\"name\":";
      apm::append_json_string(json, parts.kind);
      json += ",\"attributes\":" + own.json() + '}';
    }
    return json;
  }

  void add_flush(const event_span& x, const std::string& parent) {
    if (x.flush_begin == no_record)
      return;
    span flush;
    flush.name = "flush";
    flush.id = span_id(shown_.at(x.flush_begin).sequence);
    flush.parent = parent;
    flush.begin = time_at(x.flush_begin);
    flush.end = time_at(x.flush_end == no_record
                            ? x.last
                            : std::max(x.flush_begin, x.flush_end));
    add(flush);
  }

  void add_requests(const event_span& event, const std::string& parent) {
    const auto& requests = shown_.seen.requests;
    auto at = std::lower_bound(
        requests.begin(), requests.end(), event.first,
        [](const auto& a, uint32_t first) { return a.asked < first; });
    for (; at != requests.end() && at->asked <= event.last; ++at) {
      if (at->is_next)
        continue; // a wait for the next event, not of this one
      const bool has_end = at->answered != no_record;
      span x;
      x.name = at->method;
      x.id = span_id(shown_.at(at->asked).sequence);
      x.parent = parent;
      x.kind = client_span;
      x.begin = time_at(at->asked);
      x.end = time_at(has_end ? at->answered : event.last);
      x.attributes.string("http.request.method", printable(at->method));
      x.attributes.string("url.path", printable(at->path));
      const bool is_bad = !has_end || at->failure != 0 || at->status / 100 != 2;
      if (at->status != 0)
        x.attributes.integer("http.response.status_code",
                             static_cast<int64_t>(at->status));
      if (is_bad)
        x.attributes.string("error.type", !has_end ? "no_answer"
                                          : at->failure != 0
                                              ? failure_name(at->failure)
                                              : std::to_string(at->status));
      x.status = is_bad ? error_status : unset_status;
      add(x);
    }
  }

  const shown_process& shown_;
  const process_trace& process_;
  record_printer printer_;
  uint64_t seed_ = 0;    ///< of the event's ids
  std::string trace_id_; ///< of the event
  std::string spans_;
};

} // namespace

std::string otlp_of(const std::vector<shown_process>& shown) {
  std::string json = "{\"resourceSpans\":[";
  const char* separator = "\n";
  for (const auto& x : shown) {
    json += separator + otlp_writer{x}.write();
    separator = ",\n";
  }
  return json + "\n]}\n";
}

} // namespace flushtrace
