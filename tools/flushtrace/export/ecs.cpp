// NDJSON in the Elastic Common Schema: what became of each event, for engines
// that search fleets. elasticsearch/ and athena/ have what they need to read
// it. *Source:* Elastic Common Schema 8.11, field sets base, event, faas,
// service, cloud, process.
#include "runtime/formats/json_write.hpp"
#include "tools/flushtrace/export/ecs_object.hpp"
#include "tools/flushtrace/export/export.hpp"
#include "tools/flushtrace/record_text.hpp"
#include "tools/flushtrace/timeline/sentence.hpp"
#include "tools/flushtrace/units.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

namespace flushtrace {

namespace {

using apm::trace::record_content;
using apm::trace::record_kind;
using apm::trace::schema_book;

constexpr std::array drop_reasons{"rejected",  "buffer_full", "ambiguous",
                                  "no_server", "duplicate",   "spill_lost",
                                  "killed"};
constexpr std::array why_names{"nothing_left", "server_fails", "out_of_time",
                               "put_off", "shutdown"};

/// An event's own records, read once.
struct event_details {
  std::vector<uint64_t> dropped; ///< by reason
  uint64_t flush_lines = 0;
  uint64_t flush_bytes = 0;
  std::string function_arn;
};

class ecs_writer {
public:
  ecs_writer(const shown_process& shown, bool with_records)
      : shown_(shown),
        process_(*shown.process),
        book_(process_.content),
        printer_(process_),
        with_records_(with_records) {
    for (const auto& x : shown.seen.signals)
      signals_[x.event].push_back(signal_name(x.signal));
  }

  std::string write() {
    for (const auto* x : shown_.events()) {
      write_event(*x);
      if (with_records_)
        for (auto i = x->first; i <= x->last; ++i)
          write_record(*x, i);
    }
    return std::move(text_);
  }

private:
  // -- what all documents have --

  void add_common(ecs_object& to, const event_span& x,
                  const event_details& details) const {
    to.object("ecs").string("version", "8.11.0");
    auto cloud = to.object("cloud");
    cloud.string("provider", "aws");
    cloud.string("region", setting_of(process_, "AWS_REGION"));
    cloud.object("service").string("name", "lambda");
    cloud.end();
    auto faas = to.object("faas");
    const auto function = setting_of(process_, "AWS_LAMBDA_FUNCTION_NAME");
    faas.string("name", function);
    faas.string("id", details.function_arn);
    faas.string("execution", x.row.request_id);
    faas.boolean("coldstart", x.row.event == 1);
    faas.end();
    const auto service = setting_of(process_, "ELASTIC_APM_SERVICE_NAME");
    to.object("service").string("name", service.empty() ? function : service);
    to.object("process").integer("pid", process_.content.process.process_id);
  }

  void add_flushtrace(ecs_object& to, const event_span& x) const {
    to.string("version", process_.content.fact("version"));
    to.string("process_started",
              wall_text(process_, process_.content.process.start.monotonic));
    to.integer("event", static_cast<int64_t>(x.row.event));
    to.string("kind", x.row.kind);
    const auto strategy = setting_of(process_, "ELASTIC_APM_SEND_STRATEGY");
    to.string("strategy", strategy.empty() ? "syncflush" : strategy);
    const std::string memory{
        setting_of(process_, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE")};
    if (!memory.empty())
      to.integer("memory_mb", std::strtoll(memory.c_str(), nullptr, 10));
  }

  // -- an event --

  event_details details_of(const event_span& x) const {
    event_details found;
    for (auto i = x.first; i <= x.last; ++i) {
      const auto& record = shown_.at(i);
      const auto kind = static_cast<record_kind>(record.kind);
      if (kind == record_kind::enqueued) {
        const auto content = book_.read(record);
        if (content.type == "lambda_event" && content.fields.size() > 3)
          found.function_arn = content.fields[3].content.text;
        continue;
      }
      if (kind != record_kind::ledger && kind != record_kind::flush_begin)
        continue;
      const auto content = book_.read(record);
      if (schema_book::number(content, "event") == x.row.event)
        read_fact(kind, content, found);
    }
    return found;
  }

  static void read_fact(record_kind kind, const record_content& content,
                        event_details& to) {
    const auto number = [&](const char* name) {
      return schema_book::number(content, name);
    };
    if (kind == record_kind::flush_begin) {
      to.flush_lines = number("lines");
      to.flush_bytes = number("bytes");
    } else if (const auto* dropped = schema_book::find(content, "dropped")) {
      for (const auto& each : dropped->elements)
        to.dropped.push_back(each.number);
    }
  }

  void write_event(const event_span& x) {
    const auto& row = x.row;
    const auto details = details_of(x);
    ecs_object document{text_};
    document.string("@timestamp", wall_text(process_, row.begin_ns));
    document.string("message", sentence_of(x));
    add_common(document, x, details);
    auto event = document.object("event");
    event.string("kind", "event");
    event.strings("category", {"process"});
    event.strings("type", {row.end_ns ? "end" : "info"});
    event.string("module", "flushtrace");
    event.string("dataset", "flushtrace.event");
    event.string("action", "flush");
    event.string("outcome", x.outcome.is_missed() ? "failure"
                            : row.end_ns          ? "success"
                                                  : "unknown");
    event.integer("sequence", static_cast<int64_t>(row.record));
    event.string("start", wall_text(process_, row.begin_ns));
    if (row.end_ns) {
      event.string("end", wall_text(process_, *row.end_ns));
      event.integer("duration", elapsed_ns(row.begin_ns, *row.end_ns));
    }
    event.end();
    auto ours = document.object("flushtrace");
    add_flushtrace(ours, x);
    add_verdict(ours, x, details);
    add_causes(ours, x);
    add_posts(ours, x);
    ours.end();
    document.end();
    text_ += '\n';
  }

  static std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    size_t begin = 0;
    while (begin < text.size()) {
      const auto end = std::min(text.find(' ', begin), text.size());
      words.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    return words;
  }

  void add_verdict(ecs_object& to, const event_span& x,
                   const event_details& details) const {
    const auto& row = x.row;
    to.strings("verdict", words_of(x.verdict));
    to.boolean("missed", x.outcome.is_missed());
    to.string("winner", row.winner);
    if (row.slack_ns)
      to.number("slack_ms", ms_of(*row.slack_ns));
    if (row.winner_ns && row.end_ns)
      to.number("held_ms", ms_of(elapsed_ns(*row.winner_ns, *row.end_ns)));
    if (const auto given = signals_.find(row.event); given != signals_.end())
      to.strings("signals", given->second);
    auto lines = to.object("lines");
    const auto number = [&](const char* name, uint64_t count) {
      lines.integer(name, static_cast<int64_t>(count));
    };
    number("received", row.received);
    number("accepted", row.accepted);
    number("dropped", row.dropped);
    number("held", row.held);
    number("lost", x.outcome.lost);
    number("delayed", x.outcome.delayed);
    number("rejected", x.outcome.rejected);
    lines.end();
    if (row.dropped > 0)
      add_drops(to, details);
    if (x.flush_begin == no_record)
      return;
    auto flush = to.object("flush");
    flush.integer("lines", static_cast<int64_t>(details.flush_lines));
    flush.integer("bytes", static_cast<int64_t>(details.flush_bytes));
    if (x.flush_end != no_record && x.flush_why < why_names.size())
      flush.string("ended", why_names[x.flush_why]);
    flush.end();
  }

  static void add_drops(ecs_object& to, const event_details& details) {
    auto dropped = to.object("dropped");
    for (size_t i = 0; i < details.dropped.size() && i < drop_reasons.size();
         ++i)
      if (details.dropped[i] > 0)
        dropped.integer(drop_reasons[i],
                        static_cast<int64_t>(details.dropped[i]));
    dropped.end();
  }

  static void add_causes(ecs_object& to, const event_span& x) {
    if (x.findings.empty())
      return;
    const auto& primary = x.findings.front();
    to.string("cause", primary.what->id);
    std::vector<std::string> causes;
    for (const auto& each : x.findings)
      causes.emplace_back(each.what->id);
    to.strings("causes", causes);
    to.string("explanation", printable(primary.detail));
    to.string("remedy", printable(primary.fix.text));
    std::vector<int64_t> evidence;
    for (const auto sequence : primary.evidence)
      evidence.push_back(static_cast<int64_t>(sequence));
    to.integers("evidence", evidence);
  }

  /// Requests to the APM Server that were asked in the event.
  void add_posts(ecs_object& to, const event_span& x) const {
    const auto& requests = shown_.seen.requests;
    auto at = std::lower_bound(
        requests.begin(), requests.end(), x.first,
        [](const auto& a, uint32_t first) { return a.asked < first; });
    int64_t count = 0;
    int64_t failed = 0;
    int64_t longest = 0;
    std::vector<std::string> failures;
    for (; at != requests.end() && at->asked <= x.last; ++at) {
      if (at->is_to_lambda)
        continue;
      ++count;
      const bool has_end = at->answered != no_record;
      if (has_end)
        longest =
            std::max(longest, elapsed_ns(shown_.at(at->asked).time_ns,
                                         shown_.at(at->answered).time_ns));
      if (has_end && at->failure == 0 && at->status / 100 == 2)
        continue;
      ++failed;
      const auto why = !has_end           ? std::string{"open"}
                       : at->failure != 0 ? failure_name(at->failure)
                                          : std::to_string(at->status);
      if (std::find(failures.begin(), failures.end(), why) == failures.end())
        failures.push_back(why);
    }
    auto posts = to.object("requests");
    posts.integer("count", count);
    posts.integer("failed", failed);
    posts.number("longest_ms", ms_of(longest));
    posts.strings("failures", failures);
    posts.end();
  }

  // -- a record --

  void write_record(const event_span& x, uint32_t i) {
    const auto& record = shown_.at(i);
    const auto parts = printer_.parts(record);
    ecs_object document{text_};
    document.string("@timestamp", wall_text(process_, record.time_ns));
    document.string("message", parts.type.empty()
                                   ? parts.kind + ' ' + parts.fields
                                   : parts.kind + ' ' + parts.type);
    add_common(document, x, {});
    auto event = document.object("event");
    event.string("kind", "event");
    event.strings("category", {"process"});
    event.strings("type", {"info"});
    event.string("module", "flushtrace");
    event.string("dataset", "flushtrace.record");
    event.string("action", parts.kind);
    event.integer("sequence", static_cast<int64_t>(record.sequence));
    event.end();
    auto ours = document.object("flushtrace");
    add_flushtrace(ours, x);
    auto own = ours.object("record");
    own.integer("number", static_cast<int64_t>(record.sequence));
    if (record.cause != 0)
      own.integer("cause", static_cast<int64_t>(record.cause));
    own.integer("time_ns", record.time_ns);
    own.string("actor", printable(process_.content.name_of(record.actor)));
    own.string("lane",
               printable(shown_.seen.lanes[shown_.seen.steps[i].lane].name));
    own.string("kind", parts.kind);
    own.string("type", parts.type);
    own.string("fields", parts.fields);
    own.end();
    ours.end();
    document.end();
    text_ += '\n';
  }

  const shown_process& shown_;
  const process_trace& process_;
  schema_book book_;
  record_printer printer_;
  bool with_records_;
  std::map<uint64_t, std::vector<std::string>> signals_; ///< by event
  std::string text_;
};

} // namespace

std::string ecs_of(const std::vector<shown_process>& shown, bool with_records) {
  std::string text;
  for (const auto& x : shown)
    text += ecs_writer{x, with_records}.write();
  return text;
}

} // namespace flushtrace
